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

function exactly<Id>(bytes: Uint8Array, length: number, name: string): Id {
  if (bytes.length !== length) {
    throw new CloudError(
      "damaged",
      `expected ${name} of ${length.toString()} bytes, got ${bytes.length.toString()}`,
    );
  }
  return bytes as Id;
}

/** Takes 32 bytes as a block's id. @throws damaged, if the length is another. */
export const asBlockId = (bytes: Uint8Array): BlockId => exactly(bytes, 32, "a block's hash");
/** Takes 16 bytes as an entry's id. @throws damaged, if the length is another. */
export const asEntryId = (bytes: Uint8Array): EntryId => exactly(bytes, 16, "an entry's id");
/** Takes 16 bytes as a writer's id. @throws damaged, if the length is another. */
export const asWriterId = (bytes: Uint8Array): WriterId => exactly(bytes, 16, "a writer's id");
/** Takes 32 bytes as a space's id. @throws damaged, if the length is another. */
export const asSpaceId = (bytes: Uint8Array): SpaceId => exactly(bytes, 32, "a space's id");

/** The id of the root folder, which has no entry. */
export const rootId: EntryId = asEntryId(new Uint8Array(16));
