import assert from "node:assert/strict";
import { toHex } from "../../../src/node/core/bytes.ts";
import type { CloudErrorCode } from "../../../src/node/core/cloud-error.ts";
import { encodeLink } from "../../../src/node/blocks/link.ts";
import { encodeStamp } from "../../../src/node/core/stamp.ts";
import { decodeRevision, encodeRevision } from "../../../src/node/history/revision.ts";
import { refuses } from "../../blocks/refuses.ts";
import { bytesOf } from "../make/common.make.ts";
import { codeOfTip, makeRevisionVectors, readItem } from "../make/history/revisions.make.ts";
import { readVectors } from "../vector-file.ts";

interface Item {
  readonly map: string;
  readonly key: string;
  readonly value: string;
}

interface Refused {
  readonly name: string;
  readonly code: CloudErrorCode;
}

describe("vectors of revisions", () => {
  const file = readVectors("revisions") as {
    readonly revisions: readonly {
      readonly name: string;
      readonly epoch: string;
      readonly parents: readonly string[];
      readonly state: string;
      readonly stamp: string | null;
      readonly time: number | null;
      readonly payload: string;
    }[];
    readonly items: readonly Item[];
    readonly refusedRevisions: readonly (Refused & { readonly payload: string })[];
    readonly refusedItems: readonly (Refused & Item)[];
    readonly ownStates: readonly {
      readonly name: string;
      readonly revision: string;
      readonly state: string;
      readonly code: CloudErrorCode | null;
    }[];
  };

  it("are what is written today", async () => {
    assert.deepEqual(file, await makeRevisionVectors());
  });

  for (const { name, payload, ...fields } of file.revisions) {
    it(`are read: ${name}`, () => {
      const revision = decodeRevision(bytesOf(payload));
      assert.equal(toHex(encodeRevision(revision)), payload);
      assert.equal(toHex(revision.epoch), fields.epoch);
      assert.deepEqual(revision.parents.map(toHex), fields.parents);
      assert.equal(toHex(encodeLink(revision.state)), fields.state);
      const { change } = revision;
      assert.equal(change === undefined ? null : toHex(encodeStamp(change.stamp)), fields.stamp);
      assert.equal(change?.time ?? null, fields.time);
    });
  }

  it("are read: items of their maps", () => {
    for (const { map, key, value } of file.items) readItem(map, bytesOf(key), bytesOf(value));
  });

  for (const { name, payload, code } of file.refusedRevisions) {
    it(`are refused: ${name}`, () => refuses(() => decodeRevision(bytesOf(payload)), code));
  }

  for (const { name, revision, state, code } of file.ownStates) {
    it(`are ${code === null ? "read" : "refused"} where ${name}`, async () => {
      assert.equal(await codeOfTip(bytesOf(revision), bytesOf(state)), code);
    });
  }

  for (const { name, map, key, value, code } of file.refusedItems) {
    it(`are refused in ${map}: ${name}`, () =>
      refuses(() => {
        readItem(map, bytesOf(key), bytesOf(value));
      }, code));
  }
});
