import { toHex } from "../../../../src/node/core/bytes.ts";
import type { MapRoot } from "../../../../src/node/blocks/sealed-map.ts";
import { findFork } from "../../../../src/node/history/fork.ts";
import { joinTips } from "../../../../src/node/history/join.ts";
import { purgeHistory } from "../../../../src/node/history/purge.ts";
import { receive } from "../../../../src/node/history/receive.ts";
import { rebase } from "../../../../src/node/history/rebase.ts";
import { encodeRevision } from "../../../../src/node/history/revision.ts";
import { revise, type Tip } from "../../../../src/node/history/tip.ts";
import type { Entry } from "../../../../src/node/tree/entry.ts";
import { resolveTarget } from "../../../../src/node/tree/lookup.ts";
import { move } from "../../../../src/node/tree/move.ts";
import { encodeState } from "../../../../src/node/tree/state.ts";
import { viewState } from "../../../../src/node/tree/state-view.ts";
import { type VersionVector, vectorItems } from "../../../../src/node/tree/version-vector.ts";
import { seeded } from "../../../blocks/random.ts";
import { itemsOf } from "../../../blocks/test-maps.ts";
import {
  changeAs,
  putFile,
  putFolder,
  type TestSpace,
  writerOf,
} from "../../../history/test-spaces.ts";
import { bytesFrom } from "../../../tree/test-trees.ts";
import { hashOf, showLink } from "../common.make.ts";
import { vectorMaps } from "../blocks/maps.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** A version vector in a vector. */
export function showVector(seen: VersionVector): VectorValue {
  return vectorItems(seen).map(({ writer, counter }) => [toHex(writer), counter]);
}

/** Revisions under the keys of the vectors. */
export class Story {
  readonly space: TestSpace;

  constructor(seed: number) {
    const maps = vectorMaps();
    const sealer = { ...maps, epoch: hashOf("an epoch"), random: bytesFrom(seeded(seed)) };
    this.space = { sealer, blocks: maps.blocks };
  }

  begin(): Promise<Tip> {
    return this.change(undefined, "a", async (edit) => {
      await putFolder(edit, "/docs");
      await putFile(edit, "/docs/plan", "plan");
      await putFile(edit, "/notes", "notes");
    });
  }

  change(base: Tip | undefined, by: string, body: Parameters<typeof changeAs>[3]): Promise<Tip> {
    return changeAs(this.space, base, by, body);
  }

  async showMap(root: MapRoot): Promise<VectorValue> {
    const items = await itemsOf(this.space.sealer, root);
    return items.map(([key, value]) => [toHex(key), toHex(value)]);
  }

  async show(tip: Tip): Promise<Readonly<Record<string, VectorValue>>> {
    const { state, revision } = tip;
    return {
      vv: showVector(state.vv),
      floor: showVector(state.floor),
      tree: await this.showMap(state.tree),
      removed: await this.showMap(state.removed),
      folders: await this.showMap(state.folders),
      loose: await this.showMap(state.loose),
      versions: await this.showMap(revision.versions),
      log: await this.showMap(revision.log),
      tags: await this.showMap(revision.tags),
      purged: await this.showMap(revision.purged),
      names: await this.showMap(revision.names),
      digest: toHex(state.digest),
      state: toHex(encodeState(state)),
      revision: toHex(encodeRevision(revision)),
      ...showLink(tip.link),
    };
  }

  /** Purges a path that names a file out of all history. */
  async purge(base: Tip, by: string, path: string, time?: number): Promise<Tip> {
    const { sealer, blocks } = this.space;
    const { entry } = await resolveTarget(viewState(sealer, base.state), path);
    if (entry === undefined) throw new Error(`nothing at ${path}`);
    const as = { writer: writerOf(by), time: time ?? 1000 * (1 + Math.max(...base.state.vv.values())) };
    return revise(sealer, blocks, base, as, async (draft, edit) => {
      await purgeHistory(sealer, blocks, base, draft, edit, { entries: [entry] });
    });
  }

  /** Joins where neither has seen all of the other, nor is behind. */
  async joined(own: Tip, other: Tip): Promise<Tip> {
    const joined = await joinTips(this.space.sealer, this.space.blocks, own, other);
    if (joined.outcome !== "merged") throw new Error(joined.outcome);
    return joined.tip;
  }

  async join(name: string, own: Tip, other: Tip): Promise<VectorValue> {
    const { sealer, blocks } = this.space;
    const result = await joinTips(sealer, blocks, own, other);
    const who = result.outcome === "must-rebase" ? { behind: result.who } : {};
    const tip = result.outcome === "merged" ? { result: await this.show(result.tip) } : {};
    const sides = { own: await this.show(own), other: await this.show(other) };
    return { name, ...sides, outcome: result.outcome, ...who, ...tip };
  }

  /** Takes another revision in where one of the two must rebase. */
  async rebased(own: Tip, other: Tip, by: string): Promise<Tip> {
    const { sealer, blocks } = this.space;
    const received = await receive(sealer, blocks, own, other, {
      writer: writerOf(by),
      former: [],
      time: 50_000,
      newWriter: () => writerOf("z"),
      step: () => Promise.resolve(),
    });
    if (received.outcome !== "rebased") throw new Error(received.outcome);
    return received.tip;
  }

  async rebase(name: string, own: Tip, other: Tip, by: string, isFork: boolean): Promise<VectorValue> {
    const { sealer, blocks } = this.space;
    const fork = isFork
      ? await findFork(sealer, own.revision, other.revision, writerOf("a"))
      : undefined;
    const as = { writer: writerOf(by), time: 60_000, ...(fork === undefined ? {} : { fork }) };
    const tip = await rebase(sealer, blocks, own, other, as);
    return {
      name,
      writer: toHex(as.writer),
      time: as.time,
      fork: fork === undefined ? null : { writer: toHex(fork.writer), after: fork.after },
      own: await this.show(own),
      other: await this.show(other),
      result: await this.show(tip),
    };
  }
}


/** Moves what stands at a path. */
export async function moveTo(edit: Parameters<typeof putFile>[0], from: string, to: string): Promise<void> {
  const { entry: found } = await resolveTarget(edit.draft, from);
  await move(edit, found as Entry, await resolveTarget(edit.draft, to), true);
}
