import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { onDisk } from "./local-error.ts";

async function write(file: FileHandle, path: string, words: string): Promise<void> {
  await file.writeFile(`${words}\n`);
  await file.sync();
  await syncName(path);
}

/** Makes the name of a new file durable, where the system lets folders be synced. */
async function syncName(path: string): Promise<void> {
  const folder = await open(dirname(path), "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/**
 * Writes words to a new file that nobody else can read, durably. The file is made before they are
 * asked for, and goes again if there are none.
 * @param obtain - draws or fetches what is to be written.
 * @returns what `obtain` gave.
 * @throws exists and others of the local disk
 */
export async function wordsIntoFile<Obtained extends { readonly words?: string }>(
  path: string,
  obtain: () => Promise<Obtained>,
): Promise<Obtained> {
  const file = await onDisk("write the words to", path, () => open(path, "wx", 0o600));
  try {
    const obtained = await obtain();
    const { words = "" } = obtained;
    await onDisk("write the words to", path, () => write(file, path, words));
    return obtained;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
