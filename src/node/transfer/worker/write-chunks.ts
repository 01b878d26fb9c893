import { basename, dirname } from "node:path";
import { openChunk } from "../../blocks/content/open-content.ts";
import { decodeLink, linkBytes } from "../../blocks/link.ts";
import { chunkBytes } from "../../blocks/record.ts";
import { nodePrimitives } from "../../platform/primitives.ts";
import { beat } from "../../platform/thread-watch.ts";
import { inFolder } from "./disk-folder.ts";
import { writeInto, writeNewFile } from "./new-file.ts";
import { failedItem } from "./open-records.ts";
import type { ChunksItem, ChunksJob, ChunksResult } from "./seal-jobs.ts";

/** Opens chunks and writes them: whole files, or stretches of one that is there. */
export function writeChunks({ items }: ChunksJob): ChunksResult {
  return {
    items: items.map((item) => {
      beat();
      try {
        writeItem(item);
        return { outcome: "written", size: item.size };
      } catch (error) {
        return failedItem(error);
      }
    }),
  };
}

function writeItem(item: ChunksItem): void {
  const parts = openChunks(item);
  const { folder, meta, offset } = item;
  inFolder(dirname(item.path), folder, (inside) => {
    const path = `${inside}/${basename(item.path)}`;
    if (meta === undefined) writeInto(path, parts, offset);
    else writeNewFile(path, parts, meta);
  });
}

/** The plain chunks, each as long as its place needs. @throws damaged, newer */
export function openChunks({
  size,
  links,
  blocks,
}: Pick<ChunksItem, "size" | "links" | "blocks">): Uint8Array[] {
  return blocks.map((block, i) => {
    beat();
    const link = decodeLink(links.subarray(i * linkBytes, (i + 1) * linkBytes));
    return openChunk(nodePrimitives, link, block, Math.min(chunkBytes, size - i * chunkBytes));
  });
}
