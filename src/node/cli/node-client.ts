import type { Client, Stopped } from "../rpc/client.ts";

/** What the commands need of a connection to the local node. */
export type NodeClient = Pick<Client, "request" | "close">;

/** The way to the local node of one data folder. */
export interface NodeGate {
  /** The data folder, absolute. */
  readonly home: string;
  /** Whether the data folder holds a drive, or what is left of one. Starts and makes nothing. */
  holdsDrive(): boolean;
  /**
   * Refuses a place in the data folder: what is written there would replace the drive's own files.
   * @throws usage
   */
  keepOut(dest: string): void | Promise<void>;
  /** Connects, and starts a node first where none runs. @throws unavailable */
  connect(): Promise<NodeClient>;
  /** Connects to a node that runs already. @returns `undefined` if none does. */
  connectRunning(): Promise<NodeClient | undefined>;
  /** Stops the node that runs, also one that doesn't answer. @throws unavailable, if it can't be */
  stop(): Promise<Stopped>;
}
