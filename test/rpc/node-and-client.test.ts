import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudError, isCloudError } from "../../src/node/core/cloud-error.ts";
import { connect } from "../../src/node/rpc/client.ts";
import { eachNode, entry, kill, until } from "./started-nodes.ts";

describe("a local node", () => {
  const at = eachNode();
  const { options, enter, program, pidOf, mark, inHome } = at;

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
      assert.equal(await pidOf(await enter({ home: at.home, build: "2.0.0" })), pid);
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
      await once(program({ home: at.home, build: "1.0.0" }, body), "exit");
      assert.ok(inHome("upload-began"));
      await until(() => inHome("upload-aborted"));
    });

    it("report why a node could not start", async () => {
      await assert.rejects(connect(options({ TEST_OPEN_FAILS: "1" })), {
        code: "newer",
        message: "the store was written by a newer IPCloud",
      });
      assert.match(readFileSync(join(at.home, "node.log"), "utf8"), /node-failed.*"code":"newer"/);
      await enter();
    });

    it("report a program that is none, a module that fails, and a folder that can't be", async () => {
      const launch = { execPath: process.execPath, entry: join(at.folder, "missing.ts") };
      await assert.rejects(connect({ ...options(), launch }), { code: "unavailable" });
      const none = { execPath: join(at.folder, "none"), entry };
      await assert.rejects(connect({ ...options(), launch: none }), { code: "unavailable" });
      writeFileSync(join(at.folder, "file"), "");
      await assert.rejects(connect(options({}, join(at.folder, "file", "home"))), {
        code: "storage",
      });
    });

    it("start none unless they are to", async () => {
      await assert.rejects(connect({ home: at.home }), { code: "unavailable" });
      assert.ok(!existsSync(at.home));
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
