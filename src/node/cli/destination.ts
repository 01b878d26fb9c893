import { isCloudError } from "../core/cloud-error.ts";
import { childOf } from "../core/path.ts";
import { drivePath } from "./drive-path.ts";
import type { Session } from "./session.ts";

/**
 * Where something named `name` goes when a person types `typed`: into it, if it ends with a slash
 * or a folder stands there, else to that path itself.
 */
export async function destination(session: Session, typed: string, name: string): Promise<string> {
  const path = drivePath(typed);
  if (typed.endsWith("/")) return childOf(path, name);
  try {
    const { kind } = await session.request("stat", { path });
    return kind === "folder" ? childOf(path, name) : path;
  } catch (error) {
    if (!isCloudError(error, "not-found", "not-a-folder")) throw error;
    return path;
  }
}
