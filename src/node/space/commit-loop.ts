import type { KeptSpace } from "../account/kept-space.ts";
import type { ContentReader } from "../blocks/content/content-reader.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { Received } from "../history/receive.ts";
import { RevisionDraft, type Tip } from "../history/tip.ts";
import type { StoreBatch } from "../store/store.ts";
import type { Edit } from "../tree/edit.ts";
import { emptyState } from "../tree/state.ts";
import { nextStamp } from "../tree/version-vector.ts";
import type { ClockSeen } from "./clock-notices.ts";
import { nameOwnDevice } from "./device-names.ts";
import { committedPuts } from "./heads/committed-puts.ts";
import { type NextTurn, nextTurn } from "./heads/go-on.ts";
import type { HeadChain } from "./heads/head-chain.ts";
import { type TakenIn, takeIn } from "./heads/take-in.ts";
import type { OpenSpace } from "./open-space.ts";
import { type SpaceKeys, spaceKeys } from "./space-keys.ts";
import { type Alone, type WaitingChange, WaitingLine } from "./waiting-line.ts";

/** What one change works on. */
export interface Change extends Begun {
  /** Where blocks go; durable with the revision. */
  readonly batch: StoreBatch;
  /** Milliseconds since 1970 of this revision. */
  readonly time: number;
}

/** A revision that was begun: in its turn, or before. */
export interface Begun {
  /** The revision that it stands on. */
  readonly base: Tip | undefined;
  /** With which it is sealed. */
  readonly keys: SpaceKeys;
  readonly draft: RevisionDraft;
  readonly edit: Edit;
}

/** A change that is waiting. */
interface Job extends WaitingChange {
  readonly begun: Begun | undefined;
  readonly run: (change: Change) => Promise<unknown>;
  /** Batches that hold its content; ended once the group is durable. */
  readonly staged: readonly StoreBatch[];
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** A group that was run and is to be sealed. */
interface Made {
  readonly change: Change;
  readonly turn: NextTurn;
  readonly results: readonly unknown[];
}

/** What a group came to. */
export interface Committed {
  readonly before: Tip | undefined;
  readonly tip: Tip;
}

/**
 * The two doors by which a drive changes: what is done here, and what was done elsewhere. Changes
 * that wait together become one revision: sealed, stored with its head in one durable transaction,
 * then acknowledged. A received revision has a turn to itself, and so have new keys.
 *
 * Invariants:
 * 1. A change is acknowledged after it is durable, and the tip moves only then.
 * 2. A change that fails leaves no trace: the group is run again without it. So does a revision that
 *    is not taken in.
 * 3. Times of one writer never fall, whatever the clock does; after a clock that was ahead another
 *    writer goes on.
 * 4. After it was closed nothing is written: another loop may have gone on from its tip.
 * 5. A store that turns out to be a copy goes on as a new writer from the head on by which it says so.
 * 6. A revision is sealed and signed with the keys that hold when it begins, all of it; only content
 *    that was sealed ahead of its turn may be under earlier ones.
 */
export class CommitLoop {
  readonly #space: OpenSpace;
  #heads: HeadChain;
  readonly #content: ContentReader;
  readonly #now: () => number;
  readonly #onCommit: (committed: Committed) => Promise<void>;
  readonly #waiting = new WaitingLine<Job>();
  #closed = false;
  #running: Promise<void> | undefined;
  #tip: Tip | undefined;
  #lastTime: number;
  #aheadUntil: number | undefined;
  /** The drive has this device's name. */
  #named = false;

  /** @param onCommit - told of what is durable; must not fail. */
  constructor(
    space: OpenSpace,
    content: ContentReader,
    heads: HeadChain,
    start: { readonly tip: Tip | undefined; readonly lastTime: number },
    now: () => number,
    onCommit: (committed: Committed) => Promise<void>,
  ) {
    this.#space = space;
    this.#content = content;
    this.#heads = heads;
    this.#now = now;
    this.#onCommit = onCommit;
    this.#tip = start.tip;
    this.#lastTime = start.lastTime;
  }

  /** The latest durable revision; `undefined` before the first change. */
  get tip(): Tip | undefined {
    return this.#tip;
  }

  /** What there is to tell of the clock. */
  get clock(): ClockSeen {
    return { lastTime: this.#lastTime, aheadUntil: this.#aheadUntil };
  }

  /**
   * Begins a revision on the tip as it is, for a long change that wants to work before its turn.
   * Nothing comes of it unless it is handed to {@link apply}.
   */
  begin(): Begun {
    return this.#draft(this.#space.keys);
  }

  #draft(keys: SpaceKeys): Begun {
    const base = this.#tip;
    const draft = new RevisionDraft(this.#space.sealer, base);
    const stamp = nextStamp((base?.state ?? emptyState).vv, keys.writer.id);
    return { base, keys, draft, edit: draft.edit(stamp) };
  }

  /**
   * Queues a change and waits until it is durable.
   * @param touches - paths that it changes; changes that share one never share a revision. None: it
   * has a revision to itself.
   * @param begun - what `run` goes on with if the tip is still its base and the keys are the same; else
   * it gets a new draft. Only for a change that touches none.
   * @throws locked, once it is closed; may-not-write; what `run` throws
   */
  apply<Result>(
    touches: readonly string[],
    run: (change: Change) => Promise<Result>,
    staged: readonly StoreBatch[] = [],
    begun?: Begun,
  ): Promise<Result> {
    return this.#enqueue(staged, (resolve: (result: Result) => void, reject) => ({
      touches,
      run,
      staged,
      begun,
      resolve: (result: unknown) => {
        resolve(result as Result);
      },
      reject,
    }));
  }

  /**
   * Queues a revision that was received and counts, and waits until it is taken in, or was not.
   * @param staged - batches that hold its blocks, made readable; ended either way.
   * @returns what it came to; `refused`, `differs`, `kept`: nothing was stored.
   * @throws locked, once it is closed; may-not-write; not-found, damaged, if blocks are not at hand
   */
  receive(received: Tip, staged: readonly StoreBatch[] = []): Promise<Received> {
    return this.#enqueue(staged, (resolve: (outcome: Received) => void, reject) => ({
      runAlone: () => this.#arrive(received, staged).then(resolve, reject),
    }));
  }

  /**
   * Goes on with what the keystore has of the space now: another epoch, another roster. Waits until
   * all that was asked for before is durable; what comes later is under the new keys.
   * @throws locked, once it is closed; damaged, newer, and then the keys stay
   */
  async rekey(kept: KeptSpace): Promise<void> {
    await this.#enqueue([], (resolve: (keys: SpaceKeys) => void, reject) => ({
      runAlone: () =>
        Promise.resolve(kept)
          .then((known) => this.#replaceKeys(known))
          .then(resolve, reject),
    }));
  }

  #enqueue<Result>(
    staged: readonly StoreBatch[],
    waiting: (resolve: (result: Result) => void, reject: (error: unknown) => void) => Job | Alone,
  ): Promise<Result> {
    if (this.#closed) {
      for (const batch of staged) batch.abandon();
      return Promise.reject(lockedMeanwhile());
    }
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.add(waiting(resolve, reject));
      this.#running ??= this.#drain();
    });
  }

  /** Takes no further change. Resolves when those that it took are durable or have failed. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running !== undefined) await this.#running;
  }

  async #drain(): Promise<void> {
    while (!this.#waiting.isEmpty) {
      const next = await this.#waiting.next();
      if ("runAlone" in next) await next.runAlone();
      else await this.#commit(next);
    }
    this.#running = undefined;
  }

  /** Takes in what was received. */
  async #arrive(received: Tip, staged: readonly StoreBatch[]): Promise<Received> {
    const batch = this.#space.store.begin();
    try {
      mayWrite(this.#space.keys);
      const before = this.#tip;
      const time = Math.max(this.#now(), this.#lastTime);
      const { received: outcome, taken } = await takeIn(
        this.#space,
        this.#content,
        this.#heads,
        batch,
        before,
        received,
        time,
      );
      if (taken === undefined) {
        for (const each of [batch, ...staged]) each.abandon();
      } else {
        await this.#keep(batch, staged, taken, time);
        await this.#onCommit({ before, tip: taken.tip });
      }
      return outcome;
    } catch (error) {
      for (const each of [batch, ...staged]) each.abandon();
      throw error;
    }
  }

  async #keep(
    batch: StoreBatch,
    staged: readonly StoreBatch[],
    { tip, head, heads, next }: TakenIn,
    time: number,
  ): Promise<void> {
    for (const each of staged) await batch.absorb(each);
    const settings = next === undefined ? {} : { settings: next.settings };
    await batch.commit({ head: head.record, ...settings });
    heads.take(head);
    this.#heads = heads;
    if (next !== undefined) this.#space.goOnAs(next);
    this.#tip = tip;
    this.#lastTime = time;
  }

  /** In its turn, for the space may have gone on as another writer. */
  #replaceKeys(kept: KeptSpace): SpaceKeys {
    const { primitives, device, keys } = this.#space;
    const { writer } = keys;
    const next = spaceKeys(primitives, kept, { ...device, writer });
    this.#space.replaceKeys(next);
    return next;
  }

  /** Runs a group; a change that fails is told so and the rest is run again. */
  async #commit(jobs: readonly Job[]): Promise<void> {
    let group = jobs;
    while (group.length > 0) {
      const batch = this.#space.store.begin();
      let failed: Job | undefined;
      try {
        const made = await this.#begin(batch, group, (job) => {
          failed = job;
        });
        await this.#finish(group, made);
        return;
      } catch (error) {
        batch.abandon();
        const guilty: readonly Job[] = failed === undefined ? group : [failed];
        for (const job of guilty) {
          for (const staged of job.staged) staged.abandon();
          job.reject(error);
        }
        group = group.filter((job) => !guilty.includes(job));
      }
    }
  }

  async #begin(
    batch: StoreBatch,
    group: readonly Job[],
    onFailing: (job: Job | undefined) => void,
  ): Promise<Made> {
    const before = this.#tip;
    mayWrite(this.#space.keys);
    const now = this.#now();
    const turn = await nextTurn(this.#space, this.#heads, before, this.#lastTime, now);
    const { keys, time } = turn;
    const ahead = group[0]?.begun;
    const isAsBegun = ahead?.base === before && ahead?.keys === keys;
    const { draft, edit } = isAsBegun ? ahead : this.#draft(keys);
    const change: Change = { base: before, keys, draft, edit, batch, time };
    const results: unknown[] = [];
    for (const job of group) {
      onFailing(job);
      results.push(await job.run(change));
    }
    onFailing(undefined);
    return { change, turn, results };
  }

  async #finish(group: readonly Job[], { change, turn, results }: Made): Promise<void> {
    const { base: before, draft, edit, batch, time } = change;
    const changed =
      draft.state.tree.dirty ||
      draft.state.removed.dirty ||
      draft.versions.dirty ||
      draft.log.dirty ||
      draft.tags.dirty ||
      draft.purged.dirty;
    if (changed) {
      if (!this.#named) await nameOwnDevice(this.#space, before, draft, edit);
      const tip = await draft.sealChange(batch, before === undefined ? [] : [before], edit, time);
      const { primitives } = this.#space;
      const puts = Array.from(edit.puts.values(), ({ link, record }) => {
        return { stamp: edit.stamp, link, record };
      });
      const committed = await committedPuts(primitives, this.#content, batch, puts);
      const head = turn.heads.sign(turn.keys, tip, committed);
      // Content was staged before: it becomes durable with what refers to it, so that no collection
      // of garbage gets in between.
      for (const job of group) for (const staged of job.staged) await batch.absorb(staged);
      await batch.commit({ head: head.record, ...turn.records });
      turn.heads.take(head);
      this.#heads = turn.heads;
      if (turn.next !== undefined) this.#space.goOnAs(turn.next);
      if (time < this.#lastTime) this.#aheadUntil = this.#lastTime;
      this.#tip = tip;
      this.#lastTime = time;
      this.#named = true;
      await this.#onCommit({ before, tip });
    } else {
      // What was put is there already, unless it was damaged: then this repairs it.
      for (const job of group) for (const staged of job.staged) await batch.absorb(staged);
      await batch.commit();
    }
    group.forEach((job, i) => {
      job.resolve(results[i]);
    });
  }
}

/** @throws may-not-write, saying why */
function mayWrite({ refusal }: SpaceKeys): void {
  if (refusal !== undefined) throw refusal;
}

/** What is said to whoever was at work on a drive when it was locked. */
export function lockedMeanwhile(): CloudError {
  return new CloudError("locked", "the drive was locked meanwhile: unlock it and try again");
}
