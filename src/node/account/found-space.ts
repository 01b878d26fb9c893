import { currentSuite } from "../blocks/link.ts";
import { asBoundaryKey, asEpochKey, keyBytes } from "../crypto/derive.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import { recipientOf } from "../crypto/recipients.ts";
import { type AccountSecret, accountKeys, overrideKey } from "./account.ts";
import {
  claimPseudonym,
  type DeviceSeed,
  deviceIdentity,
  devicePseudonym,
  deviceReceiveSeed,
} from "./device-keys.ts";
import { stateEpoch } from "./epoch-keys.ts";
import type { KeptSpace } from "./kept-space.ts";
import { extendRoster, foundRoster } from "./lists/roster.ts";
import { spaceNonceBytes } from "./lists/statement.ts";
import { bytesOf } from "./lists/statement-set.ts";

/**
 * Founds a space of an account: a roster with one device, and the first epoch. Each has another
 * override key and another pseudonym of the device, so that nobody sees which belong together.
 * @param input.secret - not kept: wipe it once the words are confirmed.
 * @returns what the device keeps of it; all that is public is in it as signed bytes.
 */
export async function foundSpace(
  primitives: Primitives,
  random: RandomBytes,
  input: {
    readonly secret: AccountSecret;
    readonly deviceSeed: DeviceSeed;
    /** Whether the device may change the roster without the words. */
    readonly admin: boolean;
  },
): Promise<KeptSpace> {
  const { secret, deviceSeed, admin } = input;
  const { recover } = await accountKeys(primitives, secret);
  const nonce = random(spaceNonceBytes);
  const override = overrideKey(primitives, secret, nonce);
  const identity = deviceIdentity(primitives, deviceSeed);
  const pseudonym = devicePseudonym(primitives, deviceSeed, nonce);
  const founded = foundRoster(primitives, override, nonce, currentSuite);
  const roster = extendRoster(primitives, founded, override, {
    kind: "add",
    member: { key: pseudonym.publicKey, admin },
  });
  const boundaryKey = asBoundaryKey(random(keyBytes));
  const epoch = await stateEpoch(primitives, random, {
    space: roster.space,
    key: asEpochKey(random(keyBytes)),
    boundaryKey,
    claims: [claimPseudonym(identity, pseudonym.publicKey, nonce)],
    readers: [
      {
        to: pseudonym.publicKey,
        recipient: await recipientOf(deviceReceiveSeed(primitives, deviceSeed)),
      },
      { to: override.publicKey, recipient: recover },
    ],
    signer: pseudonym,
  });
  return {
    id: roster.space,
    boundaryKey,
    epochKeys: [{ statement: epoch.statement.hash, key: epoch.key }],
    roster: bytesOf(roster),
    epochs: [epoch.statement.bytes],
  };
}
