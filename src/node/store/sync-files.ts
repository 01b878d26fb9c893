import { open } from "node:fs/promises";
import type { OnWritePoint } from "./write-point.ts";

/** Makes the content of a closed file durable. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a folder durable. Windows has no such call and does it by itself. */
export async function syncFolder(path: string, onWritePoint: OnWritePoint): Promise<void> {
  if (process.platform === "win32") return;
  onWritePoint("before folder sync", path);
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  onWritePoint("after folder sync", path);
}
