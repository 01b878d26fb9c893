import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import { Turns } from "../../core/turns.ts";
import type { Tip } from "../../history/tip.ts";
import type { Begun } from "../commit-loop.ts";
import type { SpaceParts } from "../space-parts.ts";
import type { GcReport, Housekeeping } from "../types.ts";
import type { WorkCall } from "../work-call.ts";
import { clockIsTrusted } from "./clock-is-trusted.ts";
import {
  type LastHousekeeping,
  noteHousekeeping,
  readLastHousekeeping,
} from "./last-housekeeping.ts";
import { type LetGo, letGoIn, letGoOfNothing } from "./let-go-in.ts";
import { noteLook } from "./looks.ts";
import { type Purged, purgePath } from "./purge-path.ts";
import { collect, mustBeAll, type RetainedSpace } from "./upkeep.ts";
import { wouldLetGo } from "./would-let-go.ts";

const dayMs = 24 * 3600 * 1000;
/** So much is freed at the next opportunity. */
const muchBytes = 4 * 1024 * 1024;
/** What a change leaves behind of which the next makes something new: map nodes, state, revision. */
const bytesPerChange = 24 * 1024;

function largestCounter(tip: Tip | undefined): number {
  return Math.max(0, ...(tip?.state.vv.values() ?? []));
}

/** @throws every error but that of a disk that takes nothing. */
function unlessOfStorage(error: unknown): void {
  if (!isCloudError(error, "storage-full", "storage-read-only", "storage")) throw error;
}

/** Gives others a turn, and ends what was cancelled. */
function steps(signal: AbortSignal): () => Promise<void> {
  return async () => {
    await nextTurn();
    if (signal.aborted) throw new CloudError("cancelled", "letting go of the past was cancelled");
  };
}

/** Lets go of history and frees the blocks that nothing needs any more. */
export class Freeing {
  readonly #parts: SpaceParts;
  /** Of collections: each begins with what the one before left. */
  readonly #turns = new Turns();
  /** What the store has of it, once it was read. */
  #last: { readonly row: LastHousekeeping | undefined } | undefined;

  constructor(parts: SpaceParts) {
    this.#parts = parts;
  }

  /**
   * Lets go of what the retention policy does not keep and of states that lie close together, then frees
   * what nothing needs.
   */
  async collect(call: WorkCall): Promise<GcReport> {
    mustBeAll(this.#parts.space.store, this.#retained);
    return this.#freeAfter(await this.#letGo(call), call);
  }

  /**
   * The same while nobody looks on: under a clock that may be wrong, or where nothing may be written,
   * nothing of the past is let go of; in a damaged drive nothing is freed.
   * @throws damaged; cancelled, and what was done so far stays done
   */
  async keepHouse(call: WorkCall): Promise<GcReport> {
    const { loop, space, now } = this.#parts;
    mustBeAll(space.store, this.#retained);
    const { quarantined } = space.store.usage();
    if (quarantined > 0) throw new CloudError("damaged", "nothing is freed of a damaged drive");
    const mayLetGo =
      space.keys.refusal === undefined && loop.tip !== undefined && clockIsTrusted(loop.tip, now());
    return this.#freeAfter(mayLetGo ? await this.#letGo(call) : letGoOfNothing, call);
  }

  /** Whether {@link keepHouse} is worth it: there is much to be freed, or a day has passed. */
  get isDue(): boolean {
    const { last, wouldFreeBytes } = this.housekeeping;
    const { store } = this.#parts.space;
    const isSound = store.usage().quarantined === 0 && store.refusal === undefined;
    if (!isSound || wouldFreeBytes === 0) return false;
    return wouldFreeBytes >= muchBytes || this.#parts.now() - (last?.time ?? 0) >= dayMs;
  }

  /** What was freed last, and about what there is to be freed: asked often, so nothing is read for it. */
  get housekeeping(): Housekeeping {
    const { space, loop } = this.#parts;
    this.#last ??= { row: readLastHousekeeping(space) };
    const { row } = this.#last;
    const grown = space.store.usage().blockBytes - (row?.blockBytes ?? 0);
    const changes = largestCounter(loop.tip) - (row?.counter ?? 0);
    const wouldFreeBytes = Math.max(0, Math.min(grown, changes * bytesPerChange));
    if (row === undefined) return { wouldFreeBytes };
    const { time, freedBytes, thinnedStates } = row;
    return { last: { time, freedBytes, thinnedStates }, wouldFreeBytes };
  }

  /** What {@link collect} would do now. Changes nothing. */
  async measure(call: WorkCall): Promise<GcReport> {
    const { loop, space, settings, now, neighbours } = this.#parts;
    const { tip } = loop;
    const wouldBe =
      tip === undefined
        ? undefined
        : await wouldLetGo(space, tip, settings(), now(), steps(call.signal));
    const retained = {
      space,
      tip: () => wouldBe?.tip,
      ...(wouldBe === undefined ? {} : { reader: wouldBe.reader }),
    };
    const measured = await this.#turns.take(() =>
      collect(space.store, [retained, ...neighbours()], call, "measure"),
    );
    return { ...measured, ...(wouldBe?.letGo ?? letGoOfNothing) };
  }

  /** Takes what stands or stood at a path out of all history, and frees its blocks. */
  async purge(path: string, call: WorkCall): Promise<Purged & { readonly freedBytes: number }> {
    const { space, loop } = this.#parts;
    const purged = await loop.apply([], (change) => purgePath(space, change, path, call));
    try {
      const { freedBytes } = await this.#free(call);
      return { ...purged, freedBytes };
    } catch (error) {
      if (!isCloudError(error)) throw error;
      throw new CloudError(
        error.code,
        `${path} is out of all history, but its blocks are not freed yet ("ipcloud gc" does it): ${error.message}`,
        { cause: error },
      );
    }
  }

  /** Done before its turn, so that whoever saves meanwhile waits for nothing; then once more in it. */
  async #letGo({ signal }: WorkCall): Promise<LetGo> {
    const { loop, space, settings, now } = this.#parts;
    const step = steps(signal);
    const at = now();
    const work = async ({ draft, edit, base }: Begun): Promise<LetGo> => {
      const letting = { draft, edit, tip: base as Tip };
      return (await letGoIn(space, letting, settings(), at, step)).letGo;
    };
    const begun = loop.begin();
    if (begun.base === undefined) return letGoOfNothing;
    const early = await work(begun);
    const letGo = await loop.apply(
      [],
      (change) => (change.draft === begun.draft ? Promise.resolve(early) : work(change)),
      [],
      begun,
    );
    await noteLook(space, at);
    return letGo;
  }

  async #freeAfter(letGo: LetGo, call: WorkCall): Promise<GcReport> {
    const { space, loop, now } = this.#parts;
    const report = { ...(await this.#free(call)), ...letGo };
    const { freedBytes, thinnedStates } = report;
    const { blockBytes } = space.store.usage();
    const row = { time: now(), freedBytes, thinnedStates, blockBytes };
    const last = { ...row, counter: largestCounter(loop.tip) };
    // What was freed is freed, also where there is no room to say so.
    await noteHousekeeping(space, last).catch(unlessOfStorage);
    this.#last = { row: last };
    return report;
  }

  #free(call: WorkCall): Promise<{ freedBlocks: number; freedBytes: number }> {
    const { store } = this.#parts.space;
    return this.#turns.take(() => collect(store, this.#retained, call));
  }

  get #retained(): RetainedSpace[] {
    const { space, loop, neighbours } = this.#parts;
    return [{ space, tip: () => loop.tip }, ...neighbours()];
  }
}
