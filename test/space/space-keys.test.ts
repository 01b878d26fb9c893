import assert from "node:assert/strict";
import { decodeEpoch } from "../../src/node/account/epochs.ts";
import type { KeptSpace } from "../../src/node/account/kept-space.ts";
import type { KeystoreContents } from "../../src/node/account/keystore-contents.ts";
import { holdsCertificate } from "../../src/node/account/writers.ts";
import { epochKeys } from "../../src/node/crypto/derive.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import { type SpaceKeys, spaceKeys } from "../../src/node/space/space-keys.ts";
import { refuses } from "../blocks/refuses.ts";
import {
  addTestDevice,
  driveOf,
  makeTestAccount,
  pseudonymOf,
  type TestAccount,
  withNewEpoch,
  withoutDevice,
} from "../support/devices.ts";

const derivedOf = ({ epochKeys: known }: KeptSpace): ReturnType<typeof epochKeys>[] =>
  known.map(({ key }) => epochKeys(primitives, key));

/** Checks which of a space's epochs is written, by its place. */
function writes(keys: SpaceKeys, space: KeptSpace, place: number): void {
  const { contentKey, headKey, saltKey } = derivedOf(space).at(place) ?? assert.fail();
  assert.deepEqual(
    keys.epoch,
    decodeEpoch(primitives, space.epochs.at(place) ?? assert.fail()).hash,
  );
  assert.deepEqual([keys.contentKey, keys.headKey, keys.saltKey], [contentKey, headKey, saltKey]);
  assert.deepEqual(keys.headKeys[0], headKey);
}

describe("the keys of a space", () => {
  let account: TestAccount;
  let laptop: KeystoreContents;
  let desk: KeystoreContents;
  let space: KeptSpace;

  before(async () => {
    account = await makeTestAccount();
    desk = await addTestDevice(account, account.laptop);
    space = driveOf(desk);
    laptop = account.laptop;
  });

  const keysOf = (kept: KeptSpace, device = laptop): SpaceKeys =>
    spaceKeys(primitives, kept, device);

  it("are of the epoch that counts, and open the heads of every other", async () => {
    writes(keysOf(driveOf(laptop)), driveOf(laptop), 0);
    // What was stated second repeats the key for one more reader.
    writes(keysOf(space), space, 1);
    assert.equal(new Set(derivedOf(space).map(({ headKey }) => headKey.join())).size, 1);
    const later = await withNewEpoch(space, laptop, desk);
    const keys = keysOf(later);
    writes(keys, later, 2);
    assert.deepEqual(
      keys.headKeys,
      [2, 0].map((place) => derivedOf(later)[place]?.headKey),
    );
    assert.equal(keys.refusal, undefined);
    assert.deepEqual(keysOf(later, desk).contentKey, keys.contentKey);
  });

  it("certify each device's writer by its pseudonym", () => {
    for (const device of [laptop, desk]) {
      const { certificate, writer, writerKey } = keysOf(space, device);
      assert.equal(writer, device.writer);
      assert.deepEqual(certificate.device, pseudonymOf(device).publicKey);
      assert.ok(holdsCertificate(primitives, certificate, space.id, writerKey.publicKey));
    }
  });

  it("know a key by what another statement says of it", () => {
    const [first, second] = space.epochKeys;
    assert.ok(first !== undefined && second !== undefined);
    const keys = keysOf({ ...space, epochKeys: [first] });
    writes(keys, space, 1);
    assert.equal(keys.refusal, undefined);
  });

  it("refuse to write for a device that was taken out, and still read", () => {
    const keys = keysOf(withoutDevice(account, space, desk), desk);
    assert.equal(keys.refusal?.code, "may-not-write");
    assert.match(keys.refusal.message, /was taken out of the drive.*24 words/u);
    assert.deepEqual(keys.headKeys, keysOf(space).headKeys);
  });

  it("refuse to write with a key that a device knows that was taken out", async () => {
    const bare = withoutDevice(account, space, desk);
    const keys = keysOf(bare);
    assert.equal(keys.refusal?.code, "may-not-write");
    assert.match(keys.refusal.message, /no key that it does not know has been drawn/u);
    const fresh = await withNewEpoch(bare, laptop);
    assert.equal(keysOf(fresh).refusal, undefined);
    writes(keysOf(fresh), fresh, 2);
  });

  it("refuse to write where the key that counts is not known, and still read", async () => {
    const later = await withNewEpoch(space, laptop, desk);
    const keys = keysOf({ ...later, epochKeys: space.epochKeys });
    assert.match(keys.refusal?.message ?? "", /has not been handed to it/u);
    assert.deepEqual(keys.headKeys, keysOf(space).headKeys);
  });

  it("are refused if there is none, or a statement follows none that is there", async () => {
    await refuses(() => keysOf({ ...space, epochKeys: [] }), "damaged");
    await refuses(() => keysOf({ ...space, epochs: space.epochs.slice(1) }), "damaged");
    await refuses(() => keysOf({ ...space, roster: space.roster.slice(1) }), "damaged");
  });
});
