import assert from "node:assert/strict";
import fc from "fast-check";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import type { Drive } from "../../src/node/drive/drive.ts";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";
import {
  isUnder,
  type ModelItem,
  type ModelOutcome,
  type ModelTree,
  modelCopy,
  modelMkdir,
  modelMove,
  modelRemove,
  modelWrite,
} from "./drive-model.ts";

const long = process.env["IPCLOUD_LONG"] === "1";
const sequences = Number(process.env["IPCLOUD_SEQUENCES"] ?? (long ? 10_000 : 120));
const seed = Number(process.env["IPCLOUD_SEED"] ?? 20_260_101);

const name = fc.constantFrom("a", "b", "c", "B");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join("/")}`);
const content = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 4095, 4096, 4097, 262_144, 262_145).map((n) => "x".repeat(n)),
  },
);
const which = fc.nat({ max: 1000 });

type Operation =
  | { do: "write"; path: string; content: string }
  | { do: "symlink"; path: string; content: string }
  | { do: "mkdir" | "remove" | "saveAside" | "saveOver"; path: string }
  | { do: "move"; path: string; to: string; overwrite: boolean }
  | { do: "copy"; path: string; to: string; which: number | undefined }
  | { do: "restore"; path: string; which: number }
  | { do: "clock"; seconds: number }
  | { do: "tag" | "gc" | "reopen" };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("write" as const), path, content }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("symlink" as const),
      path,
      content: fc.constantFrom("a", "../b"),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("mkdir" as const), path }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("remove" as const), path }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("saveAside" as const, "saveOver" as const), path }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("move" as const),
      path,
      to: path,
      overwrite: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("copy" as const),
      path,
      to: path,
      which: fc.option(which, { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("restore" as const),
      path: fc.oneof(path, fc.constant("/")),
      which,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("clock" as const),
      seconds: fc.integer({ min: -50_000, max: 200_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("tag" as const, "gc" as const, "reopen" as const) }),
  },
);

/** The tree as the drive shows it. */
async function readTree(drive: Drive, at?: string): Promise<ModelTree> {
  const tree = new Map<string, ModelItem>();
  const pending = ["/"];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const { name: child, kind, size } of await drive.list(folder, at)) {
      const full = `${folder === "/" ? "" : folder}/${child}`;
      let text = "";
      if (kind === "file") {
        const bytes = await drive.read(full, at === undefined ? {} : { at });
        assert.equal(bytes.length, size);
        text = fromUtf8(bytes) ?? "";
      } else if (kind === "link") text = fromUtf8(await drive.readLink(full, at)) ?? "";
      else pending.push(full);
      tree.set(full, { kind, content: text });
    }
  }
  return tree;
}

const sorted = (tree: ModelTree): [string, ModelItem][] =>
  [...tree].sort(([a], [b]) => (a < b ? -1 : 1));

/** Runs one sequence on a drive and on the model side by side. */
class SideBySide {
  #test: TestDrive;
  #tree: ModelTree = new Map();
  /** The tree at every revision that was seen, in order. */
  #past: { revision: string; tree: ModelTree }[] = [];
  #tags = 0;

  constructor(test: TestDrive) {
    this.#test = test;
  }

  get test(): TestDrive {
    return this.#test;
  }

  async run(one: Operation): Promise<void> {
    const { drive, clock } = this.#test;
    switch (one.do) {
      case "write":
        return this.#expect(
          modelWrite(this.#tree, one.path, { kind: "file", content: one.content }),
          () => drive.write({ path: one.path }, toUtf8(one.content)),
        );
      case "symlink":
        return this.#expect(
          modelWrite(this.#tree, one.path, { kind: "link", content: one.content }),
          () => drive.symlink(one.path, toUtf8(one.content)),
        );
      case "mkdir":
        return this.#expect(modelMkdir(this.#tree, one.path), () =>
          drive.makeFolder(one.path, false),
        );
      case "remove":
        return this.#expect(modelRemove(this.#tree, one.path), () => drive.remove(one.path, true));
      case "move":
        return this.#expect(modelMove(this.#tree, one.path, one.to, one.overwrite), () =>
          drive.move(one.path, one.to, one.overwrite),
        );
      case "copy": {
        const from = one.which === undefined ? undefined : this.#pick(one.which);
        return this.#expect(modelCopy(this.#tree, from?.tree ?? this.#tree, one.path, one.to), () =>
          drive.copy(one.path, one.to, false, from?.revision),
        );
      }
      case "saveAside":
      case "saveOver":
        return this.#saveByRename(one.path, one.do === "saveAside");
      case "restore":
        return this.#restore(one.path, one.which);
      case "clock":
        clock.now += one.seconds * 1000;
        return;
      case "tag":
        await drive.tag(`tag ${(++this.#tags).toString()}`, undefined);
        return this.#check();
      case "gc":
        await drive.collectGarbage(quietCall);
        await this.#check();
        return this.#letGo();
      case "reopen":
        this.#test = await this.#test.reopen();
        return this.#check();
    }
  }

  /** At the end: every revision that was seen reads as it was, and everything is sound. */
  async finish(): Promise<void> {
    const { drive } = this.#test;
    for (const { revision, tree } of this.#past) {
      assert.deepEqual(sorted(await readTree(drive, revision)), sorted(tree), revision);
    }
    const revisions = await drive.revisions(10_000);
    const counters = revisions.map(({ revision }) => Number.parseInt(revision, 10));
    const descending = (numbers: readonly number[]) => [...numbers].sort((a, b) => b - a);
    assert.deepEqual(counters, descending(counters));
    // A clock that was ahead has another writer go on; of each one times never fall.
    for (const writer of new Set(revisions.map(({ revision }) => revision.split("-")[1]))) {
      const own = revisions.filter(({ revision }) => revision.endsWith(`-${writer ?? ""}`));
      const times = own.map(({ time }) => time);
      assert.deepEqual(times, descending(times));
    }
    if ((await drive.passedOver("now")) === undefined) {
      assert.deepEqual(sorted(await readTree(drive, "now")), sorted(this.#tree), "now");
    }
    const report = await drive.verify(quietCall);
    assert.deepEqual([report.damaged, report.problems], [[], []]);
  }

  /** Forgets what was thinned: states from which to the next that is kept nothing but saves was done. */
  async #letGo(): Promise<void> {
    const { drive } = this.#test;
    const kept = new Set((await drive.revisions(10_000)).map(({ revision }) => revision));
    for (const [i, { revision, tree }] of this.#past.entries()) {
      if (kept.has(revision)) continue;
      const next = this.#past.slice(i).find((later) => kept.has(later.revision));
      for (const [path, { kind }] of tree) assert.equal(next?.tree.get(path)?.kind, kind, path);
    }
    this.#past = this.#past.filter(({ revision }) => kept.has(revision));
  }

  #pick(index: number): { revision: string; tree: ModelTree } | undefined {
    return this.#past[index % Math.max(1, this.#past.length)];
  }

  async #expect(outcome: ModelOutcome, run: () => Promise<unknown>): Promise<void> {
    if (outcome instanceof Map) {
      await run();
      this.#tree = outcome as ModelTree;
    } else {
      await assert.rejects(run, (error) =>
        isCloudError(error, ...(outcome as Exclude<ModelOutcome, ModelTree>)),
      );
    }
    await this.#check();
  }

  async #saveByRename(file: string, aside: boolean): Promise<void> {
    if (this.#tree.get(file)?.kind !== "file" || this.#tree.has(`${file}~`)) return;
    const { drive } = this.#test;
    const saves = (await drive.log(file, 1000, true)).length;
    const text = `saved ${this.#past.length.toString()}`;
    if (aside) {
      await drive.move(file, `${file}~`, false);
      await drive.write({ path: file }, toUtf8(text));
      await drive.remove(`${file}~`, false);
    } else {
      await drive.write({ path: `${file}~` }, toUtf8(text));
      await drive.move(`${file}~`, file, true);
    }
    this.#tree = new Map(this.#tree).set(file, { kind: "file", content: text });
    assert.equal((await drive.log(file, 1000, true)).length, saves + 1);
    await this.#check();
  }

  async #restore(top: string, index: number): Promise<void> {
    const then = this.#pick(index);
    if (then === undefined) return;
    const { drive } = this.#test;
    const was = [...then.tree].filter(([each]) => isUnder(each, top));
    if (was.length === 0 && top !== "/") {
      await assert.rejects(drive.restore(top, { at: then.revision }), (error) =>
        isCloudError(error, "not-found", "not-a-folder"),
      );
      return;
    }
    await drive.restore(top, { at: then.revision });
    // Ids decide what else moves, so the rest is taken as the drive tells it.
    this.#tree = await readTree(drive);
    const now = [...this.#tree].filter(([each]) => isUnder(each, top));
    assert.deepEqual(sorted(new Map(now)), sorted(new Map(was)));
    await this.#check();
  }

  async #check(): Promise<void> {
    const { drive } = this.#test;
    assert.deepEqual(sorted(await readTree(drive)), sorted(this.#tree));
    const { revision } = drive;
    if (revision !== "0" && this.#past.at(-1)?.revision !== revision) {
      this.#past.push({ revision, tree: this.#tree });
    }
  }
}

describe("a drive beside a plain model", () => {
  it(`agrees in ${sequences.toString()} random sequences`, async function () {
    this.timeout(0);
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 5, maxLength: 40, size: "max" }),
        async (operations) => {
          const side = new SideBySide(await makeTestDrive());
          try {
            for (const one of operations) await side.run(one);
            await side.finish();
          } finally {
            await side.test.remove();
          }
        },
      ),
      { numRuns: sequences, seed },
    );
  });
});
