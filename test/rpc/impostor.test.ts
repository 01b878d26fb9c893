import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectRunning } from "../../src/node/rpc/client.ts";
import { readEndpoint } from "../../src/node/rpc/endpoint.ts";
import { eachNode, kill, untilGone } from "./started-nodes.ts";

const impostorEntry = join(import.meta.dirname, "impostor-child.ts");
const secret = { passphrase: "correct horse battery staple" };
const isRoot = process.getuid?.() === 0;

describe("somebody in the place of the node", () => {
  const nodes = eachNode();
  const { clients, enter, pidOf } = nodes;
  let impostor: ChildProcess | undefined;
  let heard = "";
  const folders = new Set<string>();

  afterEach(async () => {
    if (impostor !== undefined) {
      const ended = once(impostor, "exit");
      impostor.kill("SIGKILL");
      await ended;
    }
    impostor = undefined;
    for (const path of folders) rmSync(path, { recursive: true, force: true });
    folders.clear();
  });

  /** The files that a node leaves which is killed. @returns where it listened, and its token. */
  async function leftByNode(): Promise<{ path: string; token: string }> {
    const client = await enter();
    const pid = await pidOf(client);
    const { address = "", token = new Uint8Array() } = readEndpoint(nodes.home) ?? {};
    client.close();
    kill(pid, "SIGKILL");
    await untilGone(pid);
    folders.add(dirname(address));
    return { path: address, token: Buffer.from(token).toString("hex") };
  }

  async function listenThere(path: string): Promise<void> {
    heard = "";
    impostor = spawn(process.execPath, [impostorEntry, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    impostor.stdout?.setEncoding("utf8").on("data", (text: string) => (heard += text));
    while (!heard.includes("listening")) await delay(5);
  }

  function assertToldNothing(token: string): void {
    assert.ok(!heard.includes(token), "the token");
    assert.ok(!heard.includes(Buffer.from(secret.passphrase).toString("hex")), "the passphrase");
    assert.doesNotMatch(heard, /asked: (initialize|unlock|stop|status)/);
  }

  async function tryToUnlock(): Promise<unknown> {
    const client = await connectRunning({ home: nodes.home, build: "1.0.0", timeoutMs: 5_000 });
    if (client === undefined) return undefined;
    clients.push(client);
    return client.request("unlock", { secret });
  }

  it("gets neither token nor passphrase, and is told apart from no node at all", async () => {
    const { path, token } = await leftByNode();
    await listenThere(path);
    await assert.rejects(tryToUnlock(), {
      code: "unavailable",
      message: /does not know its token/,
    });
    assert.match(heard, /asked: challenge/);
    assertToldNothing(token);
  });

  it("has a node take its place, where one may be started", async () => {
    const { path, token } = await leftByNode();
    await listenThere(path);
    const client = await enter();
    assert.equal((await client.request("status", {})).home, nodes.home);
    await assert.rejects(client.request("unlock", { secret }), { code: "not-found" });
    assertToldNothing(token);
  });

  it("is not even called, where the machine was started since", async () => {
    const { path } = await leftByNode();
    const file = join(nodes.home, "node.json");
    const left = JSON.parse(readFileSync(file, "utf8")) as { boot: string };
    writeFileSync(file, JSON.stringify({ ...left, boot: "5e0fc11b-0c3d-4f58-8ed2-6ea1e5d42c0e" }));
    await listenThere(path);
    assert.equal(await tryToUnlock(), undefined);
    await enter();
    assert.doesNotMatch(heard, /somebody came/);
  });

  it("can't stand behind a link", async () => {
    const { path } = await leftByNode();
    const elsewhere = join(nodes.folder, "elsewhere.sock");
    await listenThere(elsewhere);
    rmSync(path);
    symlinkSync(elsewhere, path);
    assert.equal(await tryToUnlock(), undefined);
    assert.doesNotMatch(heard, /somebody came/);
  });

  describe("where the socket lies in the temporary folder", () => {
    beforeEach(() => {
      nodes.home = join(nodes.folder, "x".repeat(120));
    });

    it("can't stand there by a link in the place of the folder", async () => {
      const { path } = await leftByNode();
      const moved = join(nodes.folder, "moved");
      renameSync(dirname(path), moved);
      await listenThere(join(moved, "node.sock"));
      symlinkSync(moved, dirname(path));
      assert.equal(await tryToUnlock(), undefined);
      await enter();
      folders.add(dirname(readEndpoint(nodes.home)?.address ?? ""));
      assert.doesNotMatch(heard, /somebody came/);
    });

    it("can't stand in a folder that others can enter", async () => {
      const { path } = await leftByNode();
      await listenThere(path);
      chmodSync(dirname(path), 0o711);
      await assert.rejects(tryToUnlock(), { code: "storage", message: /chmod 700/ });
      await enter();
      folders.add(dirname(readEndpoint(nodes.home)?.address ?? ""));
      assert.doesNotMatch(heard, /somebody came/);
    });

    (isRoot ? it : it.skip)(
      `can't stand in a folder of another user${isRoot ? "" : " (only root can make one)"}`,
      async () => {
        const { path } = await leftByNode();
        await listenThere(path);
        const nobody = 65_534;
        for (const [at, user] of [
          [path, nobody],
          [dirname(path), nobody],
          [path, 0],
        ] as const) {
          chownSync(at, user, user);
          assert.equal(await tryToUnlock(), undefined);
        }
        await enter();
        const mine = dirname(readEndpoint(nodes.home)?.address ?? "");
        folders.add(mine);
        assert.notEqual(mine, dirname(path));
        assert.equal(statSync(mine).mode & 0o777, 0o700);
        assert.ok(existsSync(path), "what belongs to others stays");
        assert.doesNotMatch(heard, /somebody came/);
      },
    );
  });

  it("can't come in while a node runs whose folder was opened: it is closed again", async () => {
    const client = await enter();
    const pid = await pidOf(client);
    chmodSync(nodes.home, 0o755);
    await assert.rejects(tryToUnlock(), { code: "storage", message: /chmod 700/ });
    assert.equal(await pidOf(await enter()), pid);
    assert.equal(statSync(nodes.home).mode & 0o777, 0o700);
    assert.equal((await client.request("stat", { path: "/" })).size, 3);
  });
});
