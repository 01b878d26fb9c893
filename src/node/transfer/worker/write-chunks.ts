import { basename, dirname } from "node:path";
import { openChunk } from "../../blocks/content/open-content.ts";
import { decodeLink, linkBytes } from "../../blocks/link.ts";
import { chunkBytes } from "../../blocks/record.ts";
import { nodePrimitives } from "../../platform/primitives.ts";
import { beat } from "../../platform/thread-watch.ts";
import { BlockFiles } from "./block-files.ts";
import { inFolder } from "./disk-folder.ts";
import { writeInto, writeNewFile } from "./new-file.ts";
import { failedItem, unreadItem } from "./open-records.ts";
import type { ChunksItem, ChunksJob, ChunksResult } from "./seal-jobs.ts";

/** Opens chunks and writes them: whole files, or stretches of one that is there. */
export function writeChunks({ items }: ChunksJob): ChunksResult {
  const files = new BlockFiles();
  try {
    return {
      items: items.map((item) => {
        beat();
        try {
          writeItem(item, files);
          return { outcome: "written", size: item.size };
        } catch (error) {
          return unreadItem(error) ?? failedItem(error);
        }
      }),
    };
  } finally {
    files.close();
  }
}

function writeItem(item: ChunksItem, files: BlockFiles): void {
  const parts = openChunks(item, files);
  const { folder, meta, offset } = item;
  inFolder(dirname(item.path), folder, (inside) => {
    const path = `${inside}/${basename(item.path)}`;
    if (meta === undefined) writeInto(path, parts, offset);
    else writeNewFile(path, parts, meta);
  });
}

/**
 * The plain chunks, each as long as its place needs, opened when they are asked for.
 * @throws damaged, newer; NotThereError
 */
export function* openChunks(
  { size, links, blocks }: Pick<ChunksItem, "size" | "links" | "blocks">,
  files: BlockFiles,
): Generator<Uint8Array> {
  for (const [i, block] of blocks.entries()) {
    beat();
    const link = decodeLink(links.subarray(i * linkBytes, (i + 1) * linkBytes));
    const sealed = files.read(link.id, block);
    const length = Math.min(chunkBytes, size - i * chunkBytes);
    yield openChunk(nodePrimitives, link, sealed, length);
  }
}
