import assert from "node:assert/strict";
import { equalBytes, toBinaryString } from "../../src/node/core/bytes.ts";
import { CloudError, isCloudError } from "../../src/node/core/cloud-error.ts";
import { type EntryId, rootId } from "../../src/node/core/ids.ts";
import { copy } from "../../src/node/tree/copy.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import { type Entry, isLive } from "../../src/node/tree/entry.ts";
import { child, list, resolve, resolveTarget, shownContent } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import { createPathNamer } from "../../src/node/tree/path-namer.ts";
import { byEntry, place } from "../../src/node/tree/place.ts";
import { put } from "../../src/node/tree/put.ts";
import { descendants, remove } from "../../src/node/tree/remove.ts";
import { emptyState } from "../../src/node/tree/state.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import type { StateView } from "../../src/node/tree/state-view.ts";
import { below, isLong, pick, type Random, seeded } from "../blocks/random.ts";
import { createTestMaps } from "../blocks/test-maps.ts";
import {
  checkState,
  fakeLink,
  nextEdit,
  readAll,
  reopen,
  testId,
  testWriter,
} from "./test-trees.ts";

// What a join leaves: loose entries, broken cycles, ghosts, namesakes. The verbs must do what the
// person sees there, and nothing else.

const ids = Array.from({ length: 12 }, (_, i) => testId(`entry ${i.toString()}`));
const names = ["a", "b", "c.txt"];

function randomEntry(random: Random, id: EntryId): Entry {
  const at = { counter: 1 + below(random, 1000), writer: testWriter };
  const kind = random() < 0.6 ? "folder" : "file";
  const isDead = random() < 0.35;
  return {
    id,
    kind,
    parent: pick(random, [rootId, testId("a folder that was purged"), ...ids]),
    name: pick(random, names),
    at,
    content: kind === "file" ? [{ stamp: at, link: fakeLink(random().toString()) }] : [],
    live: isDead ? [] : [at],
    ...(isDead ? { gone: [at] } : {}),
  };
}

/** Every visible entry by the path at which it is listed. */
async function seen(view: StateView): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  const nameOf = createPathNamer(view);
  const walk = async (id: EntryId, path: string): Promise<void> => {
    for await (const { name, entry } of list(view, id)) {
      const full = `${path}/${name}`;
      assert.ok(!found.has(full), `${full} is listed twice`);
      assert.equal(await nameOf(entry), full);
      assert.deepEqual(await child(view, id, name), entry);
      found.set(full, entry);
      if (entry.kind === "folder") await walk(entry.id, full);
    }
  };
  await walk(rootId, "");
  return found;
}

const liveIds = (entries: Iterable<Entry>): string[] =>
  [...entries].filter(isLive).map(({ id }) => toBinaryString(id));

async function under(view: StateView, entry: Entry): Promise<Set<string>> {
  const all = new Set([toBinaryString(entry.id)]);
  if (entry.kind === "folder") {
    for await (const { id } of descendants(view, entry.id)) all.add(toBinaryString(id));
  }
  return all;
}

async function folderOf(view: StateView, path: string): Promise<EntryId> {
  return (await resolve(view, path.slice(0, path.lastIndexOf("/")))).id;
}

interface Scene {
  readonly random: Random;
  readonly edit: Edit;
  readonly paths: ReadonlyMap<string, Entry>;
  /** The ids alive before. */
  readonly alive: ReadonlySet<string>;
}

/** A free name in a folder that is seen, or where something stands. */
function somewhere({ random, paths }: Scene): string {
  const all = [...paths];
  if (all.length > 0 && random() < 0.4) return pick(random, all)[0];
  const folders = ["", ...all.filter(([, { kind }]) => kind === "folder").map(([path]) => path)];
  return `${pick(random, folders)}/${pick(random, [...names, "new"])}`;
}

/** Does a verb and says who must be alive then. */
type Verb = (scene: Scene) => Promise<Set<string>>;

function putKind(kind: "file" | "folder"): Verb {
  return async (scene) => {
    const { edit, alive } = scene;
    const path = somewhere(scene);
    const target = await resolveTarget(edit.draft, path);
    const link = kind === "file" ? { link: fakeLink(path) } : {};
    const made = await put(edit, target, { kind, ...link });
    if (kind === "file") assert.deepEqual(shownContent(made)?.link, link.link);
    // Its name among namesakes may be another now: ghosts come to life, anchors are placed anew.
    const where = await createPathNamer(edit.draft)(made);
    assert.deepEqual((await resolve(edit.draft, where)).entry, made);
    assert.deepEqual(await folderOf(edit.draft, where), target.parent);
    return new Set([...alive, toBinaryString(made.id)]);
  };
}

const moveOne: Verb = async (scene) => {
  const { random, edit, paths, alive } = scene;
  const [path, entry] = pick(random, [...paths]);
  const target = await resolveTarget(edit.draft, somewhere(scene));
  const standing = target.entry;
  const isOther = standing !== undefined && isLive(standing) && !equalBytes(standing.id, entry.id);
  const replaced = isOther ? await under(edit.draft, standing) : new Set<string>();
  const within = await under(edit.draft, entry);
  const moved = await move(edit, entry, target, true);
  const expected = new Set([...alive].filter((id) => !replaced.has(id)));
  if (equalBytes(moved.id, entry.id)) {
    // What was seen below it is seen below it still.
    assert.deepEqual(await under(edit.draft, moved), within, path);
    const [found] = [...(await seen(edit.draft))].filter(([, { id }]) => equalBytes(id, moved.id));
    assert.ok(found !== undefined);
    const [where] = found;
    assert.deepEqual(await folderOf(edit.draft, where), target.parent);
  } else expected.delete(toBinaryString(entry.id));
  return expected.add(toBinaryString(moved.id));
};

const copyOne: Verb = async (scene) => {
  const { random, edit, paths, alive } = scene;
  const [, entry] = pick(random, [...paths]);
  const target = await resolveTarget(edit.draft, somewhere(scene));
  const within = await under(edit.draft, entry);
  const made = await copy(edit, edit.draft, entry, target);
  const copies = await under(edit.draft, made);
  // A ghost that comes to life keeps what made it visible.
  const isFresh = target.entry === undefined && !within.has(toBinaryString(target.parent));
  if (isFresh) assert.equal(copies.size, within.size);
  const now = new Set(liveIds((await readAll(edit.draft)).entries.values()));
  return new Set([...alive, ...[...copies].filter((id) => now.has(id))]);
};

const removeOne: Verb = async ({ random, edit, paths, alive }) => {
  const [path, entry] = pick(random, [...paths]);
  const within = await under(edit.draft, entry);
  await remove(edit, entry, true);
  for (const { id } of (await seen(edit.draft)).values()) {
    assert.ok(!within.has(toBinaryString(id)), path);
  }
  return new Set([...alive].filter((id) => !within.has(id)));
};

describe("the verbs of a tree after joins", () => {
  it("do what is seen, and leave all else as it is", async () => {
    let done = 0;
    for (let seed = 0; seed < (isLong ? 3000 : 30); seed++) {
      const random = seeded(seed);
      const maps = createTestMaps({ cacheBytes: 2 ** 26 });
      let draft = new StateDraft(maps, emptyState);
      const entries = ids.map((id) => ({ next: randomEntry(random, id) }));
      await place(draft, byEntry(entries));
      draft.see({ counter: 1000, writer: testWriter });
      for (let i = 0; i < 8; i++) {
        const paths = await seen(draft);
        if (paths.size === 0 || paths.size > 60) break;
        const alive = new Set(liveIds((await readAll(draft)).entries.values()));
        const verb = pick(random, [
          putKind("file"),
          putKind("folder"),
          moveOne,
          moveOne,
          copyOne,
          removeOne,
        ]);
        try {
          const edit = nextEdit(draft, random);
          const expected = await verb({ random, edit, paths, alive });
          const after = liveIds((await readAll(draft)).entries.values());
          assert.deepEqual(
            new Set(after.sort()),
            new Set([...expected].sort()),
            `seed ${seed.toString()}`,
          );
          done++;
        } catch (error) {
          if (!isCloudError(error, "exists", "usage", "not-a-folder")) throw error;
          assert.ok(error instanceof CloudError);
          assert.deepEqual(await seen(draft), paths);
        }
        await checkState(draft);
        await seen(draft);
        if (random() < 0.3) draft = (await reopen(maps, draft)).draft;
      }
    }
    assert.ok(done > 60);
  });
});
