import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { stopNode } from "../../src/node/rpc/stop-node.ts";
import { refuses } from "../store/checks.ts";
import { eachNode, kill, until, untilGone } from "./started-nodes.ts";

const patience = { answerMs: 300, finishMs: 3_000, signalMs: 1_000 };

describe("stopping a node", () => {
  const nodes = eachNode();

  it("tells that none runs", async () => {
    assert.equal(await stopNode(nodes.home, patience), "not-running");
  });

  it("asks one that answers, and waits for its end", async () => {
    const pid = await nodes.pidOf(await nodes.enter());
    assert.equal(await stopNode(nodes.home, { ...patience, answerMs: 5_000 }), "stopped");
    await untilGone(pid); // who started it has yet to take note of its end
    assert.equal(nodes.inHome("parts-closed"), true);
  });

  it("lets one that somebody halted go on, and end in order", async () => {
    const pid = await nodes.pidOf(await nodes.enter());
    kill(pid, "SIGSTOP");
    assert.equal(await stopNode(nodes.home, patience), "stopped");
    await untilGone(pid); // who started it has yet to take note of its end
    assert.equal(nodes.inHome("parts-closed"), true);
  });

  it("kills one that is caught in its own work", async () => {
    const client = await nodes.enter();
    const pid = await nodes.pidOf(client);
    client.request("stat", { path: "/blocked" }).catch(() => undefined);
    await until(() => nodes.inHome("blocked"));
    assert.equal(await stopNode(nodes.home, patience), "killed");
    await untilGone(pid);
    assert.notEqual(await nodes.pidOf(await nodes.enter()), pid, "another can start");
  });

  describe("whose number another process has by now", () => {
    let other: ChildProcess;
    let silent: Server;
    afterEach(() => {
      other.kill("SIGKILL");
      silent.close();
    });

    it("does not touch that one", async () => {
      const pid = await nodes.pidOf(await nodes.enter());
      kill(pid, "SIGKILL");
      await untilGone(pid);
      other = spawn("sleep", ["60"]);
      const file = join(nodes.home, "node.json");
      const left = JSON.parse(readFileSync(file, "utf8")) as { process: { start: string } };
      const process = { ...left.process, pid: other.pid };
      writeFileSync(file, JSON.stringify({ ...left, process }));
      const { address } = left as unknown as { address: string };
      silent = createServer(() => undefined);
      await new Promise<void>((resolve) => {
        silent.listen(join(nodes.home, `${address}.new`), resolve);
      });
      // In the place of the old socket, as a node does it.
      renameSync(join(nodes.home, `${address}.new`), join(nodes.home, address));
      await refuses("unavailable", () => stopNode(nodes.home, patience), /by hand/);
      assert.equal(other.exitCode ?? other.signalCode, null);
    });
  });
});
