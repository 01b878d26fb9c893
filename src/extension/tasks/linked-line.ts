/** A line of a report, and the paths of the drive in it. */
export interface LinkedLine {
  readonly text: string;
  readonly links: readonly {
    /** Where the path begins in the text. */
    readonly at: number;
    readonly path: string;
  }[];
}

/** A line of words and paths, one after the other. */
export function linkedLine(parts: readonly (string | { readonly path: string })[]): LinkedLine {
  let text = "";
  const links: { at: number; path: string }[] = [];
  for (const part of parts) {
    if (typeof part === "string") text += part;
    else {
      links.push({ at: text.length, path: part.path });
      text += part.path;
    }
  }
  return { text, links };
}
