import { type CborValue, decodeCanonical, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { toUtf8 } from "../../../../src/node/core/bytes.ts";
import { encodeStamp, type Stamp } from "../../../../src/node/core/stamp.ts";
import {
  encodeLogItem,
  encodePurged,
  logKey,
  nameKey,
  purgedKey,
  tagKey,
  versionKey,
} from "../../../../src/node/history/revision.ts";
import type { RevisionDraft, Tip } from "../../../../src/node/history/tip.ts";
import { asBlockId, asEntryId } from "../../../../src/node/core/ids.ts";
import { itemsOf } from "../../../blocks/test-maps.ts";
import { writerOf } from "../../../history/test-spaces.ts";
import { hashOf } from "../common.make.ts";
import { showReceived } from "./received.make.ts";
import { Story } from "./story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

type RecordMap = "versions" | "log" | "tags" | "purged" | "names";

/** What is received with a record that §11.1 does not allow, where joining has to read it. */
export async function makeMalformed(): Promise<VectorValue[]> {
  const story = new Story(22);
  const begun = await story.begin();
  const base = await story.change(begun, "a", (edit, draft) => {
    const item = { time: 1000, state: begun.revision.state };
    draft.tags.set(tagKey("a tag", edit.stamp), encodeLogItem(item));
    return Promise.resolve();
  });
  const withItem = (by: string, map: RecordMap, key: Uint8Array, valueOf: (stamp: Stamp) => Uint8Array): Promise<Tip> =>
    story.change(base, by, (edit, draft: RevisionDraft) => {
      draft[map].set(key, valueOf(edit.stamp));
      return Promise.resolve();
    });
  const cases: VectorValue[] = [];
  const anotherState = hashOf("a state that a purge rewrote");
  // The same record on both sides, rewritten by a purge on each, and malformed on the other.
  for (const [map, marks] of [
    ["versions", []],
    ["log", [anotherState]],
    ["tags", [anotherState]],
  ] as const) {
    const [item] = await itemsOf(story.space.sealer, base.revision[map]);
    const [key, value] = item as readonly [Uint8Array, Uint8Array];
    const [time, link] = decodeCanonical(value, "a record") as readonly CborValue[];
    const rewritten = (...more: readonly CborValue[]) => (by: Stamp) =>
      encodeCanonical([time as CborValue, link as CborValue, ...marks, ...more, encodeStamp(by)]);
    const own = await withItem("a", map, key, rewritten());
    const other = await withItem("b", map, key, rewritten(0));
    cases.push(await showReceived(story, `a record of \`${map}\` that both have, with a field too many on one side`, own, other, "a"));
  }
  // A record that one side alone has, under a key that is none.
  const stamp: Stamp = { counter: 3, writer: writerOf("b") };
  const id = asEntryId(hashOf("a file").subarray(0, 16));
  const [version] = await itemsOf(story.space.sealer, base.revision.versions);
  const [, versionValue] = version as readonly [Uint8Array, Uint8Array];
  const state = encodeLogItem({ time: 1000, state: begun.revision.state });
  const keys: readonly (readonly [RecordMap, Uint8Array, Uint8Array])[] = [
    ["versions", versionKey(id, stamp).subarray(1), versionValue],
    ["log", Uint8Array.of(...logKey(stamp), 0), state],
    ["tags", Uint8Array.of(1, ...tagKey("", stamp).subarray(1)), state],
    ["purged", purgedKey({ id, stamp, by: stamp }).subarray(1), encodePurged([asBlockId(hashOf("a block"))])],
    ["names", Uint8Array.of(0, ...nameKey({ device: hashOf("a device"), stamp })), toUtf8("a name")],
  ];
  const own = await story.change(base, "a", () => Promise.resolve());
  for (const [map, key, value] of keys) {
    const other = await withItem("b", map, key, () => value);
    cases.push(await showReceived(story, `a record of \`${map}\` under a key that is none`, own, other, "a"));
  }
  return cases;
}
