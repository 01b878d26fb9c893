import type { CborValue } from "../blocks/cbor.ts";
import { asBytes, asList, asTuple } from "../blocks/shape.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asSpaceId, type SpaceId } from "../core/ids.ts";
import {
  asBoundaryKey,
  asEpochKey,
  type BoundaryKey,
  type EpochKey,
  keyBytes,
} from "../crypto/derive.ts";
import { checkAscending, hashBytes } from "./signed-record.ts";

/** The key of an epoch, by the hash of its statement. */
export interface KnownEpochKey {
  readonly statement: Uint8Array;
  readonly key: EpochKey;
}

/** What is said of a space in public, as signed. */
export interface PublicSpace {
  readonly id: SpaceId;
  /** The statements of its roster. */
  readonly roster: readonly Uint8Array[];
  readonly epochs: readonly Uint8Array[];
}

/** What a device keeps of one space. FORMAT §12.8. */
export interface KeptSpace extends PublicSpace {
  readonly boundaryKey: BoundaryKey;
  readonly epochKeys: readonly KnownEpochKey[];
}

/** The space of an id among some. @throws not-found */
export function spaceOf<Space extends PublicSpace>(spaces: readonly Space[], id: SpaceId): Space {
  const found = spaces.find((space) => equalBytes(space.id, id));
  if (found !== undefined) return found;
  throw new CloudError("not-found", "the space is none that this device keeps keys of");
}

/** The spaces with this one in the place of that of its id, or added. */
export function withSpace(spaces: readonly KeptSpace[], space: KeptSpace): KeptSpace[] {
  return [...spaces.filter(({ id }) => !equalBytes(id, space.id)), space].sort((a, b) =>
    compareBytes(a.id, b.id),
  );
}

/** `[[id, boundary, epochKeys, roster, epochs], …]` in the order of the ids. Secret. */
export function encodeKeptSpaces(spaces: readonly KeptSpace[]): CborValue {
  return inOrder(spaces).map(
    ({ id, boundaryKey, epochKeys, roster, epochs }): CborValue => [
      id,
      boundaryKey,
      epochKeys.map(({ statement, key }): CborValue => [statement, key]),
      roster,
      epochs,
    ],
  );
}

/** Reads {@link encodeKeptSpaces} back. @param drive - must be among them. @throws damaged */
export function decodeKeptSpaces(
  value: CborValue | undefined,
  drive: SpaceId,
  what: string,
): KeptSpace[] {
  const spaces = asList(value, what).map((item): KeptSpace => {
    const [id, boundary, epochKeys, roster, epochs] = asTuple(item, 5, what);
    return {
      id: asSpaceId(asBytes(id, what, 32)),
      boundaryKey: asBoundaryKey(asBytes(boundary, what, keyBytes)),
      epochKeys: asList(epochKeys, what).map((each) => {
        const [statement, key] = asTuple(each, 2, what);
        return {
          statement: asBytes(statement, what, hashBytes),
          key: asEpochKey(asBytes(key, what, keyBytes)),
        };
      }),
      roster: statementsOf(roster, what),
      epochs: statementsOf(epochs, what),
    };
  });
  return checked(spaces, drive, what);
}

/** `[[id, roster, epochs], …]` in the order of the ids: what of spaces is public. */
export function encodePublicSpaces(spaces: readonly PublicSpace[]): CborValue {
  return inOrder(spaces).map(({ id, roster, epochs }): CborValue => [id, roster, epochs]);
}

/** Reads {@link encodePublicSpaces} back. @param drive - must be among them. @throws damaged */
export function decodePublicSpaces(
  value: CborValue | undefined,
  drive: SpaceId,
  what: string,
): PublicSpace[] {
  const spaces = asList(value, what).map((item): PublicSpace => {
    const [id, roster, epochs] = asTuple(item, 3, what);
    return {
      id: asSpaceId(asBytes(id, what, 32)),
      roster: statementsOf(roster, what),
      epochs: statementsOf(epochs, what),
    };
  });
  return checked(spaces, drive, what);
}

function statementsOf(value: CborValue | undefined, what: string): Uint8Array[] {
  return asList(value, what).map((item) => asBytes(item, what));
}

function inOrder<Space extends PublicSpace>(spaces: readonly Space[]): Space[] {
  return spaces.toSorted((a, b) => compareBytes(a.id, b.id));
}

function checked<Space extends PublicSpace>(
  spaces: Space[],
  drive: SpaceId,
  what: string,
): Space[] {
  checkAscending(
    spaces.map(({ id }) => id),
    what,
  );
  if (spaces.some(({ id }) => equalBytes(id, drive))) return spaces;
  throw new CloudError("damaged", `${what} lack that of the account's own drive`);
}
