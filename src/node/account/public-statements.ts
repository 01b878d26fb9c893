import { decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBytes, asList, asRecord } from "../blocks/shape.ts";
import { asSpaceId, type SpaceId } from "../core/ids.ts";
import { decodePublicSpaces, encodePublicSpaces, type PublicSpace } from "./kept-space.ts";

/** What an account says in public of itself and its spaces: enough to regain them with the words. */
export interface PublicStatements {
  /** The device list, as signed. */
  readonly devices: readonly Uint8Array[];
  /** The space of the account's own drive. */
  readonly drive: SpaceId;
  readonly spaces: readonly PublicSpace[];
}

const what = "the account's statements";
const statementsVersion = 1;

/** The canonical bytes of the statements, for a store to keep beside its blocks. FORMAT §12.9. */
export function encodeStatements({ devices, drive, spaces }: PublicStatements): Uint8Array {
  const said = encodePublicSpaces(spaces);
  return encodeCanonical({ version: statementsVersion, devices, drive, spaces: said });
}

/** Reads {@link encodeStatements} back. What is signed in it is not verified here. @throws damaged, newer */
export function decodeStatements(bytes: Uint8Array): PublicStatements {
  const names = ["devices", "drive", "spaces"];
  const fields = asRecord(decodeCanonical(bytes, what), what, statementsVersion, names);
  const drive = asSpaceId(asBytes(fields["drive"], what, 32));
  return {
    devices: asList(fields["devices"], what).map((item) => asBytes(item, what)),
    drive,
    spaces: decodePublicSpaces(fields["spaces"], drive, `the spaces of ${what}`),
  };
}
