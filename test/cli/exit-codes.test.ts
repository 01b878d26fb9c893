import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { exitCodeTable, exitMeanings, exitStatusOf } from "../../src/node/cli/exit-codes.ts";
import { CloudError, type CloudErrorCode } from "../../src/node/core/cloud-error.ts";
import { run } from "./run-in-test.ts";

describe("exit codes", () => {
  it("every code of an error ends with its status and one sentence", async () => {
    for (const [code, expected] of Object.entries(exitStatusOf)) {
      const list = () => {
        throw new CloudError(code as CloudErrorCode, "the thing is\nnot so");
      };
      if (code === "locked") continue;
      const plain = await run(["mkdir", "/a"], { answers: { mkdir: list } });
      assert.equal(plain.status, expected, code);
      assert.equal(plain.stderr, "ipcloud: the thing is\\nnot so\n");
      const json = await run(["mkdir", "/a", "--json"], { answers: { mkdir: list } });
      assert.equal(json.status, expected);
      assert.deepEqual(JSON.parse(json.stderr), {
        error: { code, message: "the thing is\nnot so" },
      });
      assert.equal(json.stdout, "");
    }
  });

  it("the statuses are those that scripts rely on", () => {
    assert.deepEqual(Object.keys(exitMeanings).map(Number), [0, 1, 2, 3, 4, 5, 6, 7, 130]);
    for (const [code, status] of Object.entries({
      "not-found": 3,
      locked: 4,
      "wrong-passphrase": 4,
      "may-not-write": 4,
      conflict: 5,
      damaged: 6,
      "storage-full": 7,
      "storage-read-only": 7,
      newer: 7,
      cancelled: 130,
    } as const)) {
      assert.equal(exitStatusOf[code as CloudErrorCode], status);
    }
  });

  it("an error that nobody foresaw is told as one", async () => {
    const answers = {
      tags: () => {
        throw new TypeError("x is undefined");
      },
    };
    const { status, stderr } = await run(["tag", "--json"], { answers });
    assert.equal(status, 1);
    const message = "something unforeseen happened: x is undefined";
    assert.deepEqual(JSON.parse(stderr), { error: { code: "unexpected", message } });
  });

  it("the README has the same table", () => {
    const readme = new URL("../../README.md", import.meta.url);
    if (existsSync(readme)) assert.ok(readFileSync(readme, "utf8").includes(exitCodeTable()));
  });
});
