import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Longer files are left out: one of them would be most of what there is. */
const maxFileBytes = 32 * 1024 * 1024;

/** What was gathered. */
export interface Gathered {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Copies text files from folders of this machine, each content once, until there is so much of it.
 * @param dest - is not there yet.
 */
export function gatherText(folders: readonly string[], dest: string, bytes: number): Gathered {
  const seen = new Set<string>();
  let files = 0;
  let gathered = 0;
  const walk = (from: string, to: string): void => {
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      if (gathered >= bytes) return;
      const path = join(from, entry.name);
      if (entry.isDirectory()) walk(path, join(to, entry.name));
      else if (entry.isFile()) {
        const content = textOf(path);
        if (content === undefined) continue;
        const hash = createHash("sha256").update(content).digest("base64");
        if (seen.has(hash)) continue;
        seen.add(hash);
        mkdirSync(to, { recursive: true });
        writeFileSync(join(to, entry.name), content);
        files++;
        gathered += content.length;
      }
    }
  };
  for (const [i, folder] of folders.entries()) walk(folder, join(dest, i.toString()));
  return { files, bytes: gathered };
}

/** The content of a file that is text. */
function textOf(path: string): Buffer | undefined {
  const { size } = statSync(path);
  if (size === 0 || size > maxFileBytes) return undefined;
  try {
    const content = readFileSync(path);
    return content.includes(0) ? undefined : content;
  } catch {
    return undefined;
  }
}
