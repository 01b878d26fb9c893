import type { Link } from "../../src/node/blocks/link.ts";
import type { MapReader } from "../../src/node/blocks/sealed-map.ts";
import type { CloudError } from "../../src/node/core/cloud-error.ts";
import { IdSet } from "../../src/node/core/id-map.ts";
import type { BlockId } from "../../src/node/core/ids.ts";
import type { Part } from "../../src/node/history/children.ts";
import { type WalkOptions, walk } from "../../src/node/history/walk.ts";

/** What a walk over all that a revision retains met, each block once, and what it found damaged. */
export interface Walked {
  readonly parts: readonly Part[];
  readonly damaged: readonly { readonly part: Part; readonly error: CloudError }[];
}

/** Walks over all that a revision retains. */
export async function walkAll(
  reader: MapReader,
  revision: Link,
  options: Pick<WalkOptions, "content"> & Partial<WalkOptions>,
): Promise<Walked> {
  const seen = new IdSet<BlockId>();
  const parts: Part[] = [];
  const damaged: { part: Part; error: CloudError }[] = [];
  const visitor = {
    enter: (part: Part): boolean => {
      const isNew = seen.add(part.link.id);
      if (isNew) parts.push(part);
      return isNew;
    },
    damaged: (part: Part, error: CloudError): void => {
      damaged.push({ part, error });
    },
    step: () => Promise.resolve(),
  };
  const from = [{ kind: "revision", link: revision }] as const;
  await walk(reader, from, visitor, { packs: "whole", concurrency: 1, ...options });
  return { parts, damaged };
}
