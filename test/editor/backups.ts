import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * What an editor server has written down of unsaved text, to bring it back at the next start.
 * @returns the URIs of the files.
 */
export async function backups(dataFolder: string): Promise<string[]> {
  const uris: string[] = [];
  for await (const path of glob("User/Backups/*/ipcloud/*", { cwd: dataFolder })) {
    // `URI {"mtime":...}`, and the text below it.
    const [uri = ""] = (await readFile(join(dataFolder, path), "utf8")).split(" ");
    uris.push(uri);
  }
  return uris;
}
