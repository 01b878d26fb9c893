import type { EntryKind, PathChange } from "../node/rpc/contract.ts";

/** What the editor's watchers tell apart. */
export type FileChangeKind = "created" | "changed" | "deleted";

export interface FileChange {
  readonly kind: FileChangeKind;
  readonly path: string;
}

/**
 * The node's changes, in their order, as the editor's watchers know them: at most one for each
 * path, and a file that went and came back (a save by renaming over it) has changed.
 */
export function fileChanges(changes: readonly PathChange[]): FileChange[] {
  const byPath = new Map<string, { kind: FileChangeKind; of: EntryKind }>();
  const note = (path: string, kind: FileChangeKind, of: EntryKind): void => {
    const before = byPath.get(path);
    const merged = before?.of === of ? both(before.kind, kind) : kind;
    // A folder that came back holds other things: its watchers have to look again.
    byPath.set(path, { kind: of === "folder" && merged === "changed" ? kind : merged, of });
  };
  for (const { type, kind, path, from } of changes) {
    if (type === "moved" && from !== undefined) note(from, "deleted", kind);
    note(path, kinds[type], kind);
  }
  return Array.from(byPath, ([path, { kind }]) => ({ kind, path }));
}

const kinds = {
  added: "created",
  moved: "created",
  changed: "changed",
  removed: "deleted",
} as const;

function both(first: FileChangeKind, second: FileChangeKind): FileChangeKind {
  if (first === "deleted" && second === "created") return "changed";
  if (first === "created" && second === "changed") return "created";
  return second;
}
