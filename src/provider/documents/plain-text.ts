/** Longer texts are not told by their bytes: that would take too long at each step. */
export const longestText = 5_000_000;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Whether an editor that shows these bytes as text would write the same bytes: UTF-8 with one kind of
 * line ends, no byte order mark (which its text does not have), and not very long. Of all else its text tells nothing about the bytes.
 */
export function isPlainText(content: Uint8Array): boolean {
  return (
    content.length <= longestText && hasOneLineEnd(content) && isUtf8(content) && !hasMark(content)
  );
}

/** The editor shows the line ends of a document as all the same. */
function hasOneLineEnd(content: Uint8Array): boolean {
  let kind: "lf" | "crlf" | undefined;
  for (let at = nextLineEnd(content, 0); at >= 0; at = nextLineEnd(content, at + 1)) {
    const isPair = content[at] === carriageReturn;
    if (isPair && content[at + 1] !== lineFeed) return false;
    const found = isPair ? "crlf" : "lf";
    if (kind !== undefined && kind !== found) return false;
    kind = found;
    if (isPair) at++;
  }
  return true;
}

function hasMark(content: Uint8Array): boolean {
  return content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf;
}

function nextLineEnd(content: Uint8Array, from: number): number {
  for (let at = from; at < content.length; at++)
    if (content[at] === lineFeed || content[at] === carriageReturn) return at;
  return -1;
}

function isUtf8(content: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}
