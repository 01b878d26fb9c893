import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CloudError, isCloudError } from "../../src/node/core/cloud-error.ts";
import { type Client, type ConnectOptions, connect } from "../../src/node/rpc/client.ts";
import { dial } from "../../src/node/rpc/dial.ts";
import { readEndpoint } from "../../src/node/rpc/endpoint.ts";

const entry = join(import.meta.dirname, "node-for-tests.ts");

describe("a local node", () => {
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

  function options(env: Record<string, string> = {}, at = home): ConnectOptions {
    const launch = {
      execPath: process.execPath,
      entry,
      env: { ...env, NODE_COMPILE_CACHE: cache },
    };
    return { home: at, build: "1.0.0", launch };
  }

  async function enter(given: ConnectOptions = options()): Promise<Client> {
    const client = await connect(given);
    clients.push(client);
    await pidOf(client);
    return client;
  }

  /** A program of its own that has a client on `given` and runs `body` with it. */
  function program(given: ConnectOptions, body: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
    const module = new URL("../../src/node/rpc/client.ts", import.meta.url).href;
    return runModule(
      `const { connect } = await import(${JSON.stringify(module)});
      const client = await connect(${JSON.stringify(given)});
      ${body}`,
      { ...env, NODE_COMPILE_CACHE: cache },
    );
  }

  /** The node that a program of its own found or started. */
  async function startElsewhere(env: NodeJS.ProcessEnv = {}): Promise<number> {
    const body = `process.stdout.write(JSON.stringify(await client.request("status", {})));
      client.close();`;
    const starter = program(options(), body, env);
    const answer = JSON.parse(await outputOf(starter)) as { pid: number };
    pids.add(answer.pid);
    return answer.pid;
  }

  async function pidOf(client: Client): Promise<number> {
    const { pid } = await client.request("status", {});
    pids.add(pid);
    return pid;
  }

  function mark(name: string): void {
    writeFileSync(join(home, name), "");
  }

  function inHome(name: string): boolean {
    return existsSync(join(home, name));
  }

  describe("is one for each data folder", () => {
    it("however many programs start it at once", async () => {
      const found = await Promise.all(Array.from({ length: 10 }, () => startElsewhere()));
      assert.equal(new Set(found).size, 1);
    });

    (process.env["IPCLOUD_LONG"] === "1" ? it : it.skip)(
      "and again and again, killed at any moment of its start",
      async () => {
        const started = join(folder, "started");
        mkdirSync(started);
        for (let round = 0; round < 100; round++) {
          const given = options({ TEST_PIDS: started });
          const entering = Array.from({ length: 5 }, () => enter(given).catch(() => undefined));
          await delay(round * 3);
          for (const pid of readdirSync(started)) kill(Number(pid), "SIGKILL");
          await Promise.all([...entering, enter(given), enter(given)]);
          const found = await Promise.all(clients.map((client) => pidOf(client)));
          assert.equal(new Set(found).size, 1, `round ${round.toString()}`);
          for (const client of clients.splice(0)) client.close();
          for (const pid of readdirSync(started)) {
            kill(Number(pid), "SIGKILL");
            rmSync(join(started, pid));
          }
        }
      },
    ).timeout(300_000);

    it("and is another one for another folder", async () => {
      const other = join(folder, "other");
      const [one, two] = await Promise.all([enter(), enter(options({}, other))]);
      assert.notEqual(await pidOf(one), await pidOf(two));
      assert.equal((await two.request("status", {})).home, other);
      await one.request("stop", {});
      assert.equal((await two.request("stat", { path: "/" })).size, 3);
    });

    it("and takes over at once from one that was killed", async () => {
      const pid = await pidOf(await enter());
      kill(pid, "SIGKILL");
      await untilGone(pid);
      assert.ok(inHome("node.json") && inHome("node.sock"), "what it left lies there");
      const entered = await Promise.all([enter(), enter(), enter()]);
      const next = new Set(await Promise.all(entered.map(pidOf)));
      assert.equal(next.size, 1);
      assert.ok(!next.has(pid));
    });

    it("and is not reached from a copy of the folder", async () => {
      const pid = await pidOf(await enter());
      const copy = join(folder, "copy");
      cpSync(home, copy, { recursive: true, filter: (path) => !path.endsWith(".sock") });
      const copied = await enter(options({}, copy));
      assert.notEqual(await pidOf(copied), pid);
      assert.equal((await copied.request("status", {})).home, copy);
    });

    it("also where the path is too long for a socket", async () => {
      home = join(folder, "x".repeat(120));
      const [one, two] = await Promise.all([enter(), enter()]);
      assert.equal(await pidOf(one), await pidOf(two));
      const address = readEndpoint(home)?.address ?? "";
      assert.ok(!address.startsWith(home) && existsSync(address));
      await one.request("stop", {});
      assert.ok(!existsSync(join(address, "..")), "the folder of the socket went with it");
    });

    it("and gives way to the lock of a process that does not answer", async () => {
      const lock = JSON.stringify(new URL("../../src/node/platform/node-lock.ts", import.meta.url));
      mkdirSync(home);
      const holder = runModule(`const { takeNodeLock } = await import(${lock});
        const lock = takeNodeLock(${JSON.stringify(join(home, "node.lock"))});
        process.stdout.write("held");
        setInterval(() => lock, 1000);`);
      if (holder.pid !== undefined) pids.add(holder.pid);
      if (holder.stdout !== null) await once(holder.stdout, "data");
      const waiting = connect({ ...options(), timeoutMs: 500 });
      await assert.rejects(waiting, { code: "unavailable" });
      holder.kill("SIGKILL");
      await enter();
    });
  });

  describe("keeps others out", () => {
    it("by the modes of its folder and files", async () => {
      mkdirSync(home, { mode: 0o755 });
      await enter();
      assert.equal(statSync(home).mode & 0o777, 0o700);
      for (const name of readdirSync(home)) {
        assert.equal(statSync(join(home, name)).mode & 0o077, 0, name);
      }
    });

    it("and takes nothing of its starter's environment but what it needs", async () => {
      const pid = await startElsewhere({
        IPCLOUD_PASSPHRASE_FILE: "/secret",
        IPCLOUD_LOG: "debug",
        NODE_OPTIONS: "--no-deprecation",
        TOKEN: "secret",
      });
      assert.ok(isAlive(pid), "it outlives its starter");
      if (process.platform === "linux") {
        const given = readFileSync(`/proc/${pid.toString()}/environ`, "latin1");
        assert.doesNotMatch(given, /secret|NODE_OPTIONS/);
        assert.match(given, /IPCLOUD_LOG=debug/);
        assert.doesNotMatch(readFileSync(`/proc/${pid.toString()}/cmdline`, "latin1"), /home/);
      }
    });
  });

  describe("ends", () => {
    it("after it was asked to, when everything is closed", async () => {
      const client = await enter();
      const pid = await pidOf(client);
      await client.request("stop", {});
      assert.ok(inHome("parts-closed"));
      assert.ok(!inHome("node.json") && !inHome("node.sock"));
      await untilGone(pid);
    });

    it("without clients, after the idle time", async () => {
      const client = await enter(options({ IPCLOUD_IDLE_MINUTES: "0.002" }));
      const pid = await pidOf(client);
      await delay(200);
      assert.ok(isAlive(pid), "not while a client is there");
      client.close();
      await untilGone(pid);
      assert.ok(inHome("parts-closed"));
    });

    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      it(`at ${signal}, once running writes are done`, async () => {
        const client = await enter();
        const pid = await pidOf(client);
        const content = new Uint8Array();
        const write = client.request("write", { path: "/slow", content });
        const walk = assert.rejects(client.request("verify", {}), { code: "unavailable" });
        await until(() => inHome("write-began"));
        kill(pid, signal);
        await walk;
        assert.ok(!inHome("parts-closed"));
        mark("write-may-end");
        assert.equal((await write).mtime, 2, "it was not aborted");
        await untilGone(pid);
        assert.ok(inHome("parts-closed"));
      });
    }

    it("when its socket is removed", async () => {
      const pid = await pidOf(await enter());
      rmSync(join(home, "node.sock"));
      await untilGone(pid);
      assert.ok(inHome("parts-closed"));
    });

    it("when its lock is removed, before a second one can do harm", async () => {
      const pid = await pidOf(await enter());
      rmSync(join(home, "node.lock"));
      await untilGone(pid);
    });

    it("when its folder is removed, or moved, and leaves the next one alone", async () => {
      const pid = await pidOf(await enter());
      rmSync(home, { recursive: true });
      const next = await pidOf(await enter());
      await untilGone(pid);
      const moved = join(folder, "moved");
      assert.ok((await dial(readEndpoint(home)?.address ?? ""))?.destroy());
      renameSync(home, moved);
      await untilGone(next);
      home = moved;
      await enter();
    });

    it("at an error that nobody caught, with a line in the log that holds no name", async () => {
      const client = await enter();
      const pid = await pidOf(client);
      await client.request("stat", { path: "/thrown" }).catch(() => undefined);
      await untilGone(pid);
      const log = readFileSync(join(home, "node.log"), "utf8");
      assert.match(log, /uncaught-error.*node-for-tests\.ts:\d+/);
      assert.doesNotMatch(log, /secret-name/);
    });
  });

  describe("is replaced", () => {
    it("by a newer program, after its running writes", async () => {
      const old = await enter(options({ TEST_BUILD: "1.0.0+5" }));
      const pid = await pidOf(old);
      const write = old.request("write", { path: "/slow", content: new Uint8Array() });
      await until(() => inHome("write-began"));
      const given = { ...options({ TEST_BUILD: "1.0.0+6" }), build: "1.0.0+6" };
      const entering = Promise.all([enter(given), enter(given), enter(given)]);
      await until(() => !inHome("node.json"));
      mark("write-may-end");
      assert.equal((await write).mtime, 2);
      const entered = await entering;
      const next = new Set(await Promise.all(entered.map(pidOf)));
      assert.equal(next.size, 1);
      assert.ok(!next.has(pid));
      assert.ok(next.has(await pidOf(old)), "the older program goes on with the newer node");
    });

    it("but not by one that starts none", async () => {
      const pid = await pidOf(await enter());
      assert.equal(await pidOf(await enter({ home, build: "2.0.0" })), pid);
    });
  });

  describe("and its client", () => {
    it("fail what was in flight when the node is killed, and start another for the next", async () => {
      let [connects, disconnects] = [0, 0];
      const client = await enter({
        ...options(),
        onConnect: async (request) => {
          connects++;
          await request("stat", { path: "/" });
        },
        onDisconnect: () => {
          disconnects++;
        },
      });
      const pid = await pidOf(client);
      const flights = [1, 2].map(() =>
        assert.rejects(client.request("verify", {}), /ended before it answered/),
      );
      await assert.rejects(client.request("stat", { path: "/killed" }), { code: "unavailable" });
      await Promise.all(flights);
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => client.request("stat", { path: "/" })),
      );
      assert.ok(answers.every(({ size }) => size === 3));
      assert.notEqual(await pidOf(client), pid);
      assert.deepEqual([connects, disconnects], [2, 1]);
    });

    it("hear events, on the next connection too", async () => {
      let disconnected = false;
      const onDisconnect = (): void => {
        disconnected = true;
      };
      const client = await enter({ ...options(), onDisconnect });
      const other = await enter();
      const heard: string[] = [];
      const stop = client.on("changed", ({ revision, changes }) => {
        heard.push(`${revision} ${changes[0]?.path ?? ""}`);
      });
      await other.request("mkdir", { path: "/a" });
      await until(() => heard.length === 1);
      await other.request("stat", { path: "/killed" }).catch(() => undefined);
      await until(() => disconnected);
      await pidOf(client);
      await other.request("mkdir", { path: "/b" });
      await until(() => heard.length === 2);
      stop();
      await other.request("mkdir", { path: "/c" });
      await client.request("mkdir", { path: "/d" });
      assert.deepEqual(heard, ["1-00000000 /a", "1-00000000 /b"]);
    });

    it("end what only this client could go on with when it is killed", async () => {
      await enter();
      const body = `await client.request("uploadBegin", {});
        process.kill(process.pid, "SIGKILL");`;
      await once(program({ home, build: "1.0.0" }, body), "exit");
      assert.ok(inHome("upload-began"));
      await until(() => inHome("upload-aborted"));
    });

    it("report why a node could not start", async () => {
      await assert.rejects(connect(options({ TEST_OPEN_FAILS: "1" })), {
        code: "newer",
        message: "the store was written by a newer IPCloud",
      });
      assert.match(readFileSync(join(home, "node.log"), "utf8"), /node-failed.*"code":"newer"/);
      await enter();
    });

    it("report a program that is none, a module that fails, and a folder that can't be", async () => {
      const launch = { execPath: process.execPath, entry: join(folder, "missing.ts") };
      await assert.rejects(connect({ ...options(), launch }), { code: "unavailable" });
      const none = { execPath: join(folder, "none"), entry };
      await assert.rejects(connect({ ...options(), launch: none }), { code: "unavailable" });
      writeFileSync(join(folder, "file"), "");
      await assert.rejects(connect(options({}, join(folder, "file", "home"))), { code: "storage" });
    });

    it("start none unless they are to", async () => {
      await assert.rejects(connect({ home }), { code: "unavailable" });
      assert.ok(!existsSync(home));
    });

    it("stop waiting when the caller does", async () => {
      const client = await enter();
      const pid = await pidOf(client);
      kill(pid, "SIGSTOP");
      const given = { ...options(), timeoutMs: 300 };
      await assert.rejects(
        connect(given),
        (error) => isCloudError(error, "unavailable") && error.message.includes("0.3 s"),
      );
      kill(pid, "SIGCONT");
      client.close();
      await assert.rejects(client.request("status", {}), CloudError);
    });
  });
});

/** Runs a program given as the text of a module. */
function runModule(text: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
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

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  await until(() => !isAlive(pid));
}

/** Polls until `condition` holds; mocha's own limit is the deadline. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}
