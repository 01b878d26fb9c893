import assert from "node:assert/strict";
import { toBinaryString } from "../../src/node/core/bytes.ts";
import { type EntryId, rootId } from "../../src/node/core/ids.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import { type Entry, isLive } from "../../src/node/tree/entry.ts";
import { child, list, resolve, resolveTarget } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import { byEntry, place } from "../../src/node/tree/place.ts";
import { put, putAll } from "../../src/node/tree/put.ts";
import { remove } from "../../src/node/tree/remove.ts";
import { emptyState } from "../../src/node/tree/state.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import { seeded } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";
import { createTestMaps } from "../blocks/test-maps.ts";
import { checkState, fakeLink, nextEdit, readAll, testId, testWriter } from "./test-trees.ts";

const random = seeded(3);
const beginDraft = (): StateDraft => new StateDraft(createTestMaps(), emptyState);

async function putFile(edit: Edit, path: string, content = path): Promise<Entry> {
  const target = await resolveTarget(edit.draft, path);
  return put(edit, target, { kind: "file", link: fakeLink(content) });
}

async function makeFolder(edit: Edit, path: string): Promise<Entry> {
  return put(edit, await resolveTarget(edit.draft, path), { kind: "folder" });
}

async function entryAt(edit: Edit, path: string): Promise<Entry> {
  const { entry } = await resolve(edit.draft, path);
  assert.ok(entry !== undefined);
  return entry;
}

async function removeAt(edit: Edit, path: string): Promise<void> {
  await remove(edit, await entryAt(edit, path), true);
}

describe("a put", () => {
  it("of a new version keeps the id and the place, and is the only content", async () => {
    const draft = beginDraft();
    const first = await putFile(nextEdit(draft, random), "/a");
    const edit = nextEdit(draft, random);
    const second = await putFile(edit, "/a", "other");
    assert.deepEqual(second, {
      ...first,
      content: [{ stamp: edit.stamp, link: fakeLink("other") }],
      live: [edit.stamp],
    });
    await checkState(draft);
  });

  it("over a conflict settles it", async () => {
    const draft = beginDraft();
    const edit = nextEdit(draft, random);
    const made = await putFile(edit, "/a");
    const other = { stamp: { counter: 7, writer: testWriter }, link: fakeLink("theirs") };
    const conflict = { ...made, content: [...made.content, other] };
    await place(draft, byEntry([{ old: made, next: conflict }]));
    const settled = await putFile(nextEdit(draft, random), "/a", "both");
    assert.equal(settled.content.length, 1);
  });

  it("at a name that was removed brings back the entry that was removed last", async () => {
    const draft = beginDraft();
    const first = await putFile(nextEdit(draft, random), "/a");
    let edit = nextEdit(draft, random);
    await move(edit, first, await resolveTarget(draft, "/b"), false);
    edit = nextEdit(draft, random);
    const second = await putFile(edit, "/a");
    await removeAt(nextEdit(draft, random), "/a");
    edit = nextEdit(draft, random);
    await move(edit, await entryAt(edit, "/b"), await resolveTarget(draft, "/a"), false);
    await removeAt(nextEdit(draft, random), "/a");
    // Both are gone from this name; another kind of the same name changes nothing.
    const folder = await makeFolder(nextEdit(draft, random), "/a");
    await removeAt(nextEdit(draft, random), "/a");
    edit = nextEdit(draft, random);
    const again = await putFile(edit, "/a", "again");
    assert.deepEqual(again.id, first.id);
    assert.deepEqual([again.at, again.live], [edit.stamp, [edit.stamp]]);
    await move(nextEdit(draft, random), again, await resolveTarget(draft, "/c"), false);
    assert.deepEqual((await putFile(nextEdit(draft, random), "/a")).id, second.id);
    await removeAt(nextEdit(draft, random), "/a");
    assert.deepEqual((await makeFolder(nextEdit(draft, random), "/a")).id, folder.id);
    await checkState(draft);
  });

  it("of another kind is refused where something live stands", async () => {
    const draft = beginDraft();
    const edit = nextEdit(draft, random);
    await makeFolder(edit, "/a");
    await refuses(() => putFile(edit, "/a"), "exists", /expected a file at "a", but a folder/u);
    await checkState(draft);
  });

  it("at a ghost's name stands plainly beside it, and a folder brings the ghost to life", async () => {
    const draft = beginDraft();
    const edit = nextEdit(draft, random);
    const folder = await makeFolder(edit, "/a");
    const inside = await putFile(edit, "/a/inside");
    const dead = { ...folder, live: [], gone: [{ counter: 5, writer: testWriter }] };
    await place(draft, byEntry([{ old: folder, next: dead }]));
    const ghost = await entryAt(edit, "/a");
    assert.equal(isLive(ghost), false);

    const file = await putFile(nextEdit(draft, random), "/a", "a file");
    assert.deepEqual(await entryAt(edit, "/a"), file);
    const names: string[] = [];
    for await (const { name } of list(draft, rootId)) names.push(name);
    assert.equal(names.length, 2);
    assert.deepEqual(await child(draft, rootId, names[1] ?? ""), ghost);
    assert.deepEqual((await resolve(draft, `/${names[1] ?? ""}/inside`)).id, inside.id);
    await checkState(draft);

    await removeAt(nextEdit(draft, random), "/a");
    const alive = await makeFolder(nextEdit(draft, random), "/a");
    assert.deepEqual(alive.id, folder.id);
    assert.ok(isLive(alive));
    assert.deepEqual((await resolve(draft, "/a/inside")).id, inside.id);
    await checkState(draft);
  });

  it("of what the same change made and removed leaves nothing of a file", async () => {
    const draft = beginDraft();
    const edit = nextEdit(draft, random);
    await putFile(edit, "/temporary");
    await removeAt(edit, "/temporary");
    assert.equal(edit.puts.size, 0);
    assert.equal((await readAll(draft)).entries.size, 0);

    await putFile(edit, "/kept", "before");
    await putFile(edit, "/temporary", "after");
    const moved = await move(
      edit,
      await entryAt(edit, "/temporary"),
      await resolveTarget(draft, "/kept"),
      true,
    );
    assert.deepEqual([...edit.puts.values()], [{ id: moved.id, link: fakeLink("after") }]);
    assert.equal((await readAll(draft)).entries.size, 1);
    await checkState(draft);
  });

  it("of a file that is then removed is remembered with its tombstone", async () => {
    const draft = beginDraft();
    const first = await putFile(nextEdit(draft, random), "/a");
    const edit = nextEdit(draft, random);
    await putFile(edit, "/a", "last words");
    await removeAt(edit, "/a");
    assert.deepEqual([...edit.puts.values()], [{ id: first.id, link: fakeLink("last words") }]);
    const { entries } = await readAll(draft);
    const buried = entries.get(toBinaryString(first.id));
    assert.deepEqual(buried?.content, [{ stamp: edit.stamp, link: fakeLink("last words") }]);
    assert.deepEqual(buried.live, []);
    assert.deepEqual(buried.gone, [edit.stamp]);
  });
});

describe("putAll", () => {
  it("counts two puts at one place as the last", async () => {
    const draft = beginDraft();
    const kept = await putFile(nextEdit(draft, random), "/kept");
    const removed = await putFile(nextEdit(draft, random), "/removed");
    await removeAt(nextEdit(draft, random), "/removed");
    const edit = nextEdit(draft, random);
    const targets = await Promise.all(
      ["/new", "/kept", "/removed"].map((path) => resolveTarget(draft, path)),
    );
    const puts = ["first", "second"].flatMap((content) =>
      targets.map((target) => ({
        target,
        content: { kind: "file" as const, link: fakeLink(content) },
      })),
    );
    const entries = await putAll(edit, puts);
    assert.equal(entries.length, 6);
    const found = await readAll(draft);
    assert.equal(found.entries.size, 3);
    assert.ok(found.entries.has(toBinaryString(kept.id)));
    assert.ok(found.entries.has(toBinaryString(removed.id)));
    for (const { content } of found.entries.values()) {
      assert.deepEqual(content, [{ stamp: edit.stamp, link: fakeLink("second") }]);
    }
    assert.equal(edit.puts.size, 3);
    await checkState(draft);
  });

  it("refuses two kinds at one place", async () => {
    const draft = beginDraft();
    const edit = nextEdit(draft, random);
    const target = await resolveTarget(draft, "/a");
    const puts = [
      { target, content: { kind: "folder" as const } },
      { target, content: { kind: "file" as const, link: fakeLink("a") } },
    ];
    await refuses(() => putAll(edit, puts), "exists", /expected a file at "a"/u);
    await checkState(draft);
  });
});

describe("a move", () => {
  /** `/outer/inner` with an intended cycle: outer is meant to stand in inner. */
  async function cycle(draft: StateDraft): Promise<{ outer: Entry; inner: Entry }> {
    const [outerId, innerId] = [testId("outer"), testId("inner")];
    const folder = (id: EntryId, parent: EntryId, name: string, counter: number): Entry => {
      const at = { counter, writer: testWriter };
      return { id, kind: "folder", parent, name, at, content: [], live: [at] };
    };
    const outer = folder(outerId, innerId, "outer", 2);
    const inner = folder(innerId, outerId, "inner", 1);
    await place(draft, byEntry([{ next: outer }, { next: inner }]));
    draft.see({ counter: 2, writer: testWriter });
    return { outer, inner };
  }

  it("within what concurrent moves made a cycle ends where it was meant to", async () => {
    const draft = beginDraft();
    await cycle(draft);
    const edit = nextEdit(draft, random);
    const inner = await entryAt(edit, "/outer/inner");
    await move(edit, inner, await resolveTarget(draft, "/outer/renamed"), false);
    assert.deepEqual((await resolve(draft, "/outer/renamed")).id, inner.id);
    assert.equal((await readAll(draft)).state.loose.size, 0);
    await checkState(draft);
  });

  it("out of a cycle leaves the folder that broke it where it is seen", async () => {
    const draft = beginDraft();
    const { outer } = await cycle(draft);
    const edit = nextEdit(draft, random);
    const inner = await entryAt(edit, "/outer/inner");
    await move(edit, inner, await resolveTarget(draft, "/inner"), false);
    assert.deepEqual((await resolve(draft, "/outer")).id, outer.id);
    assert.deepEqual((await resolve(draft, "/inner")).id, inner.id);
    await checkState(draft);
  });

  it("to the root of what broke a cycle keeps it there", async () => {
    const draft = beginDraft();
    const { outer } = await cycle(draft);
    const edit = nextEdit(draft, random);
    await move(edit, await entryAt(edit, "/outer"), await resolveTarget(draft, "/top"), false);
    assert.deepEqual((await resolve(draft, "/top/inner")).id, testId("inner"));
    assert.deepEqual((await resolve(draft, "/top")).id, outer.id);
    await checkState(draft);
  });

  it("is refused into a folder that is seen below, whatever is meant", async () => {
    const draft = beginDraft();
    await cycle(draft);
    const edit = nextEdit(draft, random);
    const target = await resolveTarget(draft, "/outer/inner/deeper");
    const outer = await entryAt(edit, "/outer");
    await refuses(() => move(edit, outer, target, false), "usage", /can't be moved into itself/u);
  });

  it("makes a folder again where the one before was on a cycle", async () => {
    const draft = beginDraft();
    await cycle(draft);
    await removeAt(nextEdit(draft, random), "/outer/inner");
    const edit = nextEdit(draft, random);
    const again = await makeFolder(edit, "/outer/inner");
    assert.deepEqual(again.id, testId("inner"));
    assert.deepEqual((await resolve(draft, "/outer/inner")).id, again.id);
    await checkState(draft);
  });
});
