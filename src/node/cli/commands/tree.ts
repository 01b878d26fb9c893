import { childOf } from "../../core/path.ts";
import { showCount } from "../../core/show-size.ts";
import type { ListItem, When } from "../../rpc/contract.ts";
import { atOption, type DefineCommand, newCommand, parseCount } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { pick } from "../pick.ts";
import type { Session } from "../session.ts";
import { entryJson, showName } from "../show/show-entry.ts";

interface TreeOptions {
  readonly at?: When;
  readonly depth: number;
}

interface Walk {
  readonly session: Session;
  readonly at: { readonly at?: When };
  files: number;
  folders: number;
}

type TreeJson = ReturnType<typeof entryJson<{ name: string }>> & { children?: TreeJson[] };

function list(walk: Walk, path: string): Promise<ListItem[]> {
  return walk.session.request("list", { path, ...walk.at });
}

async function treeJson(walk: Walk, path: string, depth: number): Promise<TreeJson[]> {
  const nodes: TreeJson[] = [];
  for (const item of await list(walk, path)) {
    const node: TreeJson = entryJson({ name: item.name }, item);
    if (item.kind === "folder" && depth > 1) {
      node.children = await treeJson(walk, childOf(path, item.name), depth - 1);
    }
    nodes.push(node);
  }
  return nodes;
}

async function writeTree(walk: Walk, path: string, depth: number, indent: string): Promise<void> {
  const { output } = walk.session;
  const items = await list(walk, path);
  for (const [i, item] of items.entries()) {
    const last = i === items.length - 1;
    await output.write(`${indent}${last ? "└── " : "├── "}${showName(output, item)}\n`);
    if (item.kind !== "folder") walk.files++;
    else {
      walk.folders++;
      if (depth <= 1) continue;
      await writeTree(
        walk,
        childOf(path, item.name),
        depth - 1,
        `${indent}${last ? "    " : "│   "}`,
      );
    }
  }
}

async function tree(session: Session, typed: string, options: TreeOptions): Promise<void> {
  const { output } = session;
  const path = drivePath(typed);
  const walk: Walk = { session, at: pick(options, "at"), files: 0, folders: 0 };
  if (output.json) {
    await output.result(await treeJson(walk, path, options.depth), () => []);
    return;
  }
  await output.write(`${output.name(path)}\n`);
  await writeTree(walk, path, options.depth, "");
  await output.write(`\n${showCount(walk.folders, "folder")}, ${showCount(walk.files, "file")}\n`);
}

/** `ipcloud tree`: a folder and all below it, written as it is read. */
export const defineTree: DefineCommand = (session) =>
  newCommand("tree", "Show a folder and what is below it as a tree", [
    ["ipcloud tree", "the whole drive"],
    ["ipcloud tree /notes --depth 2", "two levels of one folder"],
    ["ipcloud tree --at before-move", "as it was at a tag"],
  ])
    .argument("[path]", "a folder of the drive", "/")
    .addOption(atOption())
    .option("--depth <count>", "so many levels and no more", parseCount, Number.POSITIVE_INFINITY)
    .action((path: string, options: TreeOptions) => tree(session, path, options));
