// A node with a drive of tricks, run as a process of its own by the tests of this room.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { dataFolder } from "../../src/node/platform/data-folder.ts";
import type { Stat } from "../../src/node/rpc/contract.ts";
import {
  idleTime,
  type NodeHost,
  type NodeParts,
  runNode,
} from "../../src/node/rpc/node-process.ts";
import { refuseAll } from "./refuse-all.ts";

const stat: Stat = {
  kind: "file",
  size: 3,
  mtime: 1_763_683_200_123.456,
  ctime: 1_763_683_200_000,
  mode: 0o644,
  version: "12-a1b2c3d4",
};

function openParts({ home, emit, log, inherited }: NodeHost): Promise<NodeParts> {
  const mark = (name: string): void => {
    writeFileSync(join(home, name), "");
  };
  if (process.env["TEST_OPEN_FAILS"] !== undefined) {
    throw new CloudError("newer", "the store was written by a newer IPCloud");
  }
  return Promise.resolve({
    handlers: {
      ...refuseAll(new CloudError("not-found", "no such trick")),
      status: () =>
        Promise.resolve({
          pid: process.pid,
          home,
          state: "unlocked",
          version: "test",
          notices: Object.keys(process.env).filter((name) => name.startsWith("IPCLOUD")),
        }),
      // As where there are secrets to forget, which one that goes on in its place never had.
      lock: async (_, call) => {
        if (inherited === undefined) await call.handOver(() => Promise.resolve(), "successor");
        return {};
      },
      confirmWords: async (_, call) => {
        await call.handOver(() => Promise.resolve(), "this");
        return {};
      },
      stat: ({ path }) => {
        while (path === "/blocked") mark("blocked");
        if (path === "/killed") process.kill(process.pid, "SIGKILL");
        if (path === "/thrown") {
          setImmediate(() => {
            throw new Error("secret-name in a message");
          });
        }
        if (path === "/unexpected") throw new Error("secret-name in a message");
        if (path === "/locked") throw new CloudError("locked", "the account is locked");
        return Promise.resolve(stat);
      },
      list: () =>
        Promise.resolve(
          Array.from({ length: 100 }, (_, i) => ({ ...stat, name: `n${i.toString()}` })),
        ),
      read: async ({ length = 0 }, call) => {
        await call.reserve(length);
        return new Uint8Array(length).fill(7);
      },
      write: async ({ content, path }, call) => {
        if (path === "/slow") {
          mark("write-began");
          while (!existsSync(join(home, "write-may-end"))) await delay(5);
          return { ...stat, mtime: call.signal.aborted ? 1 : 2 };
        }
        return { ...stat, size: content.length };
      },
      verify: async (_, { signal, progress }) => {
        if (inherited !== undefined) return { ok: true, blocks: 0, damaged: [], problems: [] };
        for (let done = 0; done < 1_000; done++) {
          progress({ phase: "checking", done, total: 1_000, unit: "blocks" });
          await delay(5, undefined, { signal });
        }
        return { ok: true, blocks: 1_000, damaged: [], problems: [] };
      },
      mkdir: ({ path }) => {
        emit("changed", {
          space: "a1".repeat(32),
          revision: "1-00000000",
          changes: [{ type: "added", kind: "folder", path }],
          everything: false,
        });
        return Promise.resolve(stat);
      },
      uploadBegin: (_, { client }) => {
        mark("upload-began");
        client.onDisconnect(() => {
          mark("upload-aborted");
        });
        return Promise.resolve({ upload: client.number });
      },
    },
    bequest: () => new Uint8Array([1]),
    close: () => {
      mark("parts-closed");
      log.info("parts-closed");
      return Promise.resolve();
    },
  });
}

const pids = process.env["TEST_PIDS"];
if (pids !== undefined) writeFileSync(join(pids, process.pid.toString()), "");
const status = await runNode({
  home: dataFolder(),
  open: openParts,
  build: process.env["TEST_BUILD"] ?? "1.0.0",
  idleMs: idleTime(process.env["IPCLOUD_IDLE_MINUTES"]),
  watchMs: 100,
  limits: {
    greetingMs: Number(process.env["TEST_GREETING_MS"] ?? "5000"),
    stallMs: Number(process.env["TEST_STALL_MS"] ?? "300"),
    patienceMs: 500,
  },
});
process.exit(status);
