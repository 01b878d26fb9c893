import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import { Turns } from "../../core/turns.ts";
import { letGo } from "../../history/retention.ts";
import type { Tip } from "../../history/tip.ts";
import type { SpaceParts } from "../space-parts.ts";
import type { GcReport } from "../types.ts";
import type { WorkCall } from "../work-call.ts";
import { type DroppedReport, droppedReport } from "./dropped-report.ts";
import { noteLook, readLooks } from "./looks.ts";
import { type Purged, purgePath } from "./purge-path.ts";
import { collect } from "./upkeep.ts";
import { wouldLetGo } from "./would-let-go.ts";

/** Lets go of history and frees the blocks that nothing needs any more. */
export class Freeing {
  readonly #parts: SpaceParts;
  /** Of collections: each begins with what the one before left. */
  readonly #turns = new Turns();

  constructor(parts: SpaceParts) {
    this.#parts = parts;
  }

  /** Lets go of what the retention policy does not keep, then frees what nothing needs. */
  async collect(call: WorkCall): Promise<GcReport> {
    const dropped = await this.#letGo();
    return { ...(await this.#free(call)), ...dropped };
  }

  /** What {@link collect} would do now. Changes nothing. */
  async measure(call: WorkCall): Promise<GcReport> {
    const { loop, space, settings, now, neighbours } = this.#parts;
    const { tip } = loop;
    const wouldBe = tip === undefined ? undefined : await wouldLetGo(space, tip, settings(), now());
    const retained = {
      space,
      tip: () => wouldBe?.tip,
      ...(wouldBe === undefined ? {} : { reader: wouldBe.reader }),
    };
    const measured = await this.#turns.take(() =>
      collect(space.store, [retained, ...neighbours()], call, "measure"),
    );
    return { ...measured, droppedVersions: 0, droppedRevisions: 0, ...wouldBe?.dropped };
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

  /** Lets go of what the retention policy does not keep. */
  async #letGo(): Promise<DroppedReport> {
    const { loop, space, settings, now } = this.#parts;
    if (loop.tip === undefined) return { droppedVersions: 0, droppedRevisions: 0 };
    const looks = readLooks(space);
    const at = now();
    const dropped = await loop.apply([], ({ draft, base }) => {
      const { retention } = settings();
      return letGo(draft, space.sealer, base as Tip, retention, draft.state.vv, at, looks);
    });
    await noteLook(space, at);
    return droppedReport(dropped, at);
  }

  #free(call: WorkCall): Promise<{ freedBlocks: number; freedBytes: number }> {
    const { space, loop, neighbours } = this.#parts;
    const retained = { space, tip: () => loop.tip };
    return this.#turns.take(() => collect(space.store, [retained, ...neighbours()], call));
  }
}
