import { createHash } from "node:crypto";

const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Names a text by its UTF-8 bytes, a byte order mark left out as the editor leaves it out. */
export function digestOf(content: Uint8Array | string): string {
  const marked =
    typeof content !== "string" && byteOrderMark.every((byte, i) => content[i] === byte);
  return createHash("sha256")
    .update(marked ? content.subarray(byteOrderMark.length) : content)
    .digest("base64");
}
