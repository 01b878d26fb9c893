import type { Readable, Writable } from "node:stream";

/** A stream that may be a terminal. */
export type MaybeTerminal<Stream> = Stream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/** The surroundings of one run of `ipcloud`: `process`, or what a test puts in its place. */
export interface Terminal {
  readonly stdin: MaybeTerminal<Readable>;
  readonly stdout: MaybeTerminal<Writable>;
  readonly stderr: MaybeTerminal<Writable>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths of the local disk start here. */
  readonly cwd: string;
}

/** Whether somebody is there to be asked: keys come from a terminal and questions go to one. */
export function canAsk(terminal: Terminal): boolean {
  return terminal.stdin.isTTY === true && terminal.stderr.isTTY === true;
}

/** The width of a terminal in characters; `otherwise`, if it is none or doesn't tell (0). */
export function columnsOf(stream: MaybeTerminal<Writable>, otherwise: number): number {
  const { columns = 0 } = stream;
  return columns > 0 ? columns : otherwise;
}
