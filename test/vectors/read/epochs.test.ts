import assert from "node:assert/strict";
import { asAccountSecret, overrideKey } from "../../../src/node/account/account.ts";
import { recoverEpochs } from "../../../src/node/account/create.ts";
import {
  asDeviceSeed,
  devicePseudonym,
  deviceReceiveSeed,
} from "../../../src/node/account/device-keys.ts";
import { type OpenEpoch, openEpoch, openEpochs } from "../../../src/node/account/epoch-keys.ts";
import { deviceReaders, mayRead } from "../../../src/node/account/epoch-readers.ts";
import { checkEpochs, currentEpoch, decodeEpoch } from "../../../src/node/account/epochs.ts";
import { openDeviceList } from "../../../src/node/account/lists/device-list.ts";
import { openRoster } from "../../../src/node/account/lists/roster.ts";
import { fromHex, toHex } from "../../../src/node/core/bytes.ts";
import { asSpaceId } from "../../../src/node/core/ids.ts";
import { asEpochKey } from "../../../src/node/crypto/derive.ts";
import { asPublicKey, asSignature } from "../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { refuses } from "../../blocks/refuses.ts";
import { publicCid } from "../make/account/account-inputs.make.ts";
import { readVectors } from "../vector-file.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail(`not hexadecimal: ${text}`);

interface Refused {
  readonly name: string;
  readonly code: "damaged" | "newer";
  readonly bytes: string;
}

describe("the vectors of epochs", () => {
  const vectors = readVectors("epochs") as {
    space: string;
    nonce: string;
    accountSecret: string;
    deviceSeeds: string[];
    epochs: {
      bytes: string;
      hash: string;
      cid: string;
      n: number;
      prev: string | null;
      check: string;
      readers: string[];
      signer: string;
      key: string;
      before: string | null;
      boundary: string;
      claims: string[][];
    }[];
    opens: { devices: number[][]; words: number[] };
    current: {
      rosters: string[][];
      statements: {
        hash: string;
        n: number;
        prev: string | null;
        check: string;
        readers: string[];
        signer: string;
        bytes: string;
      }[];
      cases: { name: string; roster: number; statements: number[]; current: number | null }[];
    };
    follows: { name: string; statements: string[]; holds: boolean }[];
    byKey: {
      opens: { key: string; bytes: string }[];
      refused: (Refused & { key: string })[];
    };
    opened: {
      statements: string[];
      cases: { name: string; statements: number[]; opens: number[] }[];
    };
    readers: {
      account: string;
      cases: {
        name: string;
        roster: string[];
        devices: string[];
        claims: [string, string, string][];
        boxedTo: [string, string][];
      }[];
    };
    refused: Refused[];
  };
  const space = asSpaceId(hex(vectors.space));
  const nonce = hex(vectors.nonce);
  const statements = vectors.epochs.map(({ bytes }) => decodeEpoch(primitives, hex(bytes)));
  const keysOf = (places: number[]): (string | undefined)[] =>
    places.map((place) => vectors.epochs[place]?.key);
  const keys = (opened: OpenEpoch[]): string[] => opened.map(({ key }) => toHex(key));

  it("are read and opened by their keys", () => {
    for (const [i, each] of vectors.epochs.entries()) {
      const statement = statements[i] ?? assert.fail();
      assert.deepEqual(
        [toHex(statement.hash), publicCid(statement.hash), statement.n, toHex(statement.check)],
        [each.hash, each.cid, each.n, each.check],
      );
      assert.equal(statement.prev === undefined ? null : toHex(statement.prev), each.prev);
      assert.equal(toHex(statement.signer), each.signer);
      assert.deepEqual(statement.space, space);
      assert.deepEqual(
        statement.boxes.map(({ to }) => toHex(to)),
        each.readers,
      );
      const opened = openEpoch(primitives, statement, asEpochKey(hex(each.key)));
      assert.equal(opened.before === undefined ? null : toHex(opened.before), each.before);
      assert.equal(toHex(opened.boundaryKey), each.boundary);
      assert.deepEqual(
        opened.claims.map(({ pseudonym, device, signature }) =>
          [pseudonym, device, signature].map(toHex),
        ),
        each.claims,
      );
    }
  });

  it("open by the boxes of the devices, and of the words", async () => {
    for (const [i, places] of vectors.opens.devices.entries()) {
      const seed = asDeviceSeed(hex(vectors.deviceSeeds[i] ?? ""));
      const { publicKey } = devicePseudonym(primitives, seed, nonce);
      const receive = deviceReceiveSeed(primitives, seed);
      const opened = await openEpochs(primitives, statements, publicKey, receive);
      assert.deepEqual(keys(opened), keysOf(places));
    }
    const secret = asAccountSecret(hex(vectors.accountSecret));
    const input = { space, nonce, statements };
    assert.deepEqual(
      keys(await recoverEpochs(primitives, secret, input)),
      keysOf(vectors.opens.words),
    );
    const { publicKey } = overrideKey(primitives, secret, nonce);
    assert.ok(vectors.epochs.every(({ readers }) => readers.includes(toHex(publicKey))));
  });

  it("are current where they must be", () => {
    const { rosters, cases } = vectors.current;
    const all = vectors.current.statements.map((each) => {
      const statement = decodeEpoch(primitives, hex(each.bytes));
      const { hash, n, prev, check, boxes, signer } = statement;
      assert.deepEqual(
        {
          hash: toHex(hash),
          n,
          prev: prev === undefined ? null : toHex(prev),
          check: toHex(check),
          readers: boxes.map(({ to }) => toHex(to)),
          signer: toHex(signer),
          bytes: each.bytes,
        },
        each,
      );
      return statement;
    });
    const read = rosters.map((said) => openRoster(primitives, space, said.map(hex)));
    for (const { name, roster, statements: places, current } of cases) {
      const by = read[roster] ?? assert.fail();
      const known = places.map((place) => all[place] ?? assert.fail());
      for (const list of [known, known.toReversed()]) {
        const found = currentEpoch(mayRead(by), by.root, list);
        assert.equal(found === undefined ? null : all.indexOf(found), current, name);
      }
    }
  });

  it("follow each other where they must", async () => {
    for (const { name, statements: said, holds } of vectors.follows) {
      const known = said.map((bytes) => decodeEpoch(primitives, hex(bytes)));
      const check = () => {
        checkEpochs(space, known);
      };
      if (holds) assert.doesNotThrow(check, name);
      else await refuses(check, "damaged");
    }
  });

  it("open by their key if it is theirs and what they hand on is whole", async () => {
    const open = ({ key, bytes }: { key: string; bytes: string }): OpenEpoch =>
      openEpoch(primitives, decodeEpoch(primitives, hex(bytes)), asEpochKey(hex(key)));
    for (const each of vectors.byKey.opens) assert.equal(toHex(open(each).key), each.key);
    assert.ok(vectors.byKey.refused.length > 10);
    for (const each of vectors.byKey.refused) {
      await assert.doesNotReject(
        refuses(() => open(each), each.code),
        each.name,
      );
    }
  });

  it("open all the same beside those that do not", async () => {
    const all = vectors.opened.statements.map((bytes) => decodeEpoch(primitives, hex(bytes)));
    const seed = asDeviceSeed(hex(vectors.deviceSeeds[0] ?? ""));
    const { publicKey } = devicePseudonym(primitives, seed, nonce);
    const receive = deviceReceiveSeed(primitives, seed);
    for (const { name, statements: places, opens } of vectors.opened.cases) {
      const known = places.map((place) => all[place] ?? assert.fail());
      const opened = await openEpochs(primitives, known, publicKey, receive);
      const found = opened.map(({ statement }) => all.indexOf(statement));
      assert.deepEqual(found, opens, name);
    }
  });

  it("are boxed to the devices that are in, by the recipients that they signed", () => {
    const account = asPublicKey(hex(vectors.readers.account));
    for (const { name, roster, devices, claims, boxedTo } of vectors.readers.cases) {
      const readers = deviceReaders(
        primitives,
        openRoster(primitives, space, roster.map(hex)),
        openDeviceList(primitives, account, devices.map(hex)),
        claims.map(([pseudonym, device, signature]) => ({
          pseudonym: asPublicKey(hex(pseudonym)),
          device: asPublicKey(hex(device)),
          signature: asSignature(hex(signature)),
        })),
      );
      const found = readers.map(({ to, recipient }) => [
        toHex(to),
        toHex(primitives.sha256(recipient)),
      ]);
      assert.deepEqual(found, boxedTo, name);
    }
  });

  it("are refused where they must be", async () => {
    assert.ok(vectors.refused.length > 10);
    for (const { code, name, bytes } of vectors.refused) {
      const read = refuses(() => decodeEpoch(primitives, hex(bytes)), code);
      await assert.doesNotReject(read, name);
    }
  });
});
