import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import type { CloudErrorCode } from "../../src/node/core/cloud-error.ts";
import { type Answers, run, type Surroundings } from "./run-in-test.ts";

const counts = {
  files: 3,
  folders: 0,
  links: 0,
  bytes: 1,
  newer: 0,
  notes: ["/a: a folder stands there"],
};
const imported = { ...counts, unchanged: 0, ignored: 0, revision: "1-a1b2c3d4" };
const faults: readonly (readonly [CloudErrorCode, number])[] = [
  ["conflict", 5],
  ["storage", 7],
  ["invalid-name", 2],
];

describe("import and export on the command line", () => {
  for (const [fault, exit] of faults) {
    it(`end with ${exit.toString()} once all else is done, if something failed: ${fault}`, async () => {
      const answers = {
        import: () => ({ ...imported, failed: 2, fault }),
        export: () => ({ ...counts, failed: 2, fault }),
      };
      for (const args of [
        ["import", tmpdir()],
        ["export", "/", "/out"],
      ]) {
        const { status, stdout, stderr } = await run(args, { answers });
        assert.equal(status, exit);
        assert.match(stdout, /^3 files[^]*a folder stands there/);
        assert.match(stderr, /^ipcloud: 2 things could not be [a-z ]+, as the notes say; all else/);
      }
    });
  }

  it("say in their help what each of these statuses stands for", async () => {
    for (const command of ["import", "export"]) {
      const { stdout } = await run(["help", command]);
      for (const [, exit] of faults)
        assert.match(stdout, new RegExp(`[:,] ${exit.toString()} [a-z]`));
    }
  });

  it("with --json tell both the report and the error", async () => {
    const report = { ...counts, failed: 1, fault: "conflict" } as const;
    const args = ["export", "/", "/out", "--json"];
    const { status, stdout, stderr } = await run(args, { answers: { export: () => report } });
    assert.equal(status, 5);
    assert.deepEqual(JSON.parse(stdout), report);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    assert.equal(error.code, "conflict");
    assert.match(error.message, /^1 thing could not be written/);
  });

  it("leave newer files on the disk, unless told to or answered that they may go", async () => {
    const asked: unknown[] = [];
    const answers: Answers = {
      export: ({ replaceNewer }) => {
        asked.push(replaceNewer);
        if (replaceNewer === true) return { ...counts, failed: 0 };
        return { ...counts, newer: 2, failed: 2, fault: "conflict" };
      },
    };
    const args = ["export", "/", "/out"];
    const run1 = async (more: string[], surroundings: Surroundings): Promise<number> => {
      asked.length = 0;
      return (await run([...args, ...more], { answers, ...surroundings })).status;
    };
    assert.deepEqual([await run1([], {}), asked], [5, [undefined]]);
    assert.deepEqual([await run1(["--force"], {}), asked], [0, [true]]);
    const typing = (typed: string): Surroundings => ({ terminal: true, typed: [typed] });
    assert.deepEqual([await run1([], typing("y")), asked], [0, [undefined, true]]);
    assert.deepEqual([await run1([], typing("")), asked], [5, [undefined]]);
  });

  it("end well with notes alone", async () => {
    const answers = { import: () => ({ ...imported, failed: 0 }) };
    const { status, stderr } = await run(["import", tmpdir()], { answers });
    assert.deepEqual([status, stderr], [0, ""]);
  });
});
