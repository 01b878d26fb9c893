import * as vscode from "vscode";
import type { ChangedEvent, CloudError, Status } from "../../node/rpc/contract.ts";
import {
  type ConnectionHooks,
  type LinkState,
  NodeLink,
  type ReconnectingClient,
} from "../../provider/link/node-link.ts";

/** How the drive stands, as far as this window knows. */
export type DriveState =
  /** The local node does not run, or is not connected; the next call starts it. */
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "unavailable"; readonly error: CloudError }
  | { readonly kind: Status["state"]; readonly status: Status };

/** This window's part in the drive: its way to the node, and what the node last said of itself. */
export class DriveSession implements vscode.Disposable {
  readonly node: NodeLink;
  readonly #stateChanges = new vscode.EventEmitter<DriveState>();
  readonly #fileChanges = new vscode.EventEmitter<ChangedEvent>();
  readonly #connections = new vscode.EventEmitter<void>();
  /** How the drive stands has changed. */
  readonly onDidChangeState = this.#stateChanges.event;
  /** Somebody has changed files: this window, another one, the command line. */
  readonly onDidChangeFiles = this.#fileChanges.event;
  /** A new connection: events before it may have been missed. Fires before its first request. */
  readonly onDidConnect = this.#connections.event;
  #state: DriveState = { kind: "idle" };
  #isShut = false;
  #linkState: LinkState = { kind: "idle" };

  constructor(connect: (hooks: ConnectionHooks) => Promise<ReconnectingClient>) {
    this.node = new NodeLink(connect, {
      onState: (state) => {
        this.#takeLinkState(state);
      },
      onConnected: () => {
        this.#connections.fire();
      },
      mayAskAgain: () => !this.#isShut,
      onChanged: (event) => {
        this.#fileChanges.fire(event);
      },
      onStatus: (status) => {
        this.#enterStatus(status);
      },
    });
  }

  get state(): DriveState {
    return this.#state;
  }

  /**
   * Whether the drive was open in this window and is locked now, also by a node that stopped, and
   * nobody has asked for it since: nothing of it is to be shown, and nobody to be asked.
   */
  get isShut(): boolean {
    return this.#isShut;
  }

  /** Somebody asks for the drive: it is shut no longer, and a node that was stopped may be started. */
  ask(): void {
    this.#isShut = false;
  }

  /** Asks the node how it stands; starts it if need be. Never fails: the state tells. */
  async refresh(): Promise<DriveState> {
    try {
      this.#enterStatus(await this.node.request("status", {}));
    } catch {
      // The link has told why.
    }
    return this.#state;
  }

  dispose(): void {
    this.node.close();
    for (const emitter of [this.#stateChanges, this.#fileChanges, this.#connections])
      emitter.dispose();
  }

  #takeLinkState(state: LinkState): void {
    this.#linkState = state;
    if (state.kind === "connected") void this.refresh();
    else this.#enter(state);
  }

  #enterStatus(status: Status): void {
    if (this.#linkState.kind === "connected") this.#enter({ kind: status.state, status });
  }

  #enter(state: DriveState): void {
    const { kind } = this.#state;
    this.#isShut =
      (state.kind === "locked" && (this.#isShut || kind === "unlocked")) ||
      (state.kind === "idle" && (this.#isShut || kind === "locked"));
    this.#state = state;
    this.#stateChanges.fire(state);
  }
}
