import type { EntryKind, PathChange } from "../node/rpc/contract.ts";

/** What the editor's watchers tell apart. */
export type FileChangeKind = "created" | "changed" | "deleted";

export interface FileChange {
  readonly kind: FileChangeKind;
  readonly path: string;
}

/** What happened at a path, to what. */
interface Noted {
  readonly kind: FileChangeKind;
  readonly of: EntryKind;
}

/**
 * The node's events, in their order, as the editor's watchers know them: at most one change for each
 * path, and a file that went and came back (a save by renaming over it) has changed.
 *
 * The changes of one event happened together and have no order.
 */
export function fileChanges(events: readonly (readonly PathChange[])[]): FileChange[] {
  const byPath = new Map<string, Noted>();
  for (const changes of events) {
    for (const [path, noted] of withinEvent(changes)) {
      byPath.set(path, joined(byPath.get(path), noted));
    }
  }
  return Array.from(byPath, ([path, { kind }]) => ({ kind, path }));
}

/** One event: what was added, moved to or changed stands afterwards, whatever else is said of it. */
function withinEvent(changes: readonly PathChange[]): Map<string, Noted> {
  const gone = new Map<string, Noted>();
  const stands = new Map<string, Noted>();
  for (const { type, kind, path, from } of changes) {
    if (from !== undefined && type === "moved") gone.set(from, { kind: "deleted", of: kind });
    if (type === "removed") gone.set(path, { kind: "deleted", of: kind });
    else if (type !== "changed") stands.set(path, { kind: "created", of: kind });
    else if (!stands.has(path)) stands.set(path, { kind: "changed", of: kind });
  }
  for (const [path, noted] of stands) gone.set(path, joined(gone.get(path), noted));
  return gone;
}

function joined(before: Noted | undefined, now: Noted): Noted {
  if (before?.of !== now.of) return now;
  const kind = both(before.kind, now.kind);
  // A folder that came back holds other things: its watchers have to look again.
  return kind === "changed" && now.of === "folder" ? now : { kind, of: now.of };
}

function both(first: FileChangeKind, second: FileChangeKind): FileChangeKind {
  if (first === "deleted" && second === "created") return "changed";
  if (first === "created" && second === "changed") return "created";
  return second;
}
