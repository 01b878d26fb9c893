import { accountKeys } from "../../../../src/node/account/account.ts";
import {
  claimPseudonym,
  deviceIdentity,
  type PseudonymClaim,
} from "../../../../src/node/account/device-keys.ts";
import { deviceReaders } from "../../../../src/node/account/epoch-readers.ts";
import { introduceDevice, openDeviceList } from "../../../../src/node/account/lists/device-list.ts";
import { openRoster } from "../../../../src/node/account/lists/roster.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { asRecipient } from "../../../../src/node/crypto/recipients.ts";
import type { SigningKey } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { accountSecret, deviceSeeds, spaceNonce } from "../account/account-inputs.make.ts";
import { DeviceStory, type Said } from "../lists/device-story.make.ts";
import { addTo, firstRoster, override, pseudonyms, type RosterSaid } from "../lists/roster-story.make.ts";
import { signOn } from "../lists/statements.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** To whom a new epoch is boxed, by roster, device list and claims. */
export async function epochReaders(): Promise<VectorValue> {
  const { root } = await accountKeys(primitives, accountSecret);
  const identities = deviceSeeds.map((seed) => deviceIdentity(primitives, seed));
  const claims = identities.map((identity, i) =>
    claimPseudonym(identity, (pseudonyms[i] as SigningKey).publicKey, spaceNonce),
  );
  const [ofAnn, ofBen, ofCid] = claims as [PseudonymClaim, PseudonymClaim, PseudonymClaim];
  const story = new DeviceStory(root);
  const listed = identities.reduce<Said[]>((said, identity, i) => {
    const recipient = asRecipient(new Uint8Array(1216).fill(1 + i));
    const member = introduceDevice(root.publicKey, identity, recipient, false);
    return [...said, story.say(root, { kind: "add", member }, ...said.slice(-1))];
  }, []);
  const known = [...firstRoster.statements.values()];
  const last = known.at(-1) as RosterSaid;
  const all = [...known, signOn(firstRoster, override, [last], addTo(pseudonyms[2], false))];
  const byAnother = { ...ofBen, device: ofAnn.device };
  const elsewhere = claimPseudonym(
    identities[0] as SigningKey,
    ofAnn.pseudonym,
    new Uint8Array(16),
  );
  const cases: [name: string, roster: RosterSaid[], devices: Said[], PseudonymClaim[]][] = [
    ["all who are in, by the recipients of the list", all, listed, claims],
    ["a device that is not on the list", all, listed.slice(0, 2), claims],
    ["a pseudonym that is not in", known, listed, claims],
    ["some who claim nothing", all, listed, [ofCid]],
    ["a claim that its device did not sign", all, listed, [byAnother, ofCid]],
    ["a claim for another space", all, listed, [elsewhere, ofBen]],
    ["nobody", all, listed, []],
  ];
  const bytesOf = (said: readonly (Said | RosterSaid)[]): Uint8Array[] =>
    said.map(({ bytes }) => bytes);
  return {
    account: toHex(root.publicKey),
    cases: cases.map(([name, roster, devices, told]) => ({
      name,
      roster: bytesOf(roster).map(toHex),
      devices: bytesOf(devices).map(toHex),
      claims: told.map(({ pseudonym, device, signature }) =>
        [pseudonym, device, signature].map(toHex),
      ),
      boxedTo: deviceReaders(
        primitives,
        openRoster(primitives, firstRoster.space, bytesOf(roster)),
        openDeviceList(primitives, root.publicKey, bytesOf(devices)),
        told,
      ).map(({ to, recipient }) => [toHex(to), toHex(primitives.sha256(recipient))]),
    })),
  };
}
