import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Client, type ConnectOptions, connect } from "../../src/node/rpc/client.ts";

/** The program that the tests start as a node. */
export const entry = join(import.meta.dirname, "node-for-tests.ts");

/** Nodes as programs of their own over the data folder of a test, and clients of them. */
export interface StartedNodes {
  /** Holds {@link home}. */
  readonly folder: string;
  /** The data folder, not there at first; a test may choose another. */
  home: string;
  /** Closed after the test. */
  readonly clients: Client[];
  /** Killed after the test. */
  readonly pids: Set<number>;
  /** How to connect to the node of a data folder, and start one if there is none. */
  readonly options: (env?: Record<string, string>, home?: string) => ConnectOptions;
  readonly enter: (given?: ConnectOptions) => Promise<Client>;
  /** A program of its own that has a client on `given` and runs `body` with it. */
  readonly program: (given: ConnectOptions, body: string, env?: NodeJS.ProcessEnv) => ChildProcess;
  /** The node that a program of its own found or started. */
  readonly startElsewhere: (env?: NodeJS.ProcessEnv) => Promise<number>;
  readonly pidOf: (client: Client) => Promise<number>;
  /** Puts an empty file into the data folder. */
  readonly mark: (name: string) => void;
  readonly inHome: (name: string) => boolean;
}

/** Has each test of the suite at hand a data folder of its own, whose nodes end after it. */
export function eachNode(): StartedNodes {
  /** Compiled modules, so that a node starts in a quarter of the time. */
  let cache: string;
  let folder: string;
  let home: string;
  const clients: Client[] = [];
  const pids = new Set<number>();

  before(() => {
    cache = mkdtempSync(join(tmpdir(), "ipcloud-test-"));
  });
  after(() => {
    rmSync(cache, { recursive: true, force: true, maxRetries: 5 });
  });
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "ipcloud-test-")));
    home = join(folder, "home");
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const pid of pids) kill(pid, "SIGKILL");
    for (const pid of pids) await untilGone(pid);
    pids.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  const options = (env: Record<string, string> = {}, at = home): ConnectOptions => {
    const launch = {
      execPath: process.execPath,
      entry,
      env: { ...env, NODE_COMPILE_CACHE: cache },
    };
    return { home: at, build: "1.0.0", launch };
  };
  const pidOf = async (client: Client): Promise<number> => {
    const { pid } = await client.request("status", {});
    pids.add(pid);
    return pid;
  };
  const program = (
    given: ConnectOptions,
    body: string,
    env: NodeJS.ProcessEnv = {},
  ): ChildProcess => {
    const module = new URL("../../src/node/rpc/client.ts", import.meta.url).href;
    return runModule(
      `const { connect } = await import(${JSON.stringify(module)});
      const client = await connect(${JSON.stringify(given)});
      ${body}`,
      { ...env, NODE_COMPILE_CACHE: cache },
    );
  };
  return {
    get folder() {
      return folder;
    },
    get home() {
      return home;
    },
    set home(path) {
      home = path;
    },
    clients,
    pids,
    options,
    enter: async (given = options()) => {
      const client = await connect(given);
      clients.push(client);
      await pidOf(client);
      return client;
    },
    program,
    startElsewhere: async (env = {}) => {
      const body = `process.stdout.write(JSON.stringify(await client.request("status", {})));
      client.close();`;
      const starter = program(options(), body, env);
      const answer = JSON.parse(await outputOf(starter)) as { pid: number };
      pids.add(answer.pid);
      return answer.pid;
    },
    pidOf,
    mark: (name) => {
      writeFileSync(join(home, name), "");
    },
    inHome: (name) => existsSync(join(home, name)),
  };
}

/** Runs a program given as the text of a module. */
export function runModule(text: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", text];
  return spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) text += String(chunk);
  return text;
}

/** Sends a signal, if there is still anybody to take it. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for the end of a process. */
export async function untilGone(pid: number): Promise<void> {
  await until(() => !isAlive(pid));
}

/** Polls until `condition` holds; mocha's own limit is the deadline. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}
