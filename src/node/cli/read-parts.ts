import { CloudError } from "../core/cloud-error.ts";
import type { VersionId, When } from "../rpc/contract.ts";
import type { Session } from "./session.ts";

/** Bytes asked for at once. */
const partBytes = 4 << 20;
/** Parts asked for before they are needed: with the one in hand, what a stream holds in memory. */
const partsAhead = 3;

/** Which content to read: that of a path, now, at a moment, or of one version. */
export interface ContentSource {
  readonly path: string;
  readonly at?: When;
  readonly version?: VersionId;
}

/**
 * The content of a file in order, in parts of up to 4 MiB, the next three being fetched meanwhile.
 * @param size - bytes to expect, as `stat` told.
 * @throws damaged, if the content ends before `size`; and what `read` throws.
 */
export async function* readParts(
  session: Session,
  source: ContentSource,
  size: number,
): AsyncGenerator<Uint8Array, void> {
  const waiting: Promise<Uint8Array>[] = [];
  let asked = 0;
  const askNext = (): void => {
    if (asked >= size) return;
    const part = session.request("read", {
      ...source,
      offset: asked,
      length: Math.min(partBytes, size - asked),
    });
    // Its failure is told when its turn comes, or not at all if an earlier part failed.
    part.catch(() => undefined);
    waiting.push(part);
    asked += partBytes;
  };

  let given = 0;
  for (let i = 0; i <= partsAhead; i++) askNext();
  for (;;) {
    const part = await waiting.shift();
    if (part === undefined) break;
    askNext();
    given += part.length;
    yield part;
  }
  if (given !== size) {
    throw new CloudError(
      "damaged",
      `${JSON.stringify(source.path)} has ${size.toString()} bytes by its record, but ${given.toString()} came`,
    );
  }
}
