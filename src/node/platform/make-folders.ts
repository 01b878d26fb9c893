import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { systemErrorCode } from "./system-error.ts";

/**
 * Makes a folder and those above it that are missing, one by one: Node's own `recursive` never ends
 * below a place that answers ENOENT to mkdir, such as `/proc`.
 * @param mode - of every folder that is made.
 * @returns whether it was made; false if something stands there.
 * @throws what the system says
 */
export function makeFolders(path: string, mode: number): boolean {
  if (existsSync(path)) return false;
  const above = dirname(path);
  if (above !== path) makeFolders(above, mode);
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
    return false;
  }
}
