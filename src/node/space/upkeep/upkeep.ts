import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeHead, openHead } from "../../account/heads.ts";
import type { Link } from "../../blocks/link.ts";
import type { MapReader } from "../../blocks/sealed-map.ts";
import { toBinaryString, toHex } from "../../core/bytes.ts";
import { showCid } from "../../core/cid.ts";
import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import { IdMap, IdSet, type ReadonlyIdMap } from "../../core/id-map.ts";
import type { BlockId, WriterId } from "../../core/ids.ts";
import { ProblemList } from "../../core/problem-list.ts";
import { checkVersions } from "../../history/check-versions.ts";
import { type MapPart, type Part, showPast } from "../../history/children.ts";
import { findConcerned } from "../../history/concerned.ts";
import { readTip, type Tip } from "../../history/tip.ts";
import { type Visitor, walk } from "../../history/walk.ts";
import type { Store } from "../../store/store.ts";
import { checkState } from "../../tree/check-state.ts";
import { viewState } from "../../tree/state-view.ts";
import { vectorAtMost } from "../../tree/version-vector.ts";
import { counts, headsAtHand } from "../heads/stored-heads.ts";
import { isOwn, type OpenSpace } from "../open-space.ts";
import type { VerifyReport } from "../types.ts";
import type { WorkCall } from "../work-call.ts";

/** How what is retained is walked: the other records of a pack are alive with it. */
const throughAll = { packs: "whole", concurrency: 4 } as const;

/** Blocks between two looks at the signal and a turn for others. */
const blocksPerTurn = 64;

function stepper(
  { signal, progress }: WorkCall,
  phase: string,
  total: number,
): () => Promise<void> {
  let done = 0;
  return async () => {
    done++;
    if (done % blocksPerTurn !== 0) return;
    if (signal.aborted) throw new CloudError("cancelled", `the ${phase} was cancelled`);
    progress({ phase, done, total, unit: "blocks" });
    await nextTurn();
  };
}

/**
 * Reads and opens everything that the heads of a store retain, checks its tree as a whole, and
 * hashes every other block of the store too. Needs no open drive, so that one that can't be opened
 * can be looked into.
 * @param tip - what the heads came to; `undefined` if nothing was written or it can't be opened.
 */
export async function verify(
  space: OpenSpace,
  tip: Tip | undefined,
  call: WorkCall,
): Promise<VerifyReport> {
  const { store, sealer } = space;
  const { heads, problems: ofHeads } = openHeads(space);
  const problems = new ProblemList();
  problems.add(...ofHeads);
  const roots = tip === undefined ? heads.map(({ link }) => link) : [tip.link];
  const { damaged, note, visitor } = findings(stepper(call, "checking", store.usage().blocks));
  await walk(sealer, revisionsAt(roots), visitor, { ...throughAll, content: true });
  if (tip !== undefined && damaged.size === 0) await checkTree(space, tip, problems);
  const rest = await store.check({
    signal: call.signal,
    onProgress: (done, total) => {
      call.progress({ phase: "hashing", done, total, unit: "blocks" });
    },
  });
  problems.add(...rest.problems);
  for (const id of rest.damaged) note(id);
  if (damaged.size > 0) {
    const step = stepper(call, "naming", store.usage().blocks);
    const concern = {
      blocks: new IdSet(damaged.keys()),
      tell: note,
      step,
    };
    for (const root of roots) await findConcerned(sealer, root, concern);
  }
  return {
    ok: damaged.size === 0 && problems.isEmpty,
    blocks: rest.blocks,
    damaged: [...damaged].map(([id, paths]) => ({
      cid: showCid(id),
      paths: [...paths].sort(),
    })),
    problems: problems.sentences,
  };
}

function revisionsAt(links: readonly Link[]): Part[] {
  return links.map((link) => ({ kind: "revision", link }));
}

/** Gathers what a walk finds damaged. */
function findings(step: () => Promise<void>): {
  damaged: ReadonlyIdMap<BlockId, ReadonlySet<string>>;
  note: (id: BlockId, path?: string) => void;
  visitor: Visitor;
} {
  const damaged = new IdMap<BlockId, Set<string>>();
  const seen = new Set<string>();
  const note = (id: BlockId, path?: string): void => {
    const paths = damaged.get(id) ?? new Set<string>();
    if (path !== undefined) paths.add(path);
    damaged.set(id, paths);
  };
  const visitor: Visitor = {
    enter: (part) => {
      const { link } = part;
      // A link that is wrong leads to a block that others may rightly lead to.
      const name = placed(part) + toBinaryString(link.id) + toBinaryString(link.key.subarray(0, 4));
      if (seen.has(name)) return false;
      seen.add(name);
      return true;
    },
    damaged: (part) => {
      note(part.link.id, concernOf(part));
    },
    step,
  };
  return { damaged, note, visitor };
}

/** Whether a block stands at the top of a map: what may stand below another node may be no root. */
function isRoot(part: Part): boolean {
  return part.kind === "mapNode" && part.place.level === undefined;
}

/** What decides whether a block is right where it stands: of a node also its place. */
function placed(part: Part): string {
  if (part.kind !== "mapNode") return part.kind;
  return `${part.map}${isRoot(part) ? " root" : ""} `;
}

/**
 * What needs a block, where that is the drive as a whole; which files need one
 * {@link findConcerned} tells.
 */
function concernOf(part: Part): string | undefined {
  if (part.kind === "revision") return "the whole drive";
  if (part.kind === "state") return `the whole drive${showPast(part.past)}`;
  if (part.kind !== "mapNode") return undefined;
  return concernOfMap[part.map] ?? `the tree of files${showPast(part.past)}`;
}

const concernOfMap: Partial<Record<MapPart["map"], string>> = {
  versions: "the versions of files",
  log: "the journal",
  tags: "the tags",
  purged: "what was purged",
  names: "the names of devices",
};

/**
 * The revisions that the heads of a space lead to, and what is wrong with the others. One that does
 * not count, or not yet, and can't be opened is passed over.
 */
function openHeads(space: OpenSpace): {
  heads: { writer: WriterId; link: Link }[];
  problems: string[];
} {
  const heads: { writer: WriterId; link: Link }[] = [];
  const problems: string[] = [];
  const { primitives, keys } = space;
  for (const { writer, bytes } of headsAtHand(space)) {
    const name = `the head of the writer ${toHex(writer.subarray(0, 4))}`;
    try {
      const head = decodeHead(primitives, bytes);
      const link = openHead(head, keys.headKeys);
      if (link !== undefined) heads.push({ writer, link });
      else if (isOwn(space, writer) || counts(space, head)) {
        problems.push(`${name} is sealed by a key that is not known`);
      }
    } catch (error) {
      if (!isCloudError(error)) throw error;
      problems.push(`${name} can't be read: ${error.message}`);
    }
  }
  return { heads, problems };
}

/** What is wrong with a tree as a whole, where each block of it is sound. */
async function checkTree({ sealer }: OpenSpace, tip: Tip, problems: ProblemList): Promise<void> {
  const state = viewState(sealer, tip.state);
  for await (const problem of checkState(sealer.primitives, state, tip.state.digest)) {
    problems.add(problem);
  }
  for await (const problem of checkVersions(sealer, tip)) problems.add(problem);
}

/** A space whose blocks a collection keeps. */
export interface RetainedSpace {
  readonly space: OpenSpace;
  /** Its tip at the time; `undefined` if nothing was written or it can't be opened. */
  readonly tip: () => Tip | undefined;
  /** What the tip is read by, if its blocks are not all in the store. */
  readonly reader?: MapReader;
}

/**
 * Frees the blocks that nothing retained needs. Blocks put meanwhile are safe: the collection
 * begins before the tips are read.
 * @param spaces - all that the store has heads of.
 * @param end - `measure` only counts.
 * @throws damaged, if anything retained can't be read, a whole space or a block: what hangs below it
 * can't be told from garbage; storage-busy, if a collection is under way
 */
export async function collect(
  store: Store,
  spaces: readonly RetainedSpace[],
  call: WorkCall,
  end: "sweep" | "measure" = "sweep",
): Promise<{ freedBlocks: number; freedBytes: number }> {
  const collection = store.collect();
  try {
    mustBeAll(store, spaces);
    const refuse = ({ link }: Part): never => {
      throw new CloudError(
        "damaged",
        `the block ${showCid(link.id)} can't be read, so what hangs on it can't be told from garbage: nothing was freed; "ipcloud verify" tells which files it concerns`,
      );
    };
    const tops = new IdSet<BlockId>();
    const visitor: Visitor = {
      enter: (part) => {
        const isNew = collection.mark(part.link.id);
        return (isRoot(part) && tops.add(part.link.id)) || isNew;
      },
      damaged: refuse,
      step: stepper(call, "marking", store.usage().blocks),
    };
    const alone: BlockId[] = [];
    for (const { space, tip, reader = space.sealer } of spaces) {
      const { roots, covered } = await retainedHeads(space, tip());
      await walk(reader, revisionsAt(roots), visitor, { ...throughAll, content: false });
      alone.push(...covered);
    }
    // Last, for a walk stops at what is marked.
    for (const id of alone) collection.mark(id);
    return await collection[end](call.signal);
  } catch (error) {
    collection.abandon();
    throw error;
  }
}

/** @throws damaged, if the store has heads of a space that is none of these */
export function mustBeAll(store: Store, spaces: readonly RetainedSpace[]): void {
  const known = new IdSet(spaces.map(({ space }) => space.id));
  const stranger = store.spaces().find((id) => !known.has(id));
  if (stranger === undefined) return;
  throw new CloudError(
    "damaged",
    `the data folder holds the space ${toHex(stranger)}, whose keys are not in the keystore: what it needs can't be told from garbage, and nothing was freed`,
  );
}

/**
 * The revisions to be kept with all that they retain: the tip, and the heads that it doesn't cover
 * or that it is joined of, since a join is made again at the next start. Of a head that a later one
 * covers, the revision and its state are kept alone: by them it is seen to be covered.
 */
async function retainedHeads(
  space: OpenSpace,
  tip: Tip | undefined,
): Promise<{ roots: Link[]; covered: BlockId[] }> {
  const roots = tip === undefined ? [] : [tip.link];
  const covered: BlockId[] = [];
  const { heads, problems } = openHeads(space);
  if (problems.length > 0) {
    throw new CloudError(
      "damaged",
      `${problems.join("; ")}: what it needs can't be told from garbage, and nothing was freed`,
    );
  }
  for (const { writer, link } of heads) {
    // A change of this writer takes the place of its head.
    if (tip?.revision.change !== undefined && isOwn(space, writer)) continue;
    const { revision, state } = await readTip(space.sealer, link);
    if (tip?.revision.change !== undefined && vectorAtMost(state.vv, tip.state.vv)) {
      covered.push(link.id, revision.state.id);
    } else roots.push(link);
  }
  return { roots, covered };
}
