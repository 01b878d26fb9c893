import {
  type AccountSecret,
  asAccountSecret,
  overrideKey,
} from "../../src/node/account/account.ts";
import {
  asDeviceSeed,
  type DeviceSeed,
  deviceIdentity,
  devicePseudonym,
} from "../../src/node/account/device-keys.ts";
import { type Device, introduceDevice } from "../../src/node/account/lists/device-list.ts";
import { extendRoster, foundRoster, type Roster } from "../../src/node/account/lists/roster.ts";
import { encodeSigned } from "../../src/node/account/signed-record.ts";
import { type CborValue, decodeCanonical } from "../../src/node/blocks/cbor.ts";
import { currentSuite } from "../../src/node/blocks/link.ts";
import type { SignatureDomain } from "../../src/node/crypto/domains.ts";
import type { RandomBytes } from "../../src/node/crypto/primitives.ts";
import { asRecipient } from "../../src/node/crypto/recipients.ts";
import type { SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { randomBytes, seeded } from "../blocks/random.ts";

/** Randomness that is the same in every run. */
export function seededBytes(seed: number): RandomBytes {
  const random = seeded(seed);
  return (length) => randomBytes(random, length);
}

/** An account's secret that no two numbers share. */
export const testSecret = (number: number): AccountSecret =>
  asAccountSecret(new Uint8Array(32).fill(number));

/** A device's seed that no two numbers share. */
export function testDeviceSeed(number: number): DeviceSeed {
  const seed = new Uint8Array(32).fill(number);
  if (number > 255) new DataView(seed.buffer).setUint32(0, number);
  return asDeviceSeed(seed);
}

/** A recipient that nobody opens: only for lists, where making a real one would take long. */
export const testRecipient = asRecipient(new Uint8Array(1216).fill(7));

/** The identity of a device. */
export const testIdentity = (number: number): SigningKey =>
  deviceIdentity(nodePrimitives, testDeviceSeed(number));

/** The root key of the account whose lists are tried. */
export const testRoot = testIdentity(100);

/** A device as it asks to be added to the list of {@link testRoot}. */
export const testDevice = (number: number, admin = true): Device =>
  introduceDevice(testRoot.publicKey, testIdentity(number), testRecipient, admin);

export const testNonce = new Uint8Array(16).fill(0x4e);

/** The pseudonym of a device in the space of {@link testNonce}. */
export const testPseudonym = (number: number): SigningKey =>
  devicePseudonym(nodePrimitives, testDeviceSeed(number), testNonce);

/** The key by which the words of {@link testSecret} 1 override the roster of that space. */
export const testOverride = overrideKey(nodePrimitives, testSecret(1), testNonce);

/** The roster of that space, to which the words added these devices, all of which may change it. */
export function testRoster(...devices: number[]): Roster {
  const founded = foundRoster(nodePrimitives, testOverride, testNonce, currentSuite);
  return devices.reduce(
    (roster, number) =>
      extendRoster(nodePrimitives, roster, testOverride, {
        kind: "add",
        member: { key: testPseudonym(number).publicKey, admin: true },
      }),
    founded,
  );
}

/**
 * A signed record with some fields changed (`undefined`: left out), signed anew: as somebody makes it
 * who has the key and keeps no rule.
 */
export function resigned(
  bytes: Uint8Array,
  key: SigningKey,
  domain: SignatureDomain,
  changes: Readonly<Record<string, CborValue | undefined>>,
): Uint8Array {
  const fields = decodeCanonical(bytes, "a record") as Readonly<Record<string, CborValue>>;
  const changed: Record<string, CborValue> = {};
  for (const [name, value] of Object.entries({ ...fields, ...changes })) {
    if (name !== "signature" && value !== undefined) changed[name] = value;
  }
  return encodeSigned(changed, key, domain);
}
