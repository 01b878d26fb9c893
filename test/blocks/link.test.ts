import assert from "node:assert/strict";
import {
  type BlockKey,
  decodeLink,
  decodeRecordLink,
  encodeLink,
  encodeRecordLink,
  type Link,
  linkBytes,
  placedLinkBytes,
  sameRecord,
} from "../../src/node/blocks/link.ts";
import { asBlockId } from "../../src/node/core/ids.ts";
import { refuses } from "./refuses.ts";
import { testKey } from "./test-maps.ts";

const link: Link = { suite: 1, id: asBlockId(testKey("id")), key: testKey("key") as BlockKey };

describe("a link", () => {
  it("is suite, id and key in 65 bytes", () => {
    const bytes = encodeLink(link);
    assert.equal(bytes.length, linkBytes);
    assert.deepEqual([bytes[0], bytes.slice(1, 33), bytes.slice(33)], [1, link.id, link.key]);
    assert.deepEqual(decodeLink(bytes), link);
  });

  it("to a record in a pack carries its place in two bytes more", () => {
    for (const place of [0, 1, 255, 256, 65_535]) {
      const bytes = encodeRecordLink({ ...link, place });
      assert.equal(bytes.length, placedLinkBytes);
      assert.deepEqual(decodeRecordLink(bytes), { ...link, place });
    }
    assert.deepEqual(encodeRecordLink(link), encodeLink(link));
    assert.deepEqual(decodeRecordLink(encodeLink(link)), link);
  });

  it("is refused at every other length", async () => {
    for (let length = 0; length < 200; length++) {
      const bytes = new Uint8Array(length).fill(1);
      if (length !== linkBytes)
        await refuses(() => decodeLink(bytes, "the link X"), "damaged", /X/u);
      if (length === linkBytes || length === placedLinkBytes) continue;
      await refuses(() => decodeRecordLink(bytes, "the link X"), "damaged", /X/u);
    }
  });

  it("of a later suite needs a newer IPCloud, of suite 0 is damaged", async () => {
    for (const suite of [2, 3, 255]) {
      const bytes = encodeLink({ ...link, suite });
      await refuses(() => decodeLink(bytes), "newer", /needs a newer IPCloud/u);
      await refuses(() => decodeRecordLink(bytes), "newer", /needs a newer IPCloud/u);
    }
    await refuses(() => decodeLink(encodeLink({ ...link, suite: 0 })), "damaged");
  });

  it("leads to the same record as another of the same block and place", () => {
    const other = { ...link, id: asBlockId(testKey("other")) };
    assert.ok(sameRecord(link, { ...link }));
    assert.ok(sameRecord({ ...link, place: 3 }, { ...link, place: 3 }));
    assert.ok(!sameRecord({ ...link, place: 3 }, { ...link, place: 4 }));
    assert.ok(!sameRecord({ ...link, place: 0 }, link));
    assert.ok(!sameRecord(link, other));
  });
});
