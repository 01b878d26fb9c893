import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { parseTime } from "../core/parse-time.ts";
import type { ClientRequestName, RequestOptions } from "../rpc/client.ts";
import type { Params, Result, Status, When } from "../rpc/contract.ts";
import { type ExitStatus, exitStatusOf } from "./exit-codes.ts";
import type { NodeClient, NodeGate } from "./node-client.ts";
import { makeOutput, type Output } from "./output.ts";
import { makeProgressBar, type ProgressBar } from "./progress-bar.ts";
import { isoTime } from "./show/show-time.ts";
import type { Terminal } from "./terminal.ts";
import { unlockDrive } from "./unlock-drive.ts";

/** What a {@link Session} is made of. */
export interface SessionParts {
  readonly terminal: Terminal;
  readonly gate: NodeGate;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Whether `--json` was given. */
  readonly json: boolean;
}

/** One run of one command: its surroundings, and a connection that is made at the first request. */
export class Session {
  readonly terminal: Terminal;
  readonly gate: NodeGate;
  readonly signal: AbortSignal;
  readonly output: Output;
  /** What the run ends with if nothing is thrown. */
  exitStatus: ExitStatus = 0;
  /** What it ends with at a fault that nobody foresaw. */
  faultStatus: ExitStatus = exitStatusOf.unexpected;
  #client: Promise<NodeClient> | undefined;
  /** Moments that were looked at. */
  readonly #moments = new Set<When>();

  constructor({ terminal, gate, signal, json }: SessionParts) {
    this.terminal = terminal;
    this.gate = gate;
    this.signal = signal;
    this.output = makeOutput(terminal, json, signal);
  }

  /**
   * The connection to the node, which is started if it doesn't run.
   * @param makesDrive - whether there need be no drive yet.
   * @throws no-account, if there is none and no node runs: then none is started
   */
  client(makesDrive = false): Promise<NodeClient> {
    return (this.#client ??= this.#connect(makesDrive));
  }

  async #connect(makesDrive: boolean): Promise<NodeClient> {
    const { gate } = this;
    if (makesDrive || gate.holdsDrive()) return gate.connect();
    const running = await gate.connectRunning();
    if (running !== undefined) return running;
    throw new CloudError(
      "no-account",
      `there is no drive in ${JSON.stringify(gate.home)} yet; make one with: ipcloud init`,
    );
  }

  /** The connection to a node that runs already; `undefined` if none does. */
  async runningClient(): Promise<NodeClient | undefined> {
    if (this.#client !== undefined) return this.#client;
    const client = await this.gate.connectRunning();
    if (client !== undefined) this.#client = Promise.resolve(client);
    return client;
  }

  /** Ends the node, if one runs; the next request starts another. */
  async stopNode(): Promise<void> {
    const client = await this.runningClient();
    this.#client = undefined;
    await client?.request("stop", {});
    // The node waits for its clients to go.
    client?.close();
  }

  /** Sends a request as it is. */
  async requestPlain<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options: RequestOptions = {},
  ): Promise<Result<Name>> {
    if (this.signal.aborted) throw new CloudError("cancelled", "cancelled");
    const client = await this.client();
    return client.request(name, params, { signal: this.signal, ...options });
  }

  /**
   * Sends a request; if it finds the drive locked, unlocks it and sends it again. Where it asks for a
   * moment that leaves out what was changed last, or whose state is not kept, that is said first.
   */
  async request<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options: RequestOptions = {},
  ): Promise<Result<Name>> {
    const { at } = params as { readonly at?: unknown };
    const isAboutMoment = name === "passedOver" || name === "shownAt";
    if (typeof at === "string" && !isAboutMoment) await this.warnOfMoment(at);
    return this.#requestUnlocked(name, params, options);
  }

  /**
   * Says, once, if a moment leaves out what was changed under a clock that was ahead, and which state it
   * shows if that of the last change before it is not kept.
   */
  async warnOfMoment(at: When): Promise<void> {
    if (this.#moments.has(at) || parseTime(at, 0) === undefined) return;
    this.#moments.add(at);
    const { latest } = await this.#requestUnlocked("passedOver", { at }, {});
    if (latest !== undefined) {
      this.output.note(
        `ipcloud: this moment leaves out changes that bear a later time than the clock shows, up to ${isoTime(latest)}: the clock was ahead when they were made, or it is behind now`,
      );
    }
    for (const { shown, changed } of await this.#requestUnlocked("shownAt", { at }, {})) {
      const instead =
        shown === undefined ? "none" : `that of ${isoTime(shown.time)} (${shown.revision})`;
      this.output.note(
        `ipcloud: of the changes up to ${isoTime(changed.time)} (${changed.revision}) the drive keeps the files, but no state at that moment: shown is ${instead}; see: ipcloud log PATH`,
      );
    }
  }

  async #requestUnlocked<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options: RequestOptions,
  ): Promise<Result<Name>> {
    try {
      return await this.requestPlain(name, params, options);
    } catch (error) {
      if (!isCloudError(error, "locked")) throw error;
    }
    await this.unlock();
    return this.requestPlain(name, params, options);
  }

  /** Unlocks the drive by the environment's file or by asking. See {@link unlockDrive}. */
  async unlock(): Promise<Status> {
    return unlockDrive(await this.client(), this.terminal);
  }

  /** A request that may take long, with a bar of its progress. */
  async requestLong<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
  ): Promise<Result<Name>> {
    return this.withBar((bar) =>
      this.request(name, params, {
        onProgress: (progress) => {
          bar.update(progress);
        },
      }),
    );
  }

  /** Runs something beside a bar, which is wiped whatever happens. */
  async withBar<T>(run: (bar: ProgressBar) => Promise<T>): Promise<T> {
    const bar = makeProgressBar(this.terminal, this.output.json);
    try {
      return await run(bar);
    } finally {
      bar.clear();
    }
  }

  /** Ends the connection, once there is one. */
  close(): void {
    this.#client?.then(
      (client) => {
        client.close();
      },
      () => undefined,
    );
  }
}
