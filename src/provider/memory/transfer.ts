import { CloudError, type Params, type Stat, type VersionId } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../link/node-client.ts";

/** Bytes that one request carries at most; larger contents go in parts of this size. */
export const partBytes = 4 * 1024 * 1024;

/** One version of one file, and how long it is. */
export interface VersionOfFile {
  readonly path: string;
  /** Absent: the current one, or that of `at`. */
  readonly version?: VersionId;
  readonly at?: string;
  readonly size: number;
}

/**
 * Reads a whole version, in parts where it is large, so that nothing else waits behind it.
 * @throws CloudError, damaged if fewer bytes come than the version's size says.
 */
export async function readWhole(
  node: NodeClient,
  { size, ...file }: VersionOfFile,
): Promise<Uint8Array> {
  if (size <= partBytes) return node.request("read", file);
  const content = new Uint8Array(size);
  for (let offset = 0; offset < size; ) {
    const length = Math.min(partBytes, size - offset);
    const part = await node.request("read", { ...file, offset, length });
    if (part.length === 0 || part.length > length) {
      throw new CloudError(
        "damaged",
        `"${file.path}" should have ${String(size)} bytes, but ends after ${String(offset)}`,
      );
    }
    content.set(part, offset);
    offset += part.length;
  }
  return content;
}

/**
 * Stores a content, in parts where it is large.
 * @throws CloudError, conflict if the current version is not `base`.
 */
export async function writeWhole(node: NodeClient, file: Params<"write">): Promise<Stat> {
  const { content, ...where } = file;
  if (content.length <= partBytes) return node.request("write", file);
  const { upload } = await node.request("uploadBegin", {});
  try {
    for (let offset = 0; offset < content.length; offset += partBytes) {
      const part = content.subarray(offset, offset + partBytes);
      await node.request("uploadPart", { upload, content: part });
    }
    return await node.request("uploadEnd", { ...where, upload });
  } catch (error) {
    await node.request("uploadAbort", { upload }).catch(() => undefined);
    throw error;
  }
}
