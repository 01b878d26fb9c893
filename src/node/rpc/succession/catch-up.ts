import type { Events } from "../contract.ts";
import type { Link } from "../link.ts";

/** Tells whoever listens of an event. */
export type Tell = <Name extends keyof Events>(name: Name, event: Events[Name]) => void;

/**
 * Tells what may have been missed while one process went on in the place of another: how the node
 * stands, and where the drive is unlocked that everything may have changed.
 */
export async function catchUp(link: Link, tell: Tell): Promise<void> {
  const status = await link.request("status", {});
  tell("state", status);
  const { space, revision } = status;
  if (space === undefined || revision === undefined) return;
  tell("changed", { space, revision, changes: [], everything: true });
}
