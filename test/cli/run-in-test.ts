import { PassThrough, Readable } from "node:stream";
import type { NodeClient, NodeGate } from "../../src/node/cli/node-client.ts";
import { runCli } from "../../src/node/cli/run-cli.ts";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import type { ClientRequestName, RequestOptions } from "../../src/node/rpc/client.ts";
import type { Params, Result } from "../../src/node/rpc/contract.ts";
import { mustNotLeadHome } from "../../src/node/transfer/export/export-dest.ts";

/** What the node of a test answers, by request. */
export type Answers = {
  readonly [Name in ClientRequestName]?: (
    params: Params<Name>,
    options: RequestOptions,
  ) => Result<Name> | Promise<Result<Name>>;
};

/** A request that the command line sent. */
export interface Call {
  readonly name: ClientRequestName;
  readonly params: unknown;
}

/** How one run differs from: no terminal, an empty environment, nothing on standard input. */
export interface Surroundings {
  readonly answers?: Answers;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The data folder; by default, one that is not there. */
  readonly home?: string;
  readonly stdin?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** All three streams are a terminal. */
  readonly terminal?: boolean;
  /** Only standard output is. */
  readonly terminalOut?: boolean;
  /** What is typed at each question in turn, or in answer to it; the end of input after the last. */
  readonly typed?: readonly string[] | ((question: string) => string | undefined);
  /** Whether a node runs before the command; by default, yes. */
  readonly running?: boolean;
  /** Whether the data folder holds a drive; by default, yes. */
  readonly holdsDrive?: boolean;
  readonly signal?: AbortSignal;
}

/** What a run left. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly Call[];
}

class TestStream extends PassThrough {
  isTTY = false;
  columns = 80;
  readonly text: string[] = [];
}

function collecting(isTTY: boolean): TestStream {
  const stream = new TestStream();
  stream.isTTY = isTTY;
  stream.setEncoding("utf8").on("data", (chunk: string) => stream.text.push(chunk));
  return stream;
}

function clientOf(answers: Answers, calls: Call[]): NodeClient {
  return {
    async request<Name extends ClientRequestName>(
      name: Name,
      params: Params<Name>,
      options: RequestOptions = {},
    ): Promise<Result<Name>> {
      const answer = answers[name];
      // Asked beside what is tested: by most tests' clocks nothing lies in the future, and all is kept.
      if (name === "passedOver" && answer === undefined) return {} as Result<Name>;
      if (name === "shownAt" && answer === undefined) return [] as unknown as Result<Name>;
      calls.push({ name, params });
      if (answer === undefined) throw new CloudError("unexpected", `no answer to ${name}`);
      options.signal?.throwIfAborted();
      return answer(params, options);
    },
    close: () => undefined,
  };
}

/** Types an answer whenever a question stands at the end of what the terminal shows. */
function typeAnswers(stdin: TestStream, stderr: TestStream, typed: Surroundings["typed"]): void {
  const answers = typeof typed === "function" ? [] : [...(typed ?? [])];
  stderr.on("data", (chunk: string) => {
    // The cursor's movements around an echoed question are no part of it.
    const shown = chunk.replace(/\u001b\[\d*[A-Za-z]/g, "");
    if (!/(: |\. )$/.test(shown)) return;
    const answer = typeof typed === "function" ? typed(shown) : answers.shift();
    setImmediate(() => (answer === undefined ? stdin.end() : stdin.write(`${answer}\r`)));
  });
}

/** Runs the command line in this process, against a node that answers as the test says. */
export async function run(args: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const { answers = {}, env = {}, cwd = "/", terminal = false, running = true } = surroundings;
  const calls: Call[] = [];
  const client = clientOf(answers, calls);
  const home = surroundings.home ?? "/home/of/test";
  const gate: NodeGate = {
    home,
    holdsDrive: () => surroundings.holdsDrive ?? true,
    keepOut: (dest) => {
      mustNotLeadHome(dest, home);
    },
    connect: () => Promise.resolve(client),
    connectRunning: () => Promise.resolve(running ? client : undefined),
    stop: () => Promise.resolve(running ? "stopped" : "not-running"),
  };
  const stdin = new TestStream();
  stdin.isTTY = terminal;
  const stdout = collecting(terminal || surroundings.terminalOut === true);
  const stderr = collecting(terminal);
  if (terminal) typeAnswers(stdin, stderr, surroundings.typed);
  else if (surroundings.stdin === undefined) stdin.end();
  else Readable.from(surroundings.stdin, { objectMode: false }).pipe(stdin);
  const status = await runCli(
    args,
    { stdin, stdout, stderr, env, cwd },
    gate,
    surroundings.signal ?? new AbortController().signal,
  );
  return { status, stdout: stdout.text.join(""), stderr: stderr.text.join(""), calls };
}
