import assert from "node:assert/strict";
import { overrideKey } from "../../src/node/account/account.ts";
import { createAccount } from "../../src/node/account/create.ts";
import { deviceIdentity, devicePseudonym } from "../../src/node/account/device-keys.ts";
import { openEpoch } from "../../src/node/account/epoch-keys.ts";
import { deviceReaders, mayRead } from "../../src/node/account/epoch-readers.ts";
import { checkEpochs, currentEpoch, decodeEpoch } from "../../src/node/account/epochs.ts";
import { type PublicSpace, spaceOf } from "../../src/node/account/kept-space.ts";
import type { KeystoreContents } from "../../src/node/account/keystore-contents.ts";
import { type DeviceList, openDeviceList } from "../../src/node/account/lists/device-list.ts";
import { extendRoster, openRoster, type Roster } from "../../src/node/account/lists/roster.ts";
import { bytesOf } from "../../src/node/account/lists/statement-set.ts";
import {
  decodeStatements,
  encodeStatements,
  type PublicStatements,
} from "../../src/node/account/public-statements.ts";
import { recoverAccount } from "../../src/node/account/recover.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { equalBytes, toHex } from "../../src/node/core/bytes.ts";
import type { PublicKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { seededBytes, testSecret } from "./test-accounts.ts";

const random = seededBytes(61);
const secret = testSecret(1);
const instance = new Uint8Array(32).fill(1);
const recover = (statements: PublicStatements, by = secret): Promise<KeystoreContents> =>
  recoverAccount(nodePrimitives, random, { secret: by, statements, deviceName: "desk", instance });
const driveOf = <Space extends PublicSpace>({
  spaces,
  drive,
}: PublicStatements & { readonly spaces: readonly Space[] }): Space => spaceOf(spaces, drive);
const rosterOf = (statements: PublicStatements): Roster => {
  const { id, roster } = driveOf(statements);
  return openRoster(nodePrimitives, id, roster);
};
const listOf = ({ account, devices }: KeystoreContents): DeviceList =>
  openDeviceList(nodePrimitives, account, devices);
const pseudonymOf = (contents: KeystoreContents): PublicKey =>
  devicePseudonym(nodePrimitives, contents.deviceSeed, rosterOf(contents).founding.nonce).publicKey;
const epochsOf = (statements: PublicStatements) =>
  driveOf(statements).epochs.map((bytes) => decodeEpoch(nodePrimitives, bytes));
const currentOf = (contents: PublicStatements) => {
  const roster = rosterOf(contents);
  return currentEpoch(mayRead(roster), roster.root, epochsOf(contents)) ?? assert.fail();
};

let first: KeystoreContents;
let again: KeystoreContents;
before(async () => {
  first = await createAccount(nodePrimitives, random, { secret, deviceName: "laptop", instance });
  again = await recover(first);
});

describe("an account regained by the words", () => {
  it("has one more device, which may write to its space and may change no list", () => {
    assert.deepEqual([again.account, again.drive], [first.account, first.drive]);
    assert.equal(again.deviceName, "desk");
    const identity = deviceIdentity(nodePrimitives, again.deviceSeed).publicKey;
    const { present } = listOf(again).standing;
    assert.equal(present.size, 2);
    assert.equal(present.get(identity)?.admin, false);
    const members = rosterOf(again).standing.present;
    assert.equal(members.size, 2);
    assert.equal(members.get(pseudonymOf(again))?.admin, false);
  });

  it("restates nothing: what was said before is there, and a statement more of each", () => {
    const [before, after] = [driveOf(first), driveOf(again)];
    for (const [was, is] of [
      [first.devices, again.devices],
      [before.roster, after.roster],
      [before.epochs, after.epochs],
    ] as const) {
      const known = new Set(is.map(toHex));
      for (const bytes of was) assert.ok(known.has(toHex(bytes)));
      assert.equal(is.length, was.length + 1);
    }
  });

  it("keeps its key, boxed to all devices and the words", () => {
    const current = currentOf(again);
    assert.deepEqual(current.check, epochsOf(first)[0]?.check);
    checkEpochs(again.drive, epochsOf(again));
    assert.deepEqual(
      new Set(current.boxes.map(({ to }) => toHex(to))),
      new Set([pseudonymOf(first), pseudonymOf(again), rosterOf(again).root].map(toHex)),
    );
    assert.deepEqual(driveOf(again).boundaryKey, driveOf(first).boundaryKey);
    const { key } = driveOf(again).epochKeys.at(-1) ?? assert.fail();
    assert.deepEqual(key, driveOf(first).epochKeys[0]?.key);
    assert.equal(openEpoch(nodePrimitives, current, key).claims.length, 2);
  });

  it("draws a new key once a device is out that had the old one", async () => {
    const override = overrideKey(nodePrimitives, secret, rosterOf(first).founding.nonce);
    const off = extendRoster(nodePrimitives, rosterOf(again), override, {
      kind: "revoke",
      member: { key: pseudonymOf(first), cuts: [] },
    });
    const third = await recover({
      ...again,
      spaces: [{ ...driveOf(again), roster: bytesOf(off) }],
    });
    const current = currentOf(third);
    assert.notDeepEqual(current.check, epochsOf(first)[0]?.check);
    assert.deepEqual(
      new Set(current.boxes.map(({ to }) => toHex(to))),
      new Set([pseudonymOf(again), pseudonymOf(third), off.root].map(toHex)),
    );
    const opened = driveOf(third).epochKeys.map(({ statement }) => toHex(statement));
    assert.equal(opened.length, 3, "the old ones open, too");
  });

  it("is that of no other words", async () => {
    await refuses(
      () => recover(first, testSecret(2)),
      "wrong-passphrase",
      /those of another account/u,
    );
  });

  it("is not regained without a key that the words open", async () => {
    await refuses(
      () => recover({ ...first, spaces: [{ ...driveOf(first), epochs: [] }] }),
      "damaged",
      /no key of the drive opens/u,
    );
  });
});

describe("the devices to which an epoch is boxed", () => {
  it("are those in the roster and on the list, each by the recipient that it signed", () => {
    const current = currentOf(again);
    const { key } = driveOf(again).epochKeys.at(-1) ?? assert.fail();
    const { claims } = openEpoch(nodePrimitives, current, key);
    const readers = deviceReaders(nodePrimitives, rosterOf(again), listOf(again), claims);
    assert.deepEqual(
      new Set(readers.map(({ to }) => toHex(to))),
      new Set([pseudonymOf(first), pseudonymOf(again)].map(toHex)),
    );
    for (const { recipient } of readers) {
      const devices = [...listOf(again).standing.present.values()];
      assert.ok(devices.some(({ receive }) => equalBytes(receive, recipient)));
    }
  });

  it("are none of which the claim does not hold, the list or the roster does not know", () => {
    const { key } = driveOf(again).epochKeys.at(-1) ?? assert.fail();
    const { claims } = openEpoch(nodePrimitives, currentOf(again), key);
    const [one, other] = claims;
    assert.ok(one && other);
    const mixed = { ...one, device: other.device };
    assert.deepEqual(deviceReaders(nodePrimitives, rosterOf(again), listOf(again), [mixed]), []);
    const [shortList, shortRoster] = [listOf(first), rosterOf(first)];
    assert.equal(deviceReaders(nodePrimitives, rosterOf(again), shortList, claims).length, 1);
    assert.equal(deviceReaders(nodePrimitives, shortRoster, listOf(again), claims).length, 1);
  });
});

describe("what an account says in public", () => {
  const known = (): PublicStatements => {
    const { drive, devices, spaces } = again;
    return {
      drive,
      devices,
      spaces: spaces.map(({ id, roster, epochs }) => ({ id, roster, epochs })),
    };
  };

  it("is encoded one way and read back", () => {
    assert.deepEqual(decodeStatements(encodeStatements(known())), known());
    assert.deepEqual(encodeStatements(again), encodeStatements(known()), "and nothing else");
  });

  it("is refused if a field is missing, malformed or unknown", async () => {
    const fields = decodeCanonical(encodeStatements(known()), "") as Record<string, CborValue>;
    const changed = (changes: Record<string, CborValue>) => () =>
      decodeStatements(encodeCanonical({ ...fields, ...changes }));
    await refuses(changed({ version: 2 }), "newer");
    await refuses(changed({ rosters: [] }), "newer", /"rosters"/u);
    await refuses(changed({ drive: new Uint8Array(31) }), "damaged");
    await refuses(changed({ drive: new Uint8Array(32) }), "damaged", /lack that of the account/u);
    await refuses(changed({ spaces: [[again.drive, [], [1]]] }), "damaged");
    for (const name of Object.keys(fields)) {
      const rest = Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name));
      await refuses(() => decodeStatements(encodeCanonical(rest)), "damaged");
    }
  });
});
