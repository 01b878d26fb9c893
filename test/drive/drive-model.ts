import type { CloudErrorCode } from "../../src/node/core/cloud-error.ts";

/** One thing in the model: what it is and, of a file or a link, what it holds. */
export interface ModelItem {
  readonly kind: "file" | "folder" | "link";
  readonly content: string;
}

/** A whole tree: paths without a trailing slash; the root is not in it. */
export type ModelTree = ReadonlyMap<string, ModelItem>;

/** What an operation comes to in the model: a new tree, or the codes with which it may be refused. */
export type ModelOutcome = ModelTree | readonly CloudErrorCode[];

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** The refusal that the folder above a path calls for, if any. */
function refusalAbove(tree: ModelTree, path: string): readonly CloudErrorCode[] | undefined {
  const names = path.split("/").slice(1, -1);
  for (let i = 1; i <= names.length; i++) {
    const above = tree.get(`/${names.slice(0, i).join("/")}`);
    if (above === undefined) return ["not-found"];
    if (above.kind !== "folder") return ["not-a-folder"];
  }
  return undefined;
}

/** Whether `path` is `top` or stands below it. */
export const isUnder = (path: string, top: string): boolean =>
  top === "/" || path === top || path.startsWith(`${top}/`);

function without(tree: ModelTree, top: string): Map<string, ModelItem> {
  return new Map([...tree].filter(([path]) => !isUnder(path, top)));
}

function subtree(tree: ModelTree, top: string): [string, ModelItem][] {
  return [...tree].filter(([path]) => isUnder(path, top));
}

/** Puts a file or a link. */
export function modelWrite(tree: ModelTree, path: string, item: ModelItem): ModelOutcome {
  const refusal = refusalAbove(tree, path);
  if (refusal !== undefined) return refusal;
  const standing = tree.get(path);
  if (standing?.kind === "folder") return ["is-a-folder"];
  if (standing !== undefined && standing.kind !== item.kind) return ["exists"];
  return new Map(tree).set(path, item);
}

/** Makes a folder. */
export function modelMkdir(tree: ModelTree, path: string): ModelOutcome {
  const refusal = refusalAbove(tree, path);
  if (refusal !== undefined) return refusal;
  if (tree.has(path)) return ["exists"];
  return new Map(tree).set(path, { kind: "folder", content: "" });
}

/** Removes what stands at a path with all below it. */
export function modelRemove(tree: ModelTree, path: string): ModelOutcome {
  const refusal = refusalAbove(tree, path);
  if (refusal !== undefined) return refusal;
  return tree.has(path) ? without(tree, path) : ["not-found"];
}

/** Moves what stands at a path. */
export function modelMove(
  tree: ModelTree,
  from: string,
  to: string,
  overwrite: boolean,
): ModelOutcome {
  const item = tree.get(from);
  if (item === undefined) return refusalAbove(tree, from) ?? ["not-found"];
  const refusal = refusalAbove(tree, to);
  if (refusal !== undefined) return refusal;
  if (from === to) return tree;
  if (item.kind === "folder" && isUnder(parentOf(to) || "/none", from)) return ["usage"];
  if (tree.has(to)) {
    if (!overwrite) return ["exists"];
    if (isUnder(from, to)) return ["usage"];
  }
  const moved = without(without(tree, to), from);
  for (const [path, each] of subtree(tree, from)) moved.set(to + path.slice(from.length), each);
  return moved;
}

/** Copies what stands at a path in `source`, the tree now or at a moment. */
export function modelCopy(
  tree: ModelTree,
  source: ModelTree,
  from: string,
  to: string,
): ModelOutcome {
  if (!source.has(from)) return refusalAbove(source, from) ?? ["not-found"];
  const refusal = refusalAbove(tree, to);
  if (refusal !== undefined) return refusal;
  if (tree.has(to)) return ["exists"];
  const copied = new Map(tree);
  for (const [path, each] of subtree(source, from)) copied.set(to + path.slice(from.length), each);
  return copied;
}
