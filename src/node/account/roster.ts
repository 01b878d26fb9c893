import type { CborValue } from "../blocks/cbor.ts";
import { asBytes, asInteger, asList, asTuple, refuseShape } from "../blocks/shape.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asSpaceId, type SpaceId } from "../core/ids.ts";
import { signatureDomains } from "../crypto/domains.ts";
import type { Primitives } from "../crypto/primitives.ts";
import type { PublicKey, SigningKey } from "../crypto/sign.ts";
import { type Cut, decodeCuts, encodeCuts, joinCuts } from "./cuts.ts";
import {
  asAscending,
  ascending,
  asKeyField,
  checkAscending,
  checkSignature,
  decodeSigned,
  encodeSigned,
  type Fields,
  hashBytes,
} from "./signed-record.ts";

/** A device that was taken out of a space, and what of it still counts. */
export interface DeviceCut {
  /** Its pseudonym. */
  readonly device: PublicKey;
  readonly cuts: readonly Cut[];
}

/** Who may write to a space, and how it is written. */
export interface RosterTerms {
  /** The suite in which new blocks are sealed. */
  readonly suite: number;
  /** Pseudonyms of the devices that may write. */
  readonly devices: readonly PublicKey[];
  /** Devices that were taken out; none ever comes back. */
  readonly cuts: readonly DeviceCut[];
  /** The pseudonyms that may sign the next roster. */
  readonly signers: readonly PublicKey[];
}

/** One roster of a space: what mirrors know of its members. FORMAT §10.8. */
export interface Roster extends RosterTerms {
  /** SHA-256 of {@link bytes}; of the first, the space's id. */
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
  /** 1 for the first, one more for each that follows. */
  readonly n: number;
  /** How many of the rosters after the first the override key signed. */
  readonly era: number;
  readonly space: SpaceId;
  /** 16 random bytes, drawn with the first roster and the same in all. */
  readonly nonce: Uint8Array;
  /** The key that the words yield for this space: its signature always holds. */
  readonly override: PublicKey;
  /** The hash of the roster before; absent in the first. */
  readonly prev?: Uint8Array;
  readonly signer: PublicKey;
}

/** Length of a space's nonce in bytes. */
export const spaceNonceBytes = 16;
/** The most devices of a space, those taken out not counted. */
export const maxDevices = 256;
/** The most devices that may have been taken out of a space. */
const maxCutDevices = 1024;
/** The largest roster in bytes. */
export const maxRosterBytes = 512 * 1024;

const what = "a roster";
const rosterVersion = 1;
const fieldNames = [
  "n",
  "era",
  "nonce",
  "override",
  "space?",
  "prev?",
  "suite",
  "devices",
  "cuts",
  "signers",
  "signer",
];

function encodeTerms(terms: RosterTerms): Fields {
  const cuts = terms.cuts
    .toSorted((a, b) => compareBytes(a.device, b.device))
    .map((cut): CborValue => [cut.device, encodeCuts(cut.cuts)]);
  return {
    suite: terms.suite,
    devices: ascending(terms.devices),
    cuts,
    signers: ascending(terms.signers),
  };
}

/**
 * Signs the first roster of a space; its hash becomes the space's id.
 * @param nonce - 16 random bytes.
 * @param override - made of the same nonce; signs.
 */
export function foundRoster(
  primitives: Primitives,
  override: SigningKey,
  nonce: Uint8Array,
  terms: Omit<RosterTerms, "cuts">,
): Roster {
  const { publicKey } = override;
  const fields = {
    version: rosterVersion,
    n: 1,
    era: 0,
    nonce,
    override: publicKey,
    ...encodeTerms({ ...terms, cuts: [] }),
    signer: publicKey,
  };
  return decodeRoster(primitives, encodeSigned(fields, override, signatureDomains.roster));
}

/**
 * Signs the roster that follows another. Cuts of the one before are kept.
 * @throws usage, if the signer may not, or a device that was taken out would come back.
 */
export function followRoster(
  primitives: Primitives,
  before: Roster,
  signer: SigningKey,
  terms: RosterTerms,
): Roster {
  const overrides = equalBytes(signer.publicKey, before.override);
  if (!overrides && !holds(before.signers, signer.publicKey)) {
    throw new CloudError("usage", "this device may not sign the next roster of the space");
  }
  const cuts = joinDeviceCuts(before.cuts, terms.cuts);
  const returned = terms.devices.find((device) =>
    cuts.some((cut) => equalBytes(cut.device, device)),
  );
  if (returned !== undefined) {
    throw new CloudError("usage", "a device that was taken out of the space can't come back");
  }
  const fields = {
    version: rosterVersion,
    n: before.n + 1,
    era: before.era + (overrides ? 1 : 0),
    nonce: before.nonce,
    override: before.override,
    space: before.space,
    prev: before.hash,
    ...encodeTerms({ ...terms, cuts }),
    signer: signer.publicKey,
  };
  return decodeRoster(primitives, encodeSigned(fields, signer, signatureDomains.roster));
}

/**
 * Reads a roster and checks its signature. Whether it may follow another is {@link checkFollows}.
 * @throws newer, damaged
 */
export function decodeRoster(primitives: Primitives, bytes: Uint8Array): Roster {
  const record = decodeSigned(bytes, what, rosterVersion, fieldNames, maxRosterBytes);
  const { fields } = record;
  const signer = asKeyField(fields["signer"], `the signer of ${what}`);
  checkSignature(primitives, record, signer, signatureDomains.roster, what);
  const n = asInteger(fields["n"], `the number of ${what}`, 1);
  const isFirst = n === 1;
  if ("space" in fields === isFirst || "prev" in fields === isFirst) {
    refuseShape(what, "the fields space and prev in all but the first");
  }
  const hash = primitives.sha256(bytes);
  const roster: Roster = {
    hash,
    bytes,
    n,
    era: asInteger(fields["era"], `the era of ${what}`, 0, n - 1),
    space: asSpaceId(isFirst ? hash : asBytes(fields["space"], `the space of ${what}`, 32)),
    nonce: asBytes(fields["nonce"], `the nonce of ${what}`, spaceNonceBytes),
    override: asKeyField(fields["override"], `the override key of ${what}`),
    ...(isFirst ? {} : { prev: asBytes(fields["prev"], `what ${what} follows`, hashBytes) }),
    suite: asInteger(fields["suite"], `the suite of ${what}`, 1, 255),
    devices: asKeys(fields["devices"], `the devices of ${what}`),
    cuts: decodeDeviceCuts(fields["cuts"]),
    signers: asKeys(fields["signers"], `the signers of ${what}`),
    signer,
  };
  if (isFirst && !equalBytes(signer, roster.override)) {
    refuseShape(what, "the first to be signed by the override key");
  }
  if (roster.cuts.some(({ device }) => holds(roster.devices, device))) {
    refuseShape(what, "no device that was taken out");
  }
  return roster;
}

function asKeys(value: CborValue | undefined, name: string): PublicKey[] {
  return asAscending(value, name, 32, maxDevices).map((key) => asKeyField(key, name));
}

function decodeDeviceCuts(value: CborValue | undefined): DeviceCut[] {
  const name = `the cuts of ${what}`;
  const cuts = asList(value, name).map((item) => {
    const [device, deviceCuts] = asTuple(item, 2, name);
    return { device: asKeyField(device, name), cuts: decodeCuts(deviceCuts, name) };
  });
  checkAscending(
    cuts.map(({ device }) => device),
    name,
    maxCutDevices,
  );
  return cuts;
}

/**
 * Refuses a roster that may not follow the one before.
 * @throws damaged, if it names another space or roster before it, is not signed by one of those that
 * may sign, or loses or takes back a cut.
 */
export function checkFollows(before: Roster, next: Roster): void {
  const refuse = (why: string): never => {
    throw new CloudError("damaged", `roster ${next.n.toString()} of a space ${why}`);
  };
  if (next.prev === undefined || !equalBytes(next.prev, before.hash)) {
    refuse("does not follow the one before");
  }
  if (next.n !== before.n + 1) refuse(`follows number ${before.n.toString()}`);
  if (!equalBytes(next.space, before.space)) refuse("names another space");
  if (!equalBytes(next.nonce, before.nonce)) refuse("has another nonce");
  if (!equalBytes(next.override, before.override)) refuse("has another override key");
  const overrides = equalBytes(next.signer, before.override);
  if (!overrides && !holds(before.signers, next.signer)) {
    refuse("is signed by a key that the one before does not allow");
  }
  if (next.era !== before.era + (overrides ? 1 : 0)) refuse("miscounts its era");
  for (const cut of before.cuts) {
    const kept = next.cuts.find(({ device }) => equalBytes(device, cut.device));
    if (kept === undefined) refuse("lets a device back that was taken out");
  }
}

/**
 * Reads the rosters of a space, the first to the latest.
 * @returns the latest.
 * @throws newer; damaged, also if the first is not the one that the space is named after.
 */
export function openRosters(
  primitives: Primitives,
  space: SpaceId,
  rosters: readonly Uint8Array[],
): Roster {
  let latest: Roster | undefined;
  for (const bytes of rosters) {
    const next = decodeRoster(primitives, bytes);
    if (latest !== undefined) checkFollows(latest, next);
    else if (next.n !== 1 || !equalBytes(next.hash, space)) {
      throw new CloudError(
        "damaged",
        "the first roster is not the one that the space is named after",
      );
    }
    latest = next;
  }
  if (latest === undefined) throw new CloudError("damaged", "a space has no roster");
  return latest;
}

/**
 * Which of two rosters of one space counts: the one with more signatures of the override key, so that
 * the words win against any number of rosters by a stolen device; then the longer chain; then the
 * larger hash. Negative, zero or positive.
 */
export function compareRosters(a: Roster, b: Roster): number {
  return a.era - b.era || a.n - b.n || compareBytes(a.hash, b.hash);
}

function holds(keys: readonly PublicKey[], key: PublicKey): boolean {
  return keys.some((each) => equalBytes(each, key));
}

function joinDeviceCuts(a: readonly DeviceCut[], b: readonly DeviceCut[]): DeviceCut[] {
  const joined = [...a];
  for (const cut of b) {
    const at = joined.findIndex(({ device }) => equalBytes(device, cut.device));
    const known = joined[at];
    if (known === undefined) joined.push(cut);
    else joined[at] = { device: cut.device, cuts: joinCuts(known.cuts, cut.cuts) };
  }
  return joined;
}
