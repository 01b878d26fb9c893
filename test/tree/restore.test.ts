import assert from "node:assert/strict";
import type { EncodedRecordLink } from "../../src/node/blocks/link.ts";
import { toBinaryString } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { IdMap } from "../../src/node/core/id-map.ts";
import { type EntryId, rootId } from "../../src/node/core/ids.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import { type Entry, isLive } from "../../src/node/tree/entry.ts";
import { find, list, resolve, resolveTarget, shownContent } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import {
  type EntryChange,
  folderEntry,
  isSeen,
  place,
  standsIn,
} from "../../src/node/tree/place.ts";
import { put } from "../../src/node/tree/put.ts";
import { remove } from "../../src/node/tree/remove.ts";
import { restoreFrom } from "../../src/node/tree/restore.ts";
import { emptyState, type State } from "../../src/node/tree/state.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import { type StateView, viewState } from "../../src/node/tree/state-view.ts";
import { below, isLong, pick, type Random, seeded } from "../blocks/random.ts";
import { createTestMaps } from "../blocks/test-maps.ts";
import { checkState, fakeLink, nextEdit, readAll, testId, testWriter } from "./test-trees.ts";

const sameLink = (link: EncodedRecordLink): Promise<EncodedRecordLink> => Promise.resolve(link);

/** A tree over memory, one change after the other. */
class Changing {
  readonly maps = createTestMaps({ cacheBytes: 2 ** 26 });
  readonly #random: Random;
  state: State = emptyState;

  constructor(random: Random = seeded(1)) {
    this.#random = random;
  }

  /** One change. @returns the state after it. */
  async change(body: (edit: Edit) => Promise<unknown>): Promise<State> {
    const draft = new StateDraft(this.maps, this.state);
    await body(nextEdit(draft, this.#random));
    this.state = await draft.flush(this.maps.blocks);
    return this.state;
  }

  put(...paths: string[]): Promise<State> {
    return this.change(async (edit) => {
      for (const path of paths) await putAt(edit, path);
    });
  }

  move(from: string, to: string): Promise<State> {
    return this.change((edit) => moveTo(edit, from, to));
  }

  remove(path: string): Promise<State> {
    return this.change((edit) => removeAt(edit, path));
  }

  restore(path: string, from: State): Promise<State> {
    const now = this.state;
    return this.change((edit) => restoreFrom(edit, this.maps, now, from, path, sameLink));
  }

  view(state = this.state): StateView {
    return viewState(this.maps, state);
  }

  async paths(): Promise<string[]> {
    return [...(await seen(this.view())).keys()];
  }
}

/** A path that ends in a slash makes a folder. */
async function putAt(edit: Edit, path: string): Promise<void> {
  const target = await resolveTarget(edit.draft, path);
  const isFolder = path.endsWith("/");
  await put(edit, target, isFolder ? { kind: "folder" } : { kind: "file", link: fakeLink(path) });
}

async function moveTo(edit: Edit, from: string, to: string): Promise<void> {
  const { entry } = await resolve(edit.draft, from);
  await move(edit, entry as Entry, await resolveTarget(edit.draft, to), false);
}

async function removeAt(edit: Edit, path: string): Promise<void> {
  await remove(edit, (await resolve(edit.draft, path)).entry as Entry, true);
}

/** Every visible entry by the path at which it is listed; folders end in a slash. */
async function seen(view: StateView, from = rootId): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  const walk = async (id: EntryId, above: string): Promise<void> => {
    for await (const { name, entry } of list(view, id)) {
      const path = `${above}/${name}${entry.kind === "folder" ? "/" : ""}`;
      found.set(path, entry);
      if (entry.kind === "folder") await walk(entry.id, `${above}/${name}`);
    }
  };
  await walk(from, "");
  return found;
}

/** What is shown at a path and below it: ids and contents. */
async function shownAt(view: StateView, path: string): Promise<Map<string, string>> {
  const found = await find(view, path);
  const shown = new Map<string, string>();
  if (found === undefined) return shown;
  const note = (at: string, entry: Entry): void => {
    const link = shownContent(entry)?.link ?? new Uint8Array(0);
    shown.set(at, toBinaryString(entry.id) + toBinaryString(link));
  };
  if (found.entry !== undefined) note("", found.entry);
  if (found.entry === undefined || found.entry.kind === "folder") {
    for (const [at, entry] of await seen(view, found.id)) note(at, entry);
  }
  return shown;
}

/** Whether an entry stands in one of some folders, or is one. */
async function isWithin(
  view: StateView,
  entry: Entry,
  tops: ReadonlySet<string>,
): Promise<boolean> {
  for (let at: Entry | undefined = entry; at !== undefined; ) {
    if (tops.has(toBinaryString(at.id))) return true;
    at = await folderEntry(view, await standsIn(view, at));
  }
  return false;
}

/**
 * What must still be seen after a restore: what was seen at both times, and whatever else neither
 * stands at the path nor in anything that is brought back.
 */
async function mustStay(tree: Changing, from: State, path: string): Promise<[string, Entry][]> {
  const [nowView, fromView] = [tree.view(), tree.view(from)];
  const { id: top } = await resolve(fromView, path);
  const back = new Set([toBinaryString(top)]);
  for (const { id } of (await seen(fromView, top)).values()) back.add(toBinaryString(id));
  const occupant = await find(nowView, path).catch(() => undefined);
  if (occupant !== undefined) back.add(toBinaryString(occupant.id));
  const then = new Set([...(await seen(fromView)).values()].map(({ id }) => toBinaryString(id)));
  const stays: [string, Entry][] = [];
  for (const [at, entry] of await seen(nowView)) {
    if (!isLive(entry)) continue;
    const isOld = then.has(toBinaryString(entry.id));
    if (isOld || (path !== "/" && !(await isWithin(nowView, entry, back)))) stays.push([at, entry]);
  }
  return stays;
}

async function checkStayed(tree: Changing, stays: readonly [string, Entry][]): Promise<void> {
  const { entries } = await readAll(tree.view());
  for (const [path, { id }] of stays) {
    const entry = entries.get(toBinaryString(id));
    assert.ok(entry !== undefined && isLive(entry), `${path} is gone`);
    assert.ok(await isSeen(tree.view(), entry), `${path} is hidden`);
  }
}

const names = ["a", "b", "c"];

function randomPath(random: Random): string {
  return Array.from({ length: 1 + below(random, 3) }, () => `/${pick(random, names)}`).join("");
}

/** Does something, if it can be done. */
async function changeAtRandom(tree: Changing, random: Random): Promise<void> {
  const [path, other] = [randomPath(random), randomPath(random)];
  const change = tree.change(async (edit) => {
    const choice = random();
    if (choice < 0.3) await putAt(edit, path);
    else if (choice < 0.55) await putAt(edit, `${path}/`);
    else if (choice < 0.7) await removeAt(edit, path);
    else await moveTo(edit, path, other);
  });
  await change.catch((error: unknown) => {
    if (!isCloudError(error, "not-found", "not-a-folder", "exists", "usage")) throw error;
  });
}

/** An entry as joins may leave it. */
function randomEntry(random: Random, number: number): Entry {
  const at = { counter: 1 + below(random, 1000), writer: testWriter };
  const kind = number < 6 ? "folder" : "file";
  const isDead = random() < 0.35;
  return {
    id: testId(number.toString()),
    kind,
    parent: pick(random, [rootId, ...[0, 1, 2, 3, 4, 5].map((one) => testId(one.toString()))]),
    name: pick(random, names),
    at,
    content: kind === "file" ? [{ stamp: at, link: fakeLink(random().toString()) }] : [],
    live: isDead ? [] : [at],
    ...(isDead ? { gone: [at] } : {}),
  };
}

async function randomState(tree: Changing, random: Random): Promise<State> {
  const draft = new StateDraft(tree.maps, emptyState);
  const changes = new IdMap<EntryId, EntryChange>();
  for (let number = 0; number < 10; number++) {
    const next = randomEntry(random, number);
    changes.set(next.id, { next });
  }
  await place(draft, changes);
  draft.see({ counter: 1000, writer: testWriter });
  return draft.flush(tree.maps.blocks);
}

describe("a restore of a path to a moment", () => {
  it("parts folders that changed places, and keeps what came into the upper one", async () => {
    const tree = new Changing();
    const past = await tree.put("/A/", "/A/B/", "/A/f");
    await tree.move("/A/B", "/B");
    await tree.move("/A", "/B/A");
    await tree.put("/B/A/new");
    await tree.restore("/A/B", past);
    assert.deepEqual(await tree.paths(), ["/A/", "/A/B/", "/A/f", "/A/new"]);
    await checkState(tree.view(), tree.state.digest);
  });

  it("gives back what was moved in since to where it stood, as it is now", async () => {
    const tree = new Changing();
    const past = await tree.put("/A/", "/docs/", "/docs/g", "/h");
    await tree.move("/docs/g", "/A/g");
    await tree.move("/h", "/A/h");
    await tree.put("/A/g", "/A/new", "/h");
    await tree.remove("/docs");
    await tree.restore("/A", past);
    const [first, second, third, ...rest] = await tree.paths();
    assert.deepEqual([first, second, third], ["/A/", "/docs/", "/docs/g"]);
    // The new one of its name keeps it.
    assert.equal(rest.length, 2);
    assert.equal(rest[0], "/h");
    const found = (await resolve(tree.view(), "/docs/g")).entry as Entry;
    assert.deepEqual(shownContent(found)?.link, fakeLink("/A/g"));
  });

  it("lands at its path where the folder above was moved and then removed", async () => {
    const tree = new Changing();
    const past = await tree.put("/A/", "/bin/", "/A/f");
    await tree.move("/A", "/bin/A");
    await tree.remove("/bin");
    await tree.restore("/A/f", past);
    assert.deepEqual(await tree.paths(), ["/A/", "/A/f"]);
  });

  it("leaves a folder above alone that was renamed, and makes one of its name", async () => {
    const tree = new Changing();
    const past = await tree.put("/A/", "/A/f", "/A/g");
    await tree.move("/A", "/Z");
    await tree.remove("/Z/f");
    await tree.restore("/A/f", past);
    assert.deepEqual(await tree.paths(), ["/A/", "/A/f", "/Z/", "/Z/g"]);
  });

  it("uses the folder that has the name of one above now", async () => {
    const tree = new Changing();
    const past = await tree.put("/A/", "/A/f");
    await tree.move("/A", "/Z");
    await tree.put("/A/", "/A/mine");
    await tree.restore("/A/f", past);
    assert.deepEqual(await tree.paths(), ["/A/", "/A/f", "/A/mine", "/Z/"]);
  });

  it("has a file give way that has the name of a folder above", async () => {
    const tree = new Changing();
    const past = await tree.put("/A/", "/A/f");
    await tree.move("/A", "/Z");
    await tree.put("/A");
    await tree.restore("/A/f", past);
    const [folder, file, aside, ...rest] = await tree.paths();
    assert.deepEqual([folder, file, rest], ["/A/", "/A/f", ["/Z/"]]);
    assert.match(aside ?? "", /^\/A~[0-9a-f]{8}$/u);
  });

  it("shows at the path what stood there, and hides nothing that was seen elsewhere", async () => {
    for (let seed = 0; seed < (isLong ? 20_000 : 400); seed++) {
      const random = seeded(seed);
      const tree = new Changing(random);
      for (let i = 0; i < 10; i++) await changeAtRandom(tree, random);
      const past = tree.state;
      for (let i = 0; i < 10; i++) await changeAtRandom(tree, random);
      const paths = [...(await seen(tree.view(past))).keys()];
      const path = random() < 0.1 || paths.length === 0 ? "/" : pick(random, paths);
      const stays = await mustStay(tree, past, path);
      await tree.restore(path, past);
      const expected = await shownAt(tree.view(past), path);
      assert.deepEqual(await shownAt(tree.view(), path), expected, `seed ${seed.toString()}`);
      await checkStayed(tree, stays);
      await checkState(tree.view(), tree.state.digest);
    }
  });

  it("hides nothing that was seen elsewhere after joins either", async () => {
    for (let seed = 0; seed < (isLong ? 20_000 : 400); seed++) {
      const random = seeded(seed);
      const tree = new Changing(random);
      const past = await randomState(tree, random);
      tree.state = await randomState(tree, random);
      const paths = [...(await seen(tree.view(past))).keys()];
      const path = random() < 0.1 || paths.length === 0 ? "/" : pick(random, paths);
      const stays = await mustStay(tree, past, path);
      await tree.restore(path, past);
      await checkStayed(tree, stays);
      await checkState(tree.view(), tree.state.digest);
    }
  });
});
