import { Pace, showSeconds } from "../../node/core/pace.ts";
import { showSize } from "../../node/core/show-size.ts";
import type { Progress } from "../../node/rpc/contract.ts";
import { count } from "../words.ts";

/** How many that have ended are remembered. */
const mostEnded = 50;

/** How far a task is: `incomplete` ended with things that could not be done. */
export type TaskState = "running" | "cancelling" | "done" | "incomplete" | "cancelled" | "failed";

/** Something that takes long, as it stands. */
export interface Task {
  readonly id: number;
  /** `Importing notes`. */
  readonly title: string;
  readonly state: TaskState;
  /** How far it is, or what came of it. */
  readonly text: string;
  /** 0 to 1, where that is known. */
  readonly share: number | undefined;
  /** More than the text can say. */
  readonly notes: readonly string[];
}

/** What came of a task. */
export interface Ended {
  readonly state: Exclude<TaskState, "running" | "cancelling">;
  readonly text: string;
  readonly notes?: readonly string[];
}

/** A task as whoever does it sees it. */
export interface Running {
  readonly id: number;
  progress(progress: Progress): void;
  end(ended: Ended): void;
}

/** What takes long in this window: what is under way, and what came of what ended, newest first. */
export class Activity {
  readonly #now: () => number;
  readonly #onChange: () => void;
  #tasks: readonly Task[] = [];
  readonly #cancels = new Map<number, () => void>();
  #count = 0;

  /** @param now - in ms, by a clock that never falls. */
  constructor(now: () => number, onChange: () => void) {
    this.#now = now;
    this.#onChange = onChange;
  }

  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  /** How many have not ended. */
  get running(): number {
    return this.#cancels.size;
  }

  /** @param cancel - has it give up. */
  begin(title: string, cancel: () => void): Running {
    const id = ++this.#count;
    const pace = new Pace();
    this.#cancels.set(id, cancel);
    this.#tasks = [
      { id, title, state: "running", text: "", share: undefined, notes: [] },
      ...this.#tasks,
    ];
    this.#onChange();
    return {
      id,
      progress: (progress) => {
        const { done, total } = progress;
        const speed = pace.next(progress, this.#now());
        const left = speed?.left === undefined ? "" : `, ${showSeconds(speed.left)} left`;
        const text = `${showProgress(progress)}${left}`;
        this.#change(id, { text, share: total > 0 ? Math.min(1, done / total) : undefined });
      },
      end: ({ state, text, notes = [] }) => {
        this.#cancels.delete(id);
        this.#change(id, { state, text, notes });
        this.#forgetOldest();
      },
    };
  }

  /** Asks a task to give up; what came of it is told when it has. */
  cancel(id: number): void {
    const cancel = this.#cancels.get(id);
    if (cancel === undefined) return;
    this.#change(id, { state: "cancelling" });
    cancel();
  }

  /** Forgets what has ended. */
  clear(): void {
    this.#tasks = this.#tasks.filter(({ id }) => this.#cancels.has(id));
    this.#onChange();
  }

  #change(id: number, change: Partial<Task>): void {
    this.#tasks = this.#tasks.map((task) => (task.id === id ? { ...task, ...change } : task));
    this.#onChange();
  }

  #forgetOldest(): void {
    let ended = 0;
    this.#tasks = this.#tasks.filter(({ id }) => this.#cancels.has(id) || ended++ < mostEnded);
  }
}

/** `reading, 120 of 4,000 files`. */
export function showProgress({ phase, done, total, unit }: Progress): string {
  const one = unit.slice(0, -1);
  const show = (n: number): string => (unit === "bytes" ? showSize(n) : count(n, one));
  if (total === 0) return `${phase}, ${show(done)}`;
  const of = unit === "bytes" ? showSize(done) : new Intl.NumberFormat("en").format(done);
  return `${phase}, ${of} of ${show(total)}`;
}
