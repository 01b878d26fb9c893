import assert from "node:assert/strict";
import { equalBytes, fromHex, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { asEntryId, type EntryId, rootId } from "../../src/node/core/ids.ts";
import type { Entry } from "../../src/node/tree/entry.ts";
import { child, find, list, resolve, resolveTarget } from "../../src/node/tree/lookup.ts";
import { createPathNamer } from "../../src/node/tree/path-namer.ts";
import { byEntry, place } from "../../src/node/tree/place.ts";
import { emptyState } from "../../src/node/tree/state.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import { below, isLong, pick, seeded } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";
import { createTestMaps } from "../blocks/test-maps.ts";
import { fakeLink, testId, testWriter } from "./test-trees.ts";

function entry(id: EntryId, name: string, counter: number, more: Partial<Entry> = {}): Entry {
  const at = { counter, writer: testWriter };
  const content = [{ stamp: at, link: fakeLink(name) }];
  return { id, kind: "file", parent: rootId, name, at, content, live: [at], ...more };
}

const id = (digits: string): EntryId => asEntryId(fromHex(digits.padEnd(32, "0")) ?? rootId);

async function treeOf(...entries: Entry[]): Promise<StateDraft> {
  const draft = new StateDraft(createTestMaps(), emptyState);
  await place(draft, byEntry(entries.map((next) => ({ next }))));
  return draft;
}

async function namesIn(draft: StateDraft, parent = rootId): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of list(draft, parent)) names.push(name);
  return names;
}

/** Everything is listed by a name of its own, by which it is found again. */
async function checkListing(draft: StateDraft, parent = rootId): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for await (const { name, entry: listed } of list(draft, parent)) {
    assert.ok(!names.has(name), `${name} is listed twice`);
    assert.ok(toUtf8(name).length <= 255);
    assert.ok(name.isWellFormed());
    names.set(name, toHex(listed.id));
    assert.deepEqual(await child(draft, parent, name), listed);
    assert.equal(await createPathNamer(draft)(listed), `/${name}`);
  }
  return names;
}

describe("a listing", () => {
  it("is in the order of the bytes of its names", async () => {
    const names = ["b", "a", "aa", "a.b", "Z", "é", "e\u0301", "z", "😀", "ﬀ", "~", " "];
    const draft = await treeOf(...names.map((name, i) => entry(testId(name), name, i + 1)));
    const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(await namesIn(draft), sorted);
    await checkListing(draft);
  });

  it("begins at any name, whether or not something has it", async () => {
    const names = ["b", "a", "aa", "a.b", "Z", "z", "😀", "ﬀ", "~"];
    const draft = await treeOf(...names.map((name, i) => entry(testId(name), name, i + 1)));
    const all = await namesIn(draft);
    for (const from of [...names, " ", "a.", "aaa", "y", "\u{10ffff}"]) {
      const rest = all.filter((name) => Buffer.compare(Buffer.from(name), Buffer.from(from)) >= 0);
      const found: string[] = [];
      for await (const { name } of list(draft, rootId, from)) found.push(name);
      assert.deepEqual(found, rest, from);
    }
  });

  it("tells names apart that differ in case or normal form alone", async () => {
    const draft = await treeOf(
      entry(id("01"), "Name", 1),
      entry(id("02"), "name", 2),
      entry(id("03"), "\u00e9", 3),
      entry(id("04"), "e\u0301", 4),
    );
    assert.equal((await checkListing(draft)).size, 4);
    assert.ok(equalBytes((await resolve(draft, "/\u00e9")).id, id("03")));
  });

  it("gives the first of a name its plain form and every other a suffix before its extension", async () => {
    const draft = await treeOf(
      entry(id("aabbccdd01"), "notes.txt", 2),
      entry(id("1a2b3c4d01"), "notes.txt", 3),
      entry(id("55667788"), "notes.txt", 1),
    );
    assert.deepEqual(
      await checkListing(draft),
      new Map([
        ["notes.txt", "55667788".padEnd(32, "0")],
        ["notes~aabbccdd.txt", "aabbccdd01".padEnd(32, "0")],
        ["notes~1a2b3c4d.txt", "1a2b3c4d01".padEnd(32, "0")],
      ]),
    );
  });

  const full = "1a2b3c4d".padEnd(32, "0");
  const forms: [string, string][] = [
    ["noextension", "noextension~1a2b3c4d"],
    [".hidden", ".hidden~1a2b3c4d"],
    ["a.tar.gz", "a.tar~1a2b3c4d.gz"],
    ["ends.", "ends~1a2b3c4d."],
    ["..x", ".~1a2b3c4d.x"],
    [`long.${"e".repeat(63)}`, `long~1a2b3c4d.${"e".repeat(63)}`],
    [`long.${"e".repeat(64)}`, `long.${"e".repeat(64)}~1a2b3c4d`],
    ["a".repeat(246), `${"a".repeat(246)}~1a2b3c4d`],
    ["a".repeat(247), `${"a".repeat(222)}~${full}`],
    ["a".repeat(255), `${"a".repeat(222)}~${full}`],
    [`${"a".repeat(251)}.txt`, `${"a".repeat(218)}~${full}.txt`],
    ["é".repeat(127), `${"é".repeat(111)}~${full}`],
    ["😀".repeat(63), `${"😀".repeat(55)}~${full}`],
  ];
  for (const [name, shown] of forms) {
    it(`shows the second ${name.slice(0, 20)} of ${toUtf8(name).length.toString()} bytes as one that opens`, async () => {
      const draft = await treeOf(entry(id("01"), name, 1), entry(id("1a2b3c4d"), name, 2));
      assert.deepEqual([...(await checkListing(draft)).keys()], [name, shown]);
      assert.ok(equalBytes((await resolve(draft, `/${shown}`)).id, id("1a2b3c4d")));
    });
  }

  it("puts live entries before ghosts", async () => {
    const draft = await treeOf(
      entry(id("01"), "a", 1, { kind: "folder", live: [], content: [] }),
      entry(id("02"), "inside", 5, { parent: id("01") }),
      entry(id("03"), "a", 9),
    );
    assert.deepEqual([...(await checkListing(draft)).keys()], ["a", "a~01000000"]);
    assert.ok(equalBytes((await resolve(draft, "/a")).id, id("03")));
    assert.ok(equalBytes((await resolve(draft, "/a~01000000/inside")).id, id("02")));
  });

  it("writes the whole id where the short suffix is taken or shared", async () => {
    const id1 = "1a2b3c4d01".padEnd(32, "0");
    const taken = await treeOf(
      entry(id("01"), "a.txt", 1),
      entry(id("1a2b3c4d01"), "a.txt", 2),
      entry(id("02"), "a~1a2b3c4d.txt", 3),
    );
    assert.deepEqual(
      [...(await checkListing(taken)).keys()].sort(),
      ["a.txt", "a~1a2b3c4d.txt", `a~${id1}.txt`].sort(),
    );
    assert.ok(equalBytes((await resolve(taken, "/a~1a2b3c4d.txt")).id, id("02")));
    const shared = await treeOf(
      entry(id("01"), "a", 1),
      entry(id("1a2b3c4d01"), "a", 2),
      entry(id("1a2b3c4d02"), "a", 3),
    );
    const id2 = "1a2b3c4d02".padEnd(32, "0");
    assert.deepEqual([...(await checkListing(shared)).keys()], ["a", `a~${id1}`, `a~${id2}`]);
  });

  it("counts on where even the whole id is taken", async () => {
    const draft = await treeOf(
      entry(id("01"), "a.txt", 1),
      entry(id("1a2b3c4d"), "a.txt", 2),
      entry(id("02"), "a~1a2b3c4d.txt", 3),
      entry(id("03"), `a~${full}.txt`, 4),
      entry(id("04"), `a~${full}~2.txt`, 5),
    );
    assert.equal((await checkListing(draft)).get(`a~${full}~3.txt`), full);
  });

  it("tells long namesakes apart that are alike where they are cut", async () => {
    const [one, two] = [`${"a".repeat(250)}1`, `${"a".repeat(250)}2`];
    const draft = await treeOf(
      entry(id("01"), one, 1),
      entry(id("1a2b3c4d01"), one, 2),
      entry(id("02"), two, 1),
      entry(id("1a2b3c4d02"), two, 2),
    );
    assert.equal((await checkListing(draft)).size, 4);
  });

  it("finds everything in it again, however names clash", async () => {
    for (let seed = 0; seed < (isLong ? 2000 : 60); seed++) {
      const random = seeded(seed);
      const bases = ["a", "a.txt", "é".repeat(124), `${"b".repeat(250)}.c`, "b".repeat(252)];
      const entries = Array.from({ length: 12 }, (_, i) => {
        const digits = pick(random, ["1a2b3c4d", "55667788", "0badcafe"]) + i.toString(16);
        const base = pick(random, bases);
        const name = base.length < 6 && random() < 0.2 ? "a~1a2b3c4d.txt" : base;
        return entry(id(digits), name, 1 + below(random, 5));
      });
      const draft = await treeOf(...entries);
      assert.equal((await checkListing(draft)).size, entries.length);
    }
  });

  it("does not take a name for a clash that only looks like one", async () => {
    const draft = await treeOf(entry(id("1a2b3c4d"), "a.txt", 1));
    assert.equal(await child(draft, rootId, "a~1a2b3c4d.txt"), undefined);
    assert.equal(await child(draft, rootId, "a~1a2b3c4d00000000"), undefined);
    const two = await treeOf(entry(id("01"), "a", 1), entry(id("1a2b3c4d"), "a", 2));
    for (const name of ["a~1a2b3c4e", "a~1A2B3C4D", "a~1a2b3c4d0", "~1a2b3c4d", "b~1a2b3c4d"]) {
      assert.equal(await child(two, rootId, name), undefined);
    }
    assert.equal(await child(two, rootId, `a~${"1a2b3c4d".padEnd(32, "0")}`), undefined);
  });
});

describe("a path", () => {
  const folder = (digits: string, name: string): Entry =>
    entry(id(digits), name, 1, { kind: "folder", content: [] });

  it("leads where it says, with or without slashes at its ends", async () => {
    const draft = await treeOf(folder("01", "a"), entry(id("02"), "b", 2, { parent: id("01") }));
    for (const path of ["/a/b", "a/b", "/a/b/"]) {
      assert.ok(equalBytes((await resolve(draft, path)).id, id("02")));
    }
    for (const path of ["", "/"]) {
      assert.deepEqual(await resolve(draft, path), { id: rootId, entry: undefined });
    }
  });

  it("that leads nowhere is told by its name", async () => {
    const draft = await treeOf(folder("01", "a"), entry(id("02"), "b", 2));
    await refuses(() => resolve(draft, "/a/none"), "not-found", /nothing at \/a\/none/u);
    await refuses(() => resolve(draft, "/none/at/all"), "not-found", /\/none\/at\/all/u);
    await refuses(() => resolve(draft, "/b/c"), "not-a-folder", /^\/b is not a folder/u);
    await refuses(() => resolveTarget(draft, "/b/c"), "not-a-folder", /^\/b is not a folder/u);
    await refuses(() => resolveTarget(draft, "/none/c"), "not-found", /no folder \/none/u);
    await refuses(() => resolveTarget(draft, "/"), "usage", /root folder/u);
    assert.equal(await find(draft, "/a/none"), undefined);
    const target = await resolveTarget(draft, "/a/new");
    assert.deepEqual(target, { parent: id("01"), name: "new", entry: undefined });
  });

  for (const bad of ["/a//b", "/a/../b", "/./a", "/a\0", `/${"n".repeat(256)}`, "/\ud800"]) {
    it(`is refused as ${JSON.stringify(bad.slice(0, 12))}`, async () => {
      const draft = await treeOf(folder("01", "a"));
      await refuses(() => resolve(draft, bad), "invalid-name");
      await refuses(() => resolveTarget(draft, bad), "invalid-name");
    });
  }

  it("of what is removed is the one that it would have", async () => {
    const dead = entry(id("03"), "gone", 3, { parent: id("01"), live: [] });
    const draft = await treeOf(folder("01", "a"), dead);
    assert.equal(await createPathNamer(draft)(dead), "/a/gone");
  });
});
