import { LRUCache } from "lru-cache";
import type { Tip } from "../../history/tip.ts";
import { emptyState, type State } from "../../tree/state.ts";
import { type StateView, viewState } from "../../tree/state-view.ts";
import type { OpenSpace } from "../open-space.ts";
import type { When } from "../types.ts";
import { stateWhen } from "./when.ts";

/** States of the past that stay opened. */
const heldMoments = 8;

/** The tree now and at moments that people name; those asked for last stay opened. */
export class Moments {
  readonly #space: OpenSpace;
  readonly #now: () => number;
  readonly #tip: () => Tip | undefined;
  readonly #held = new LRUCache<string, State>({ max: heldMoments });
  #heldOf: Tip | undefined;

  /** @param tip - the latest durable revision. */
  constructor(space: OpenSpace, now: () => number, tip: () => Tip | undefined) {
    this.#space = space;
    this.#now = now;
    this.#tip = tip;
  }

  /** The tree at a moment, now if none is given. @throws not-found, as `stateWhen` */
  async state(at: When | undefined): Promise<State> {
    const tip = this.#tip();
    if (at === undefined) return tip?.state ?? emptyState;
    if (this.#heldOf !== tip) this.#held.clear();
    this.#heldOf = tip;
    const held = this.#held.get(at);
    if (held !== undefined) return held;
    const state = await this.stateIn(tip, at);
    // Only what does not move with the clock (`2 days ago` is another moment each time) nor with a
    // tag that was set meanwhile.
    if (!/ago|yesterday|now/iu.test(at) && this.#heldOf === tip) this.#held.set(at, state);
    return state;
  }

  /** The same to be read. */
  async view(at: When | undefined): Promise<StateView> {
    return viewState(this.#space.sealer, await this.state(at));
  }

  /** The tree at a moment, as a given revision knows it. @throws not-found */
  stateIn(tip: Tip | undefined, at: When): Promise<State> {
    return stateWhen(this.#space, tip, at, this.#now());
  }
}
