import type { Brand } from "./brand.ts";
import { CloudError } from "./cloud-error.ts";

/** SHA-256 of a sealed block: 32 bytes. Its CID is version 1, raw, sha2-256. */
export type BlockId = Brand<Uint8Array, "BlockId">;
/** Names a file, folder or symbolic link for life: 16 random bytes; the root's are zero. */
export type EntryId = Brand<Uint8Array, "EntryId">;
/** Names one copy of a device's store: 16 random bytes. */
export type WriterId = Brand<Uint8Array, "WriterId">;
/** Names a space: SHA-256 of its first roster, 32 bytes. */
export type SpaceId = Brand<Uint8Array, "SpaceId">;

/** Length of an {@link EntryId} or a {@link WriterId} in bytes. */
export const shortIdBytes = 16;

function checkLength(bytes: Uint8Array, length: number, name: string): void {
  if (bytes.length === length) return;
  throw new CloudError(
    "damaged",
    `expected ${name} of ${length.toString()} bytes, got ${bytes.length.toString()}`,
  );
}

/** Takes 32 bytes as a block's id. @throws damaged, if the length is another. */
export function asBlockId(bytes: Uint8Array): BlockId {
  checkLength(bytes, 32, "a block's hash");
  return bytes as BlockId;
}
/** Takes 16 bytes as an entry's id. @throws damaged, if the length is another. */
export function asEntryId(bytes: Uint8Array): EntryId {
  checkLength(bytes, 16, "an entry's id");
  return bytes as EntryId;
}
/** Takes 16 bytes as a writer's id. @throws damaged, if the length is another. */
export function asWriterId(bytes: Uint8Array): WriterId {
  checkLength(bytes, 16, "a writer's id");
  return bytes as WriterId;
}
/** Takes 32 bytes as a space's id. @throws damaged, if the length is another. */
export function asSpaceId(bytes: Uint8Array): SpaceId {
  checkLength(bytes, 32, "a space's id");
  return bytes as SpaceId;
}

/** The id of the root folder, which has no entry. */
export const rootId: EntryId = asEntryId(new Uint8Array(16));
