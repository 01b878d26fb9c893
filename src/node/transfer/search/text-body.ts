const newline = 10;

/** A text whose lines are looked up: bytes, or what they were read to. */
export interface TextBody {
  readonly length: number;
  /** Where the line ends that has a place: at its break, or at the end of the text. */
  endOf(at: number): number;
  /** Where it begins. */
  startOf(at: number): number;
  /** A line, or a part of one. */
  cut(start: number, end: number): string;
}

/** Bytes of UTF-8. */
export function bytesBody(bytes: Buffer): TextBody {
  return {
    length: bytes.length,
    endOf: (at) => {
      const end = bytes.indexOf(newline, at);
      return end < 0 ? bytes.length : end;
    },
    startOf: (at) => (at === 0 ? 0 : bytes.lastIndexOf(newline, at - 1) + 1),
    cut: (start, end) => bytes.toString("utf8", start, end),
  };
}

/** A text that was read. */
export function stringBody(text: string): TextBody {
  return {
    length: text.length,
    endOf: (at) => {
      const end = text.indexOf("\n", at);
      return end < 0 ? text.length : end;
    },
    startOf: (at) => (at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1),
    cut: (start, end) => text.slice(start, end),
  };
}

/** How many line breaks there are. */
export function countBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}
