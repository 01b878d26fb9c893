import assert from "node:assert/strict";
import { encodeRecordLink, type RecordLink } from "../../src/node/blocks/link.ts";
import { PackWriter } from "../../src/node/blocks/pack.ts";
import { encodeRecord } from "../../src/node/blocks/record.ts";
import { sealInto } from "../../src/node/blocks/seal-into.ts";
import { getFromMap } from "../../src/node/blocks/sealed-map.ts";
import { toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { purgeHistory } from "../../src/node/history/purge.ts";
import { letGo } from "../../src/node/history/retention.ts";
import { decodeLogItem, encodeLogItem, logKey, tagKey } from "../../src/node/history/revision.ts";
import { changedEntries } from "../../src/node/history/rewrite-past.ts";
import { statesOf } from "../../src/node/history/stood-at.ts";
import type { Tip } from "../../src/node/history/tip.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import type { Entry } from "../../src/node/tree/entry.ts";
import { resolve, resolveTarget } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import { put } from "../../src/node/tree/put.ts";
import { emptyState } from "../../src/node/tree/state.ts";
import { itemsOf } from "../blocks/test-maps.ts";
import { walkAll } from "../support/walk-all.ts";
import {
  changeAs,
  createTestSpace,
  entryAt,
  joined,
  putFolder,
  receiveAs,
  type TestSpace,
  writerOf,
} from "./test-spaces.ts";

/** Seals records of some texts into one pack. */
function pack(space: TestSpace, ...texts: string[]): RecordLink[] {
  const links: RecordLink[] = [];
  const { sealer, blocks } = space;
  const packs = new PackWriter(sealer.primitives, sealer.boundaryKey, (kind, payload) =>
    sealInto(sealer, blocks, kind, payload),
  );
  for (const text of texts) {
    const content = toUtf8(text);
    const record = encodeRecord({ size: content.length, mtime: 1, mode: 0o644, content });
    packs.add(record, (link) => links.push(link));
  }
  packs.close();
  return links;
}

async function putLink(
  edit: Edit,
  path: string,
  link: RecordLink | undefined,
  kind: "file" | "folder" = "file",
): Promise<void> {
  assert.ok(link !== undefined);
  const target = await resolveTarget(edit.draft, path);
  await put(edit, target, { kind, link: encodeRecordLink(link) });
}

function purge(
  space: TestSpace,
  tip: Tip,
  letter: string,
  ...paths: readonly string[]
): Promise<Tip> {
  return changeAs(space, tip, letter, async (edit, draft) => {
    const entries: Entry[] = [];
    for (const path of paths) {
      const { entry } = await resolve(draft.state, path);
      assert.ok(entry !== undefined);
      entries.push(entry);
    }
    await purgeHistory(space.sealer, space.blocks, tip, draft, edit, { entries });
  });
}

/** The ids, in hex, of all blocks that a tip retains. */
async function retained({ sealer }: TestSpace, tip: Tip): Promise<Set<string>> {
  const { parts, damaged } = await walkAll(sealer, tip.link, { content: false });
  assert.deepEqual(damaged, []);
  return new Set(parts.map(({ link }) => toHex(link.id)));
}

/** Receives as a device does that then tells others of it. */
async function joinedAndPurged(space: TestSpace, own: Tip, other: Tip): Promise<Tip> {
  const received = await receiveAs(space, own, other, "j", 1e9);
  assert.ok("tip" in received);
  return received.tip;
}

/** The names of all that any state of the past shows. */
async function namesEver(space: TestSpace, tip: Tip): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { state } of statesOf(space.sealer, tip.revision.log)) {
    for await (const { entry } of changedEntries(space.sealer, emptyState, state)) {
      if (entry !== undefined) names.add(entry.name);
    }
  }
  return names;
}

describe("a purge of history", () => {
  it("leaves no pack of a version that only a tag still shows", async () => {
    const space = createTestSpace();
    const [f, g] = pack(space, "the secret", "the neighbour");
    let tip = await changeAs(space, undefined, "a", async (edit) => {
      await putLink(edit, "/f", f);
      await putLink(edit, "/g", g);
    });
    const first = logKey({ counter: 1, writer: writerOf("a") });
    const record = await getFromMap(space.sealer, tip.revision.log, first);
    assert.ok(record !== undefined);
    tip = await changeAs(space, tip, "a", (edit, draft) => {
      draft.tags.set(tagKey("release", edit.stamp), encodeLogItem(decodeLogItem(record)));
      return Promise.resolve();
    });
    tip = await changeAs(space, tip, "a", (edit) => putLink(edit, "/f", pack(space, "later")[0]));
    const thin = { keepAllDays: 0, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 };
    tip = await changeAs(space, tip, "a", (_, draft) =>
      letGo(draft, space.sealer, tip, thin, draft.state.vv, 1e12),
    );
    const secret = toHex(f?.id as Uint8Array);
    assert.ok((await retained(space, tip)).has(secret));
    assert.ok(!(await retained(space, await purge(space, tip, "a", "/f"))).has(secret));
  });

  it("leaves the other side of a conflict", async () => {
    const space = createTestSpace();
    const base = await changeAs(space, undefined, "a", (edit) =>
      putLink(edit, "/f", pack(space, "base")[0]),
    );
    const a = await changeAs(space, base, "a", async (edit) => {
      const [f, secret] = pack(space, "by a", "the secret");
      await putLink(edit, "/f", f);
      await putLink(edit, "/secret", secret);
    });
    const b = await changeAs(space, base, "b", (edit) =>
      putLink(edit, "/f", pack(space, "by b")[0]),
    );
    const both = await joined(space, a, b);
    assert.equal((await entryAt(space, both, "/f"))?.content.length, 2);
    const purged = await purge(space, both, "a", "/secret");
    assert.equal((await entryAt(space, purged, "/f"))?.content.length, 2);
  });

  it("is done again where it meets another, or changes by one who had not heard of it", async () => {
    const space = createTestSpace();
    const [f, g, h] = pack(space, "the secret f", "the secret g", "a neighbour");
    const base = await changeAs(space, undefined, "a", async (edit) => {
      await putLink(edit, "/f", f);
      await putLink(edit, "/g", g);
      await putLink(edit, "/h", h);
    });
    const a = await purge(space, base, "a", "/f");
    const b = await purge(space, base, "b", "/g");
    const c = await changeAs(space, base, "c", (edit) => putFolder(edit, "/folder"));
    for (const order of [
      [a, b, c],
      [c, b, a],
      [b, c, a],
    ]) {
      const [first, ...others] = order as [Tip, ...Tip[]];
      let tip = first;
      for (const other of others) tip = await joinedAndPurged(space, tip, other);
      assert.deepEqual(await namesEver(space, tip), new Set(["folder", "h"]));
      assert.ok(!(await retained(space, tip)).has(toHex(f?.id as Uint8Array)));
    }
  });

  /** Two folders, each moved into the other: `/two` stands at the root, `one` in it. */
  async function makeCycle(space: TestSpace): Promise<Tip> {
    const [one, two] = pack(space, "times of one", "times of two");
    const base = await changeAs(space, undefined, "a", async (edit) => {
      await putLink(edit, "/one", one, "folder");
      await putLink(edit, "/two", two, "folder");
    });
    const moveInto = (letter: string, from: string, to: string): Promise<Tip> =>
      changeAs(space, base, letter, async (edit) => {
        const { entry } = await resolve(edit.draft, from);
        assert.ok(entry !== undefined);
        await move(edit, entry, await resolveTarget(edit.draft, to), false);
      });
    const [a, b] = [
      await moveInto("a", "/one", "/two/one"),
      await moveInto("b", "/two", "/one/two"),
    ];
    const tip = await joined(space, a, b);
    assert.notEqual(await entryAt(space, tip, "/two/one"), undefined);
    return tip;
  }

  it("takes a folder to which another belongs that stands at the root to break a cycle", async () => {
    const space = createTestSpace();
    const tip = await makeCycle(space);
    const purged = await purge(space, tip, "a", "/two/one");
    assert.equal(await entryAt(space, purged, "/two/one"), undefined);
    assert.notEqual(await entryAt(space, purged, "/two"), undefined);
  });

  it("takes all of a cycle", async () => {
    const space = createTestSpace();
    const tip = await makeCycle(space);
    const purged = await purge(space, tip, "a", "/two/one", "/two");
    assert.deepEqual(await namesEver(space, purged), new Set());
    assert.equal((await itemsOf(space.sealer, purged.state.tree)).length, 0);
  });
});
