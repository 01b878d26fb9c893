import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { spaceOf } from "../../src/node/account/kept-space.ts";
import { openKeystore } from "../../src/node/account/keystore.ts";
import { secretOfWords } from "../../src/node/account/words.ts";
import { argon2id } from "../../src/node/platform/argon2.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { processStart } from "../../src/node/platform/process-start.ts";
import { type Client, connect } from "../../src/node/rpc/client.ts";
import type { Events, Status } from "../../src/node/rpc/contract.ts";
import { spaceKeys } from "../../src/node/space/space-keys.ts";
import { passphrase } from "../cli/drives.ts";
import { kill, until, untilGone } from "../rpc/started-nodes.ts";
import { seededBytes } from "../store/blocks.ts";
import { canReadMemory, foundIn, processesOf } from "../support/process-memory.ts";
import { type BuiltDrives, openBuiltDrives } from "./built-drives.ts";

/** Whether a process is there, and not only what nobody has collected of it. */
const runs = (pid: number): boolean => processStart(pid) !== undefined;
const text = (from: string): Uint8Array => new Uint8Array(Buffer.from(from));

/** What is secret of a drive: its passphrase, and the keys in its keystore and those made of them. */
async function secretsOf(home: string): Promise<Map<string, Uint8Array>> {
  const platform = { primitives: nodePrimitives, argon2id };
  const file = new Uint8Array(readFileSync(join(home, "keystore")));
  const { contents, slots } = await openKeystore(platform, file, {
    kind: "passphrase",
    passphrase,
  });
  const kept = spaceOf(contents.spaces, contents.drive);
  const { contentKey, headKey, boundaryKey } = spaceKeys(nodePrimitives, kept, contents);
  const [slot] = slots;
  const [epoch] = kept.epochKeys;
  assert.ok(slot !== undefined && epoch !== undefined);
  return new Map<string, Uint8Array>([
    ["passphrase", text(passphrase)],
    ["key of the passphrase", slot.key],
    ["seed of the device", contents.deviceSeed],
    ["seed of the writer", contents.writer.seed],
    ["epoch key", epoch.key],
    ["content key", contentKey],
    ["head key", headKey],
    ["boundary key", boundaryKey],
  ]);
}

/** A node whose automatic lock counts a minute as a third of a second. */
function withShortMinutes(entry: string, folder: string): { program: string; text: string } {
  const program = `const wait = globalThis.setTimeout;
    globalThis.setTimeout = (what, ms, ...rest) => wait(what, ms === 60_000 ? 300 : ms, ...rest);
    await import(${JSON.stringify(pathToFileURL(entry).href)});`;
  return { program: join(folder, "hasty.mjs"), text: program };
}

/** A client as a window has one: what it is told, and how often its connection began and ended. */
class Watcher {
  readonly states: Status["state"][] = [];
  readonly changed: Events["changed"][] = [];
  begun = 0;
  ended = 0;
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
    client.on("state", ({ state }) => this.states.push(state));
    client.on("changed", (event) => this.changed.push(event));
  }

  static async open({ launch }: BuiltDrives, home: string): Promise<Watcher> {
    const counts = { begun: 0, ended: 0 };
    const client = await connect({
      home,
      launch,
      onConnect: () => {
        counts.begun++;
        return Promise.resolve();
      },
      onDisconnect: () => {
        counts.ended++;
      },
    });
    const watcher = new Watcher(client);
    Object.defineProperties(watcher, {
      begun: { get: () => counts.begun },
      ended: { get: () => counts.ended },
    });
    return watcher;
  }

  status(): Promise<Status> {
    return this.client.request("status", {});
  }

  async unlock(): Promise<void> {
    await this.client.request("unlock", { secret: { passphrase } });
  }
}

describe("a node that forgets", function () {
  this.timeout(60_000);
  let drives: BuiltDrives;
  let last = 0;
  let home: string;
  let name: string;
  const watchers: Watcher[] = [];
  before(async () => {
    drives = await openBuiltDrives(withShortMinutes);
  });
  after(() => drives.remove());
  beforeEach(() => {
    name = `drive-${(++last).toString()}`;
    ({ IPCLOUD_HOME: home = "" } = drives.environment(name));
  });
  afterEach(() => {
    for (const { client } of watchers.splice(0)) client.close();
  });

  const watch = async (): Promise<Watcher> => {
    const watcher = await Watcher.open(drives, home);
    watchers.push(watcher);
    return watcher;
  };
  /** A drive with something in it, unlocked. */
  const makeDrive = async (): Promise<Watcher> => {
    await drives.init(name);
    const window = await watch();
    await window.unlock();
    await window.client.request("write", { path: "/kept", content: text("kept") });
    return window;
  };
  /** Expects that nothing of `secrets` is in the memory of whatever runs. */
  const mustNotHold = (secrets: ReadonlyMap<string, Uint8Array>): void => {
    if (!canReadMemory) return;
    const running = processesOf(home);
    assert.ok(running.length > 0, "a node runs");
    for (const pid of running)
      assert.deepEqual(foundIn(pid, secrets), [], `process ${String(pid)}`);
  };
  /** Expects that they are found where they have to be: else the search proves nothing. */
  const mustHold = (pid: number, secrets: ReadonlyMap<string, Uint8Array>): void => {
    if (canReadMemory) assert.deepEqual(foundIn(pid, secrets), [...secrets.keys()].sort());
  };

  it("holds neither passphrase nor keys after a lock, for its process has ended", async () => {
    const window = await makeDrive();
    const secrets = await secretsOf(home);
    const { pid } = await window.status();
    mustHold(pid, secrets);
    const began = performance.now();
    assert.equal(await drives.text(name, "lock"), "locked\n");
    assert.ok(!runs(pid), "gone before the lock is acknowledged");
    const status = (await drives.json(name, "status")) as Status;
    const took = performance.now() - began;
    assert.ok(took < 5_000, `${took.toString()} ms`);
    assert.equal(status.state, "locked");
    assert.notEqual(status.pid, pid);
    mustNotHold(secrets);
    assert.deepEqual(processesOf(home), [status.pid], "one goes on in its place");
  });

  it("is the same for windows: nobody is told that it went, and events go on", async () => {
    const [one, two] = [await makeDrive(), await watch()];
    const before = await two.status();
    await one.client.request("lock", {});
    assert.deepEqual(
      [(await two.status()).state, (await one.status()).state],
      ["locked", "locked"],
    );
    assert.notEqual((await two.status()).pid, before.pid);
    assert.ok(two.states.includes("locked"));
    await two.unlock();
    await until(() => one.states.at(-1) === "unlocked");
    two.changed.length = 0;
    await one.client.request("write", { path: "/later", content: text("later") });
    await until(() => two.changed.some(({ changes }) => changes[0]?.path === "/later"));
    for (const { begun, ended } of [one, two]) assert.deepEqual([begun, ended], [1, 0]);
  });

  it("serves who asks meanwhile, and starts no second one, however many ask", async () => {
    const window = await makeDrive();
    const { pid } = await window.status();
    const others = await Promise.all(Array.from({ length: 5 }, () => watch()));
    const locking = window.client.request("lock", {});
    const asked: Promise<Status>[] = [];
    for (let i = 0; i < 20; i++) {
      const fresh = connect({ home, launch: drives.launch }).then(async (client) => {
        try {
          return await client.request("status", {});
        } finally {
          client.close();
        }
      });
      asked.push(fresh, ...others.map((each) => each.status()));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await locking;
    const { pid: next } = await window.status();
    for (const status of await Promise.all(asked)) assert.ok([pid, next].includes(status.pid));
    assert.deepEqual(processesOf(home), [next]);
    for (const { ended } of others) assert.equal(ended, 0);
  });

  it("has forgotten the words and the passphrase once they are confirmed, and stays unlocked", async () => {
    const window = await watch();
    const { pid } = await window.status();
    const secret = { passphrase };
    const { account, words = "" } = await window.client.request("createAccount", { secret });
    await window.client.request("write", { path: "/first", content: text("first") });
    const secrets = new Map([
      ["words", text(words)],
      ["what they stand for", secretOfWords(words)],
      ["passphrase", text(passphrase)],
    ]);
    mustHold(pid, secrets);
    const other = await watch();
    await window.client.request("confirmWords", { secret, account });
    const status = await window.status();
    assert.equal(status.state, "unlocked");
    assert.notEqual(status.pid, pid);
    await untilGone(pid);
    assert.equal(
      Buffer.from(await other.client.request("read", { path: "/first" })).toString(),
      "first",
    );
    other.changed.length = 0;
    await window.client.request("write", { path: "/second", content: text("second") });
    await until(() => other.changed.some(({ changes }) => changes[0]?.path === "/second"));
    mustNotHold(secrets);
    for (const { begun, ended } of [window, other]) assert.deepEqual([begun, ended], [1, 0]);
    await window.client.request("lock", {});
    mustNotHold(new Map([...secrets, ...(await secretsOf(home))]));
  });

  it("has forgotten words that were given to make an account of", async () => {
    await drives.init("origin");
    const file = join(drives.folder, "origin.words");
    await drives.text(name, "init", "--words-in", file);
    const words = readFileSync(file, "utf8").trim().split(/\s+/u).join(" ");
    assert.equal(((await drives.json(name, "status")) as Status).state, "unlocked");
    mustNotHold(
      new Map([
        ["words", text(words)],
        ["passphrase", text(passphrase)],
      ]),
    );
  });

  it("locks itself in the same way", async () => {
    const window = await makeDrive();
    const secrets = await secretsOf(home);
    const { pid } = await window.status();
    await window.client.request("setSettings", { settings: { autoLockMinutes: 1 } });
    await untilGone(pid);
    assert.equal((await window.status()).state, "locked");
    mustNotHold(secrets);
    assert.deepEqual([window.begun, window.ended], [1, 0]);
  });

  it("forgets a wrong passphrase too, though it was locked before and stays so", async () => {
    const window = await makeDrive();
    await window.client.request("lock", {});
    const { pid } = await window.status();
    const typed = "correct horse battery stable";
    const secret = { passphrase: typed };
    await assert.rejects(window.client.request("unlock", { secret }), { code: "wrong-passphrase" });
    await untilGone(pid);
    assert.equal((await window.status()).state, "locked");
    mustNotHold(new Map([["passphrase", text(typed)]]));
    assert.deepEqual([window.begun, window.ended], [1, 0]);
  });

  it("ends work under way, which keeps nothing by halves", async () => {
    const window = await makeDrive();
    const secrets = await secretsOf(home);
    const source = join(drives.folder, `${name}-source`);
    mkdirSync(source);
    for (let i = 0; i < 400; i++) {
      writeFileSync(join(source, i.toString()), seededBytes(i, 100_000));
    }
    const { pid } = await window.status();
    const seen = Promise.withResolvers<undefined>();
    const importing = window.client
      .request(
        "import",
        { source, dest: "/imported" },
        {
          onProgress: () => {
            seen.resolve(undefined);
          },
        },
      )
      .then(
        () => "done",
        (error: unknown) => (error as Error).message,
      );
    await seen.promise;
    await window.client.request("lock", {});
    assert.match(await importing, /locked/u);
    assert.ok(!runs(pid));
    mustNotHold(secrets);
    await window.unlock();
    const report = await window.client.request("verify", {});
    assert.deepEqual([report.ok, report.problems], [true, []]);
    assert.deepEqual((await window.status()).notices, []);
  });

  it("goes on with a backup that a lock meets", async () => {
    const window = await makeDrive();
    for (let i = 0; i < 40; i++) {
      const content = seededBytes(i, 1024 * 1024);
      await window.client.request("write", { path: `/${i.toString()}`, content });
    }
    const dest = join(drives.folder, `${name}-backup`);
    let isDone = false;
    const backingUp = window.client.request("backup", { dest }).then(() => {
      isDone = true;
    });
    await until(() => isDone || existsSync(dest));
    assert.ok(!isDone);
    await window.client.request("lock", {});
    await backingUp;
    assert.ok(existsSync(join(dest, "keystore")));
  });

  it("is gone all the same if no other can take its place", async () => {
    const window = await makeDrive();
    const { pid } = await window.status();
    const { entry } = drives.launch;
    const away = `${entry}.away`;
    renameSync(entry, away);
    try {
      assert.equal(await drives.text(name, "lock"), "locked\n");
      assert.ok(!runs(pid));
      await until(() => processesOf(home).length === 0);
      await until(() => window.ended === 1);
    } finally {
      renameSync(away, entry);
    }
    assert.equal((await window.status()).state, "locked");
    assert.equal(window.begun, 2, "it is another start, and windows know it");
  });

  it("is started as ever if the one that was to take its place is killed", async () => {
    const window = await makeDrive();
    const { pid } = await window.status();
    const locking = window.client.request("lock", {});
    await until(() => processesOf(home).some((each) => each !== pid));
    for (const each of processesOf(home)) if (each !== pid) kill(each, "SIGKILL");
    await locking;
    await untilGone(pid);
    assert.equal((await window.status()).state, "locked");
    assert.equal(await drives.text(name, "cat", "/kept"), "kept");
  });
});
