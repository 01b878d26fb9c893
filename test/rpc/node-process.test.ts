import assert from "node:assert/strict";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "../../src/node/rpc/client.ts";
import { dial } from "../../src/node/rpc/dial.ts";
import { readEndpoint } from "../../src/node/rpc/endpoint.ts";
import { eachNode, isAlive, kill, runModule, until, untilGone } from "./started-nodes.ts";

describe("a local node", () => {
  const at = eachNode();
  const { options, enter, startElsewhere, pidOf, mark, inHome } = at;

  describe("is one for each data folder", () => {
    it("however many programs start it at once", async () => {
      const found = await Promise.all(Array.from({ length: 10 }, () => startElsewhere()));
      assert.equal(new Set(found).size, 1);
    });

    (process.env["IPCLOUD_LONG"] === "1" ? it : it.skip)(
      "and again and again, killed at any moment of its start",
      async () => {
        const started = join(at.folder, "started");
        mkdirSync(started);
        for (let round = 0; round < 100; round++) {
          const given = options({ TEST_PIDS: started });
          const entering = Array.from({ length: 5 }, () => enter(given).catch(() => undefined));
          await delay(round * 3);
          for (const pid of readdirSync(started)) kill(Number(pid), "SIGKILL");
          await Promise.all([...entering, enter(given), enter(given)]);
          const found = await Promise.all(at.clients.map((client) => pidOf(client)));
          assert.equal(new Set(found).size, 1, `round ${round.toString()}`);
          for (const client of at.clients.splice(0)) client.close();
          for (const pid of readdirSync(started)) {
            kill(Number(pid), "SIGKILL");
            rmSync(join(started, pid));
          }
        }
      },
    ).timeout(300_000);

    it("and is another one for another folder", async () => {
      const other = join(at.folder, "other");
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
      const copy = join(at.folder, "copy");
      cpSync(at.home, copy, { recursive: true, filter: (path) => !path.endsWith(".sock") });
      const copied = await enter(options({}, copy));
      assert.notEqual(await pidOf(copied), pid);
      assert.equal((await copied.request("status", {})).home, copy);
    });

    it("also where the path is too long for a socket", async () => {
      at.home = join(at.folder, "x".repeat(120));
      const [one, two] = await Promise.all([enter(), enter()]);
      assert.equal(await pidOf(one), await pidOf(two));
      const address = readEndpoint(at.home)?.address ?? "";
      assert.ok(!address.startsWith(at.home) && existsSync(address));
      await one.request("stop", {});
      assert.ok(!existsSync(join(address, "..")), "the folder of the socket went with it");
    });

    it("and gives way to the lock of a process that does not answer", async () => {
      const lock = JSON.stringify(new URL("../../src/node/platform/node-lock.ts", import.meta.url));
      mkdirSync(at.home);
      const holder = runModule(`const { takeNodeLock } = await import(${lock});
        const lock = takeNodeLock(${JSON.stringify(join(at.home, "node.lock"))});
        process.stdout.write("held");
        setInterval(() => lock, 1000);`);
      if (holder.pid !== undefined) at.pids.add(holder.pid);
      if (holder.stdout !== null) await once(holder.stdout, "data");
      const waiting = connect({ ...options(), timeoutMs: 500 });
      await assert.rejects(waiting, { code: "unavailable" });
      holder.kill("SIGKILL");
      await enter();
    });
  });

  describe("keeps others out", () => {
    it("by the modes of its folder and files", async () => {
      mkdirSync(at.home, { mode: 0o755 });
      await enter();
      assert.equal(statSync(at.home).mode & 0o777, 0o700);
      for (const name of readdirSync(at.home)) {
        assert.equal(statSync(join(at.home, name)).mode & 0o077, 0, name);
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
      rmSync(join(at.home, "node.sock"));
      await untilGone(pid);
      assert.ok(inHome("parts-closed"));
    });

    it("when its lock is removed, before a second one can do harm", async () => {
      const pid = await pidOf(await enter());
      rmSync(join(at.home, "node.lock"));
      await untilGone(pid);
    });

    it("when its folder is removed, or moved, and leaves the next one alone", async () => {
      const pid = await pidOf(await enter());
      rmSync(at.home, { recursive: true });
      const next = await pidOf(await enter());
      await untilGone(pid);
      const moved = join(at.folder, "moved");
      assert.ok((await dial(readEndpoint(at.home)?.address ?? ""))?.destroy());
      renameSync(at.home, moved);
      await untilGone(next);
      at.home = moved;
      await enter();
    });

    it("at an error that nobody caught, with a line in the log that holds no name", async () => {
      const client = await enter();
      const pid = await pidOf(client);
      await client.request("stat", { path: "/thrown" }).catch(() => undefined);
      await untilGone(pid);
      const log = readFileSync(join(at.home, "node.log"), "utf8");
      assert.match(log, /uncaught-error.*node-for-tests\.ts:\d+/);
      assert.doesNotMatch(log, /secret-name/);
    });
  });
});
