import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Trial, Verdict } from "./trial.ts";

/** A process that holds more is given up for a new one. */
const mostHeldBytes = 1_000_000_000;

/** No change of a reader does that: somebody else ended the process, and nothing is known. */
const endedFromOutside = "the end of the process (SIGTERM)";

/** Tries changes in a process of its own, which is started anew when one of them ends it. */
export class TrialProcess {
  #child: ChildProcess | undefined;

  /**
   * Runs one trial.
   * @param timeoutMs - after which an endless loop is taken for noticed.
   * @returns by what the change was noticed; `undefined`: by nothing.
   */
  async run(trial: Trial, timeoutMs: number): Promise<string | undefined> {
    const child = (this.#child ??= fork(join(import.meta.dirname, "try-mutants.ts"), {
      execArgv: ["--max-old-space-size=1024", "--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    }));
    const verdict = await ask(child, trial, timeoutMs);
    if (verdict === endedFromOutside) {
      this.stop();
      return this.run(trial, timeoutMs);
    }
    if (typeof verdict === "string" || verdict.heldBytes > mostHeldBytes) this.stop();
    return typeof verdict === "string" ? verdict : verdict.noticedBy;
  }

  /** Ends the process. */
  stop(): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }
}

/** @returns the verdict, or how the process came to its end without one. */
function ask(child: ChildProcess, trial: Trial, timeoutMs: number): Promise<Verdict | string> {
  return new Promise((resolve) => {
    const settle = (verdict: Verdict | string): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(verdict);
    };
    const timer = setTimeout(() => {
      settle("the time limit");
    }, timeoutMs);
    child.once("message", (verdict) => {
      settle(verdict as Verdict);
    });
    child.once("exit", (code, signal) => {
      settle(`the end of the process (${String(code ?? signal)})`);
    });
    child.once("error", (error) => {
      settle(error.message);
    });
    child.send(trial);
  });
}
