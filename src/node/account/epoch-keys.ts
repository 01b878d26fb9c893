import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBytes, asList, asRecord, asTuple } from "../blocks/shape.ts";
import { concatBytes, equalBytes, uint64Bytes } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { IdMap, IdSet } from "../core/id-map.ts";
import type { SpaceId } from "../core/ids.ts";
import { openBox, sealBox } from "../crypto/box.ts";
import {
  asBoundaryKey,
  asEpochKey,
  type BoundaryKey,
  type EpochKey,
  epochKeys,
  keyBytes,
} from "../crypto/derive.ts";
import { boxDomains } from "../crypto/domains.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import { openAge, type ReceiveSeed, type Recipient, sealAge } from "../crypto/recipients.ts";
import { asPublicKey, asSignature, type PublicKey, type SigningKey } from "../crypto/sign.ts";
import type { PseudonymClaim } from "./device-keys.ts";
import {
  compareEpochs,
  type EpochBox,
  type EpochHash,
  type EpochStatement,
  signEpoch,
} from "./epochs.ts";

/** Who is to read an epoch. */
export interface EpochReader {
  /** A pseudonym of the roster, or its override key for the words. */
  readonly to: PublicKey;
  readonly recipient: Recipient;
}

/** What an epoch hands on to its readers. */
export interface Handover {
  /** The key of the epoch before; absent in the first. */
  readonly before?: EpochKey;
  /** The same in every epoch of the space. */
  readonly boundaryKey: BoundaryKey;
  /** Which device each pseudonym is: each device's own word. */
  readonly claims: readonly PseudonymClaim[];
}

/** An epoch that was opened. */
export interface OpenEpoch extends Handover {
  readonly statement: EpochStatement;
  readonly key: EpochKey;
}

const handoverName = "the handover of an epoch";
const handoverVersion = 1;

/** space ‖ n ‖ check: what the sealed handover is bound to. */
function handoverContext(space: SpaceId, n: number, check: Uint8Array): Uint8Array {
  return concatBytes(space, uint64Bytes(n), check);
}

/**
 * States an epoch: a new key, or the key of the epoch before for more readers.
 * @param input.before - the epoch that it follows; absent for the first of a space.
 * @param input.key - 32 random bytes; or `before.key`, if readers are only added: then all boxes of
 * the statement before are repeated.
 * @param input.signer - a pseudonym of the roster or its override key.
 */
export async function stateEpoch(
  primitives: Primitives,
  random: RandomBytes,
  input: {
    readonly space: SpaceId;
    readonly before?: OpenEpoch;
    readonly key: EpochKey;
    readonly boundaryKey: BoundaryKey;
    readonly claims: readonly PseudonymClaim[];
    readonly readers: readonly EpochReader[];
    readonly signer: SigningKey;
  },
): Promise<OpenEpoch> {
  const { space, before, key, boundaryKey, claims } = input;
  const isRepeated = before !== undefined && equalBytes(before.key, key);
  const handover: Handover = {
    ...(before === undefined ? {} : { before: before.key }),
    boundaryKey,
    claims,
  };
  const n = 1 + (before?.statement.n ?? 0);
  const { check, handoverKey } = epochKeys(primitives, key);
  const named = new IdSet(input.readers.map(({ to }) => to));
  const boxes: EpochBox[] = isRepeated
    ? before.statement.boxes.filter(({ to }) => !named.has(to))
    : [];
  for (const { to, recipient } of input.readers) {
    boxes.push({ to, file: await sealAge([recipient], key) });
  }
  const statement = signEpoch(primitives, input.signer, {
    space,
    n,
    ...(before === undefined ? {} : { prev: before.statement.hash }),
    check,
    boxes,
    handover: sealBox(
      handoverKey,
      boxDomains.handover,
      handoverContext(space, n, check),
      encodeHandover(handover),
      random,
    ),
  });
  return { statement, key, ...handover };
}

function encodeHandover({ before, boundaryKey, claims }: Handover): Uint8Array {
  return encodeCanonical({
    version: handoverVersion,
    ...(before === undefined ? {} : { before }),
    boundary: boundaryKey,
    claims: claims.map(
      ({ pseudonym, device, signature }): CborValue => [pseudonym, device, signature],
    ),
  });
}

function decodeHandover(bytes: Uint8Array): Handover {
  const fields = asRecord(decodeCanonical(bytes, handoverName), handoverName, handoverVersion, [
    "before?",
    "boundary",
    "claims",
  ]);
  const claims = asList(fields["claims"], handoverName).map((item): PseudonymClaim => {
    const [pseudonym, device, signature] = asTuple(item, 3, handoverName);
    return {
      pseudonym: asPublicKey(asBytes(pseudonym, handoverName)),
      device: asPublicKey(asBytes(device, handoverName)),
      signature: asSignature(asBytes(signature, handoverName)),
    };
  });
  return {
    ...("before" in fields
      ? { before: asEpochKey(asBytes(fields["before"], handoverName, keyBytes)) }
      : {}),
    boundaryKey: asBoundaryKey(asBytes(fields["boundary"], handoverName, keyBytes)),
    claims,
  };
}

/**
 * Opens what an epoch hands on, by its key.
 * @throws damaged, if the key is another than the statement's or the handover was altered; newer.
 */
export function openEpoch(
  primitives: Primitives,
  statement: EpochStatement,
  key: EpochKey,
): OpenEpoch {
  const { space, n, check } = statement;
  const keys = epochKeys(primitives, key);
  if (!equalBytes(keys.check, check)) {
    throw new CloudError("damaged", `the key of epoch ${n.toString()} is not the one it states`);
  }
  const context = handoverContext(space, n, check);
  const opened = openBox(keys.handoverKey, boxDomains.handover, context, statement.handover);
  if (opened === undefined) {
    throw new CloudError("damaged", `what epoch ${n.toString()} hands on was altered`);
  }
  const handover = decodeHandover(opened);
  if ((handover.before === undefined) !== (n === 1)) {
    throw new CloudError("damaged", `epoch ${n.toString()} must hand on the key before it`);
  }
  return { statement, key, ...handover };
}

/**
 * Opens an epoch by one's own box.
 * @param to - under which name the box is looked for.
 * @returns `undefined` if there is none.
 * @throws damaged, if the box does not hold the key that the statement states.
 */
export async function openEpochBox(
  primitives: Primitives,
  statement: EpochStatement,
  to: PublicKey,
  seed: ReceiveSeed,
): Promise<OpenEpoch | undefined> {
  const box = statement.boxes.find((each) => equalBytes(each.to, to));
  if (box === undefined) return undefined;
  const name = `the box of epoch ${statement.n.toString()}`;
  const key = await openAge(seed, box.file, name);
  if (key === undefined) {
    throw new CloudError("damaged", `${name} is sealed to somebody else than it says`);
  }
  return openEpoch(primitives, statement, asEpochKey(key));
}

/**
 * Opens all epochs that one's boxes and what they hand on lead to.
 *
 * A statement that does not open is left out: a member who states a false one must not be able to
 * keep others from the rest.
 * @returns in the order of {@link compareEpochs}.
 */
export async function openEpochs(
  primitives: Primitives,
  statements: readonly EpochStatement[],
  to: PublicKey,
  seed: ReceiveSeed,
): Promise<OpenEpoch[]> {
  const byHash = new IdMap(statements.map((each) => [each.hash, each]));
  const opened = new IdMap<EpochHash, OpenEpoch>();
  for (const statement of statements.toSorted(compareEpochs).reverse()) {
    if (opened.has(statement.hash)) continue;
    let epoch = await orUndefined(() => openEpochBox(primitives, statement, to, seed));
    while (epoch !== undefined && !opened.has(epoch.statement.hash)) {
      opened.set(epoch.statement.hash, epoch);
      const { prev } = epoch.statement;
      const before = prev === undefined ? undefined : byHash.get(prev);
      const key: EpochKey | undefined = epoch.before;
      if (before === undefined || key === undefined) break;
      epoch = await orUndefined(() => openEpoch(primitives, before, key));
    }
  }
  // The same key may be stated again without one's box.
  const keys = new IdMap(
    Array.from(opened.values(), ({ statement, key }) => [statement.check, key] as const),
  );
  for (const statement of statements) {
    const key = keys.get(statement.check);
    if (key === undefined || opened.has(statement.hash)) continue;
    const epoch = await orUndefined(() => openEpoch(primitives, statement, key));
    if (epoch !== undefined) opened.set(statement.hash, epoch);
  }
  return [...opened.values()].sort((a, b) => compareEpochs(a.statement, b.statement));
}

async function orUndefined(
  open: () => OpenEpoch | undefined | Promise<OpenEpoch | undefined>,
): Promise<OpenEpoch | undefined> {
  try {
    return await open();
  } catch (error) {
    if (isCloudError(error, "damaged", "newer")) return undefined;
    throw error;
  }
}
