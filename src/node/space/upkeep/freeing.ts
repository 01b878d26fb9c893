import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import { Turns } from "../../core/turns.ts";
import type { Tip } from "../../history/tip.ts";
import type { Begun } from "../commit-loop.ts";
import type { SpaceParts } from "../space-parts.ts";
import type { GcReport } from "../types.ts";
import type { WorkCall } from "../work-call.ts";
import { type LetGo, letGoIn, letGoOfNothing } from "./let-go-in.ts";
import { noteLook } from "./looks.ts";
import { type Purged, purgePath } from "./purge-path.ts";
import { collect } from "./upkeep.ts";
import { wouldLetGo } from "./would-let-go.ts";

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

  constructor(parts: SpaceParts) {
    this.#parts = parts;
  }

  /**
   * Lets go of what the retention policy does not keep and of states that lie close together, then frees
   * what nothing needs.
   */
  async collect(call: WorkCall): Promise<GcReport> {
    const letGo = await this.#letGo(call);
    return { ...(await this.#free(call)), ...letGo };
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

  #free(call: WorkCall): Promise<{ freedBlocks: number; freedBytes: number }> {
    const { space, loop, neighbours } = this.#parts;
    const retained = { space, tip: () => loop.tip };
    return this.#turns.take(() => collect(space.store, [retained, ...neighbours()], call));
  }
}
