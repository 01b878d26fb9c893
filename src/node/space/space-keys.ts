import { devicePseudonym, holdsClaim, type PseudonymClaim } from "../account/device-keys.ts";
import { openEpoch } from "../account/epoch-keys.ts";
import { mayRead } from "../account/epoch-readers.ts";
import {
  checkEpochs,
  compareEpochs,
  currentEpoch,
  decodeEpoch,
  type EpochStatement,
} from "../account/epochs.ts";
import type { KeptSpace } from "../account/kept-space.ts";
import type { OwnDevice, OwnWriter } from "../account/keystore-contents.ts";
import { openRoster, type Roster } from "../account/lists/roster.ts";
import { type Certificate, certifyWriter, writerHeadKey } from "../account/writers.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { IdMap, type ReadonlyIdMap } from "../core/id-map.ts";
import {
  type BoundaryKey,
  type ContentKey,
  type EpochKey,
  type EpochKeys,
  epochKeys,
  type HeadKey,
  type SaltKey,
} from "../crypto/derive.ts";
import type { Primitives } from "../crypto/primitives.ts";
import type { PublicKey, SigningKey } from "../crypto/sign.ts";

/** As whom a device writes to a space. */
export interface SpaceVoice {
  readonly writer: OwnWriter;
  /** Signs this writer's heads. */
  readonly writerKey: SigningKey;
  /** By the device's pseudonym. */
  readonly certificate: Certificate;
}

/** What one writer of a device reads and writes a space with, as far as is known at one time. */
export interface SpaceKeys extends SpaceVoice {
  readonly roster: Roster;
  readonly boundaryKey: BoundaryKey;
  /** Hash of the statement of the epoch that is written: 32 bytes. */
  readonly epoch: Uint8Array;
  readonly contentKey: ContentKey;
  readonly headKey: HeadKey;
  readonly saltKey: SaltKey;
  /** Of every epoch that is known, the written one first, then the latest. */
  readonly headKeys: readonly HeadKey[];
  /** Pseudonym → identity, as the devices claim that may read. */
  readonly devices: ReadonlyIdMap<PublicKey, PublicKey>;
  /** Why nothing may be written with them; absent, where it may. */
  readonly refusal?: CloudError;
}

/**
 * The keys of a space.
 * @param kept - what the keystore has of it.
 * @param device - whose pseudonym and writer it is written by.
 * @throws damaged, if there are none or a statement is not sound; newer
 */
export function spaceKeys(
  primitives: Primitives,
  kept: KeptSpace,
  device: Pick<OwnDevice, "deviceSeed" | "writer">,
): SpaceKeys {
  const roster = openRoster(primitives, kept.id, kept.roster);
  const voice = voiceOf(primitives, roster, device);
  const isIn = roster.standing.present.has(voice.certificate.device);
  const epochs = openKept(primitives, kept);
  const { written, refusal } = writtenEpoch(roster, epochs, isIn);
  const { contentKey, headKey, saltKey } = written.keys;
  const later = epochs.opened.toReversed().map(({ keys }) => keys.headKey);
  return {
    ...voice,
    roster,
    boundaryKey: kept.boundaryKey,
    epoch: written.statement.hash,
    contentKey,
    headKey,
    saltKey,
    headKeys: [...new Set([headKey, ...later])],
    devices: devicesOf(primitives, roster, epochs),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** The same keys for another writer of the device. */
export function writtenBy(
  primitives: Primitives,
  keys: SpaceKeys,
  device: Pick<OwnDevice, "deviceSeed" | "writer">,
): SpaceKeys {
  return { ...keys, ...voiceOf(primitives, keys.roster, device) };
}

/** Overwrites the keys: nothing may use them any more. Those that sign are held by the system's library. */
export function wipeSpaceKeys({ boundaryKey, contentKey, saltKey, headKeys }: SpaceKeys): void {
  for (const key of [boundaryKey, contentKey, saltKey, ...headKeys]) key.fill(0);
}

function voiceOf(
  primitives: Primitives,
  { space, founding }: Roster,
  { deviceSeed, writer }: Pick<OwnDevice, "deviceSeed" | "writer">,
): SpaceVoice {
  const pseudonym = devicePseudonym(primitives, deviceSeed, founding.nonce);
  const writerKey = writerHeadKey(primitives, writer.seed, space);
  const certificate = certifyWriter(pseudonym, space, writer.id, writerKey.publicKey);
  return { writer, writerKey, certificate };
}

interface KeptEpoch {
  readonly statement: EpochStatement;
  readonly key: EpochKey;
  readonly keys: EpochKeys;
}

interface KeptEpochs {
  readonly statements: readonly EpochStatement[];
  /** Those whose key is known, in the order of `compareEpochs`. */
  readonly opened: readonly KeptEpoch[];
}

function openKept(primitives: Primitives, kept: KeptSpace): KeptEpochs {
  const statements = kept.epochs.map((bytes) => decodeEpoch(primitives, bytes));
  checkEpochs(kept.id, statements);
  // By the check: a statement that repeats a key is known by it.
  const known = new IdMap(
    kept.epochKeys.map(({ key }) => {
      const keys = epochKeys(primitives, key);
      return [keys.check, { key, keys }] as const;
    }),
  );
  const opened = statements.toSorted(compareEpochs).flatMap((statement): KeptEpoch[] => {
    const found = known.get(statement.check);
    return found === undefined ? [] : [{ statement, ...found }];
  });
  return { statements, opened };
}

function devicesOf(
  primitives: Primitives,
  { founding }: Roster,
  { opened }: KeptEpochs,
): ReadonlyIdMap<PublicKey, PublicKey> {
  const devices = new IdMap<PublicKey, PublicKey>();
  for (const { statement, key } of opened) {
    for (const claim of claimsOf(primitives, statement, key)) {
      if (devices.has(claim.pseudonym) || !holdsClaim(primitives, claim, founding.nonce)) continue;
      devices.set(claim.pseudonym, claim.device);
    }
  }
  return devices;
}

/** What an epoch hands on of who is who. One that is false must not keep the rest from being read. */
function claimsOf(
  primitives: Primitives,
  statement: EpochStatement,
  key: EpochKey,
): readonly PseudonymClaim[] {
  try {
    return openEpoch(primitives, statement, key).claims;
  } catch (error) {
    if (isCloudError(error, "damaged", "newer")) return [];
    throw error;
  }
}

/** The epoch that is written; where nothing may be written, one that can be read. */
function writtenEpoch(
  roster: Roster,
  { statements, opened }: KeptEpochs,
  isIn: boolean,
): { written: KeptEpoch; refusal?: CloudError } {
  const latest = opened.at(-1);
  if (latest === undefined) {
    throw new CloudError(
      "damaged",
      "the keystore holds no key of the drive: restore it from a copy",
    );
  }
  if (!isIn) {
    return {
      written: latest,
      refusal: mayNotWrite(
        "it was taken out of the drive, and what it writes counts nowhere: set it up again with the 24 words",
      ),
    };
  }
  const current = currentEpoch(mayRead(roster), roster.root, statements);
  const written = opened.find(({ statement }) => statement === current);
  if (written !== undefined) return { written };
  return {
    written: latest,
    refusal: mayNotWrite(
      current === undefined
        ? "a device was taken out, and no key that it does not know has been drawn since"
        : "the key that the drive is written with now has not been handed to it",
    ),
  };
}

function mayNotWrite(why: string): CloudError {
  return new CloudError("may-not-write", `this device can read but not write: ${why}`);
}
