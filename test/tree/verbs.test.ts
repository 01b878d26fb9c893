import assert from "node:assert/strict";
import type { EncodedRecordLink } from "../../src/node/blocks/link.ts";
import { equalBytes, toBinaryString, toHex } from "../../src/node/core/bytes.ts";
import { CloudError, isCloudError } from "../../src/node/core/cloud-error.ts";
import type { EntryId } from "../../src/node/core/ids.ts";
import { rootId } from "../../src/node/core/ids.ts";
import { formatPath } from "../../src/node/core/path.ts";
import { compareStamps } from "../../src/node/core/stamp.ts";
import { copy } from "../../src/node/tree/copy.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import type { Entry } from "../../src/node/tree/entry.ts";
import { child, list, resolve, resolveTarget, shownContent } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import { createPathNamer } from "../../src/node/tree/path-namer.ts";
import { put } from "../../src/node/tree/put.ts";
import { remove } from "../../src/node/tree/remove.ts";
import { emptyState } from "../../src/node/tree/state.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import type { StateView } from "../../src/node/tree/state-view.ts";
import { below, isLong, pick, type Random, seeded } from "../blocks/random.ts";
import { createTestMaps } from "../blocks/test-maps.ts";
import { type Expected, type PlainKind, PlainTree } from "./plain-tree.ts";
import { checkState, fakeLink, nextEdit, readAll, reopen } from "./test-trees.ts";

const names = ["a", "a", "b", "b", "é.txt", "d~12345678"];

/** Mostly where something is, or could be. */
function randomPath(random: Random, model: PlainTree): string[] {
  const lines = model.show().map((line) => line.split(" ") as [string, string]);
  const choice = random();
  if (choice < 0.1 || lines.length === 0) {
    return Array.from({ length: below(random, 4) }, () => pick(random, names));
  }
  const folders = ["", ...lines.filter(([, kind]) => kind === "folder").map(([path]) => path)];
  const path =
    choice < 0.55 ? pick(random, lines)[0] : `${pick(random, folders)}/${pick(random, names)}`;
  return path.slice(1).split("/");
}

const links = new Map<string, string>();

function linkOf(content: string): EncodedRecordLink {
  const link = fakeLink(content);
  links.set(toBinaryString(link), content);
  return link;
}

async function show(view: StateView): Promise<string[]> {
  const lines: string[] = [];
  const walk = async (id: EntryId, path: string): Promise<void> => {
    for await (const { name, entry } of list(view, id)) {
      const link = shownContent(entry)?.link;
      const content = link === undefined ? "" : (links.get(toBinaryString(link)) ?? "?");
      lines.push(`${path}/${name} ${entry.kind} ${toHex(entry.id)} ${content}`);
      if (entry.kind === "folder") await walk(entry.id, `${path}/${name}`);
    }
  };
  await walk(rootId, "");
  return lines;
}

async function entryAt(edit: Edit, path: string): Promise<Entry> {
  const { entry } = await resolve(edit.draft, path);
  if (entry === undefined) throw new CloudError("usage", "the root folder stays where it is");
  return entry;
}

/** One verb on the model and on the tree. */
interface Step {
  readonly name: string;
  readonly model: () => Expected | undefined;
  readonly real: (edit: Edit) => Promise<Entry | undefined>;
}

function randomStep(random: Random, model: PlainTree): Step {
  const path = randomPath(random, model);
  const other = randomPath(random, model);
  const [at, to] = [formatPath(path), formatPath(other)];
  const [flag, choice, content] = [random() < 0.6, random(), random().toString()];
  if (choice < 0.35) {
    const kind = pick<PlainKind>(random, ["file", "file", "link", "folder", "folder"]);
    const given = kind === "folder" && flag ? undefined : content;
    const link = given === undefined ? {} : { link: linkOf(given) };
    return {
      name: `put ${kind} ${at}`,
      model: () => model.put(path, kind, given),
      real: async (edit) => put(edit, await resolveTarget(edit.draft, at), { kind, ...link }),
    };
  }
  if (choice < 0.6) {
    return {
      name: `move ${at} to ${to} ${flag.toString()}`,
      model: () => model.move(path, other, flag),
      real: async (edit) => {
        const entry = await entryAt(edit, at);
        return move(edit, entry, await resolveTarget(edit.draft, to), flag);
      },
    };
  }
  if (choice < 0.8) {
    return {
      name: `copy ${at} to ${to}`,
      model: () => model.copy(path, other),
      real: async (edit) => {
        const entry = await entryAt(edit, at);
        return copy(edit, edit.draft, entry, await resolveTarget(edit.draft, to));
      },
    };
  }
  return {
    name: `remove ${at} ${flag.toString()}`,
    model: () => {
      model.remove(path, flag);
      return undefined;
    },
    real: async (edit) => {
      await remove(edit, await entryAt(edit, at), flag);
      return undefined;
    },
  };
}

async function outcome<Value>(
  run: () => Value | Promise<Value>,
): Promise<{ code: string } | { value: Value }> {
  try {
    return { value: await run() };
  } catch (error) {
    if (!isCloudError(error)) throw error;
    return { code: error.code };
  }
}

/** Whatever content a change leaves under its stamp is remembered as a version, and nothing else. */
async function checkPuts(edit: Edit): Promise<void> {
  const { entries } = await readAll(edit.draft);
  const left = new Map<string, Uint8Array>();
  for (const [name, { content }] of entries) {
    for (const { stamp, link } of content) {
      if (compareStamps(stamp, edit.stamp) === 0) left.set(name, link);
    }
  }
  const remembered = new Map(
    Array.from(edit.puts.values(), ({ id, link }) => [toBinaryString(id), link]),
  );
  assert.deepEqual([...remembered].sort(), [...left].sort());
}

async function checkPaths(view: StateView): Promise<void> {
  const nameOf = createPathNamer(view);
  const walk = async (id: EntryId, path: string): Promise<void> => {
    for await (const { name, entry } of list(view, id)) {
      const full = `${path}/${name}`;
      assert.equal(await nameOf(entry), full);
      const found = await resolve(view, full);
      assert.ok(equalBytes(found.id, entry.id));
      assert.deepEqual(await child(view, id, name), entry);
      if (entry.kind === "folder") await walk(entry.id, full);
    }
  };
  await walk(rootId, "");
}

async function runHistory(seed: number): Promise<void> {
  const random = seeded(seed);
  const maps = createTestMaps({ cacheBytes: 2 ** 26, fanoutBits: pick(random, [1, 5]) });
  const model = new PlainTree();
  let draft = new StateDraft(maps, emptyState);
  const done: string[] = [];
  for (let changes = 0; changes < 10; changes++) {
    const edit = nextEdit(draft, random);
    model.beginChange();
    for (let i = 0; i <= below(random, 4) && model.size < 30; i++) {
      const step = randomStep(random, model);
      done.push(step.name);
      const before = model.show();
      const expected = await outcome(step.model);
      const came = await outcome(() => step.real(edit));
      const said = `seed ${seed.toString()}: ${done.join(", ")}`;
      if ("code" in expected) {
        assert.deepEqual(came, expected, said);
        assert.deepEqual(await show(draft), before, said);
      } else if ("value" in came) {
        const id = came.value === undefined ? "" : toHex(came.value.id);
        if (expected.value !== undefined && "learn" in expected.value) expected.value.learn(id);
        else if (expected.value !== undefined) assert.equal(id, expected.value.id, said);
        const seen = await show(draft);
        for (const line of seen) {
          const [path, , given] = line.split(" ") as [string, string, string];
          model.learn(path.slice(1).split("/"), given);
        }
        assert.deepEqual(seen, model.show(), said);
      } else assert.fail(`${said}: ${came.code}`);
      await checkState(draft);
    }
    await checkPuts(edit);
    const { entries } = await readAll(draft);
    const gone = [...entries.values()].filter(({ live }) => live.length === 0);
    assert.deepEqual(gone.map(({ id }) => toHex(id)).sort(), model.removed);
    if (random() < 0.6) {
      const opened = await reopen(maps, draft);
      draft = opened.draft;
      await checkState(draft, opened.digest);
      assert.deepEqual(await show(draft), model.show());
      await checkPaths(draft);
    }
  }
}

describe("the verbs of a tree", () => {
  it("do what they do to a plain tree, in any order", async () => {
    const histories = isLong ? 10_000 : 120;
    for (let seed = 0; seed < histories; seed++) await runHistory(seed);
  });
});
