import assert from "node:assert/strict";
import { ContentReader } from "../../src/node/blocks/content/content-reader.ts";
import type { Link } from "../../src/node/blocks/link.ts";
import { type BlockKind, sealBlock } from "../../src/node/blocks/seal.ts";
import { encodeRevision } from "../../src/node/history/revision.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { type Change, CommitLoop } from "../../src/node/space/commit-loop.ts";
import { findTip } from "../../src/node/space/heads/find-tip.ts";
import { HeadChain } from "../../src/node/space/heads/head-chain.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import { encodeState } from "../../src/node/tree/state.ts";
import { nextStamp, withStamp } from "../../src/node/tree/version-vector.ts";
import { openTestSpace, type TestDrive } from "../support/open-drive.ts";

/** Seals anything at all as a block of a kind, and puts it. */
export type Plant = (kind: BlockKind, payload: Uint8Array) => Link;

/** Canonical lists in lists, `[[[[…]]]]`, so many deep. */
export function nested(depth: number): Uint8Array {
  const bytes = new Uint8Array(depth + 1).fill(0x81);
  bytes[depth] = 0x80;
  return bytes;
}

/** Makes a change beside the drive, which has to be opened again to see it. */
export async function changeUnseen(
  test: TestDrive,
  path: string,
  body: (change: Change, space: OpenSpace) => Promise<void>,
): Promise<void> {
  const space = openTestSpace(test.store, test.contents);
  const found = await findTip(space);
  const told = (): Promise<void> => Promise.resolve();
  const loop = new CommitLoop(
    space,
    new ContentReader(space.sealer),
    new HeadChain(space, found),
    found,
    () => test.clock.now,
    told,
  );
  await loop.apply([path], (change) => body(change, space));
  await loop.close();
}

/** Lets the head of a drive lead to a tree of which the root is this node. */
export async function plantTree(test: TestDrive, payload: Uint8Array): Promise<void> {
  const space = openTestSpace(test.store, test.contents);
  const found = await findTip(space);
  const { tip } = found;
  assert.ok(tip !== undefined);
  const batch = test.store.begin();
  const plant = (kind: BlockKind, bytes: Uint8Array): Link => {
    const { link, block } = sealBlock(nodePrimitives, space.sealer.contentKey, kind, bytes, false);
    batch.put(block);
    return link;
  };
  const stamp = nextStamp(tip.state.vv, space.writerId);
  const tree = plant("mapNode", payload);
  const state = { ...tip.state, vv: withStamp(tip.state.vv, stamp), tree };
  const revision = {
    ...tip.revision,
    parents: [tip.link.id],
    state: plant("state", encodeState(state)),
    change: { stamp, time: test.clock.now },
  };
  const link = plant("revision", encodeRevision(revision));
  const head = new HeadChain(space, found).sign(space.keys, { link, revision, state }, []);
  await batch.commit({ head: head.record });
}
