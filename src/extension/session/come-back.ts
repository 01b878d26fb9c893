import * as vscode from "vscode";
import { driveIsOpen } from "../documents/shown-resource.ts";
import type { DriveSession } from "./drive-session.ts";

const lookEveryMs = 3000;

/**
 * Brings a window back to the node after its connection has ended: as soon as somebody else has
 * started one, since changes would be missed, and when the person comes back to the window. Starts
 * none before: a node that was stopped on purpose stays stopped.
 */
export class ComingBack implements vscode.Disposable {
  readonly #session: DriveSession;
  readonly #nodeRuns: () => Promise<boolean>;
  readonly #looks = new vscode.EventEmitter<boolean>();
  readonly #listeners: readonly vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  /** It has looked for a node, and tells whether one runs. */
  readonly onDidLook = this.#looks.event;

  /** @param nodeRuns - looks for a running node and starts none. */
  constructor(session: DriveSession, nodeRuns: () => Promise<boolean>) {
    this.#session = session;
    this.#nodeRuns = nodeRuns;
    this.#listeners = [
      session.onDidChangeState(({ kind }) => {
        clearTimeout(this.#timer);
        if (kind === "idle" && driveIsOpen()) this.#lookLater();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused && driveIsOpen() && session.state.kind === "idle") void session.refresh();
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#listeners, this.#looks).dispose();
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => void this.#look(), lookEveryMs);
  }

  async #look(): Promise<void> {
    if (this.#session.state.kind !== "idle") return;
    const runs = await this.#nodeRuns();
    this.#looks.fire(runs);
    if (runs) await this.#session.refresh();
    else this.#lookLater();
  }
}
