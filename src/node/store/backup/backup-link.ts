import { type ChildProcess, fork } from "node:child_process";
import { CloudError } from "../../core/cloud-error.ts";
import type {
  BackupAnswer,
  BackupCallMessage,
  BackupCallName,
  BackupCalls,
} from "./backup-calls.ts";

/** For so long the process may say nothing: its disk is slow, or doesn't answer. */
const silentMs = 120_000;
/** How long it may take to close. */
const closeMs = 30_000;

/** The process that writes a backup, from the side of the node. */
export class BackupLink {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #dest: string;
  /** Who waits for the answer; which it is, the call knows. */
  #waiting: { resolve: (result: never) => void; reject: (error: Error) => void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: CloudError | undefined;

  /** @param dest - for sentences. */
  constructor(dest: string) {
    this.#dest = dest;
    // The bundle and the sources differ in nothing but the ending.
    const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".mjs";
    this.#child = fork(new URL(`./backup-process${ending}`, import.meta.url), {
      serialization: "advanced",
      windowsHide: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child.on("message", (answer: BackupAnswer) => {
      this.#answer(answer);
    });
    this.#ended = new Promise((resolve) => {
      const end = (cause?: Error): void => {
        this.#fail(
          new CloudError("unexpected", "the process that writes the backup ended", { cause }),
        );
        resolve();
      };
      this.#child.once("error", end);
      this.#child.once("exit", () => {
        end();
      });
    });
  }

  /** Asks it. @throws what it says; storage, if its disk doesn't answer; cancelled */
  call<Name extends BackupCallName>(
    name: Name,
    argument: BackupCalls[Name]["takes"],
  ): Promise<BackupCalls[Name]["gives"]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting = { resolve, reject };
      this.#watch();
      const message: BackupCallMessage = { name, argument };
      this.#child.send(message);
    });
  }

  /** Ends it at once; what is being written stays as sound as it was. */
  cancel(): void {
    this.#fail(new CloudError("cancelled", "the backup was cancelled"));
    this.#child.kill("SIGKILL");
  }

  /** Lets it close its files and end. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), closeMs);
    await this.#ended;
    clearTimeout(timer);
  }

  #answer(answer: BackupAnswer): void {
    if (answer === "going on") {
      if (this.#waiting !== undefined) this.#watch();
      return;
    }
    clearTimeout(this.#timer);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if ("result" in answer) waiting?.resolve(answer.result as never);
    else waiting?.reject(new CloudError(answer.error.code, answer.error.message));
  }

  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const seconds = (silentMs / 1000).toString();
      const shown = JSON.stringify(this.#dest);
      const message = `the disk of ${shown} has not answered for ${seconds} s: see whether it is still connected`;
      this.#fail(new CloudError("storage", message));
      this.#child.kill("SIGKILL");
    }, silentMs);
  }

  #fail(error: CloudError): void {
    clearTimeout(this.#timer);
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}
