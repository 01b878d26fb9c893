import assert from "node:assert/strict";
import { asEntryId, type EntryId, rootId } from "../../src/node/core/ids.ts";
import { DiskNames } from "../../src/node/transfer/export/export-names.ts";
import type { Entry } from "../../src/node/tree/entry.ts";
import type { Listed } from "../../src/node/tree/lookup.ts";
import { testId, testWriter } from "../tree/test-trees.ts";

function listed(name: string, id: EntryId = testId(name)): Listed {
  const at = { counter: 1, writer: testWriter };
  const entry: Entry = { id, kind: "file", parent: rootId, name, at, content: [], live: [at] };
  return { name, entry };
}

/** What the names come to on a disk that takes alike names for one, or doesn't. */
async function targets(
  all: readonly Listed[],
  alikeIsOne: boolean,
): Promise<{ names: string[]; clashes: string[]; asked: number }> {
  let asked = 0;
  const names = await DiskNames.of(all, () => {
    asked++;
    return Promise.resolve(alikeIsOne);
  });
  const placed = all.map((each) => names.place(each));
  return {
    names: placed.map(({ target }) => target),
    clashes: placed.flatMap(({ clash }) => clash ?? []),
    asked,
  };
}

const many = Array.from({ length: 5000 }, (_, i) => listed(`m${i.toString()}`));
const id = asEntryId(Uint8Array.from({ length: 16 }, (_, i) => i));
const short = "00010203";
const whole = "000102030405060708090a0b0c0d0e0f";

describe("names on the disk", () => {
  it("stay what they are where none are alike, and the disk isn't asked", async () => {
    const { names, clashes, asked } = await targets(many, true);
    assert.deepEqual([names, clashes, asked], [many.map(({ name }) => name), [], 0]);
  });

  it("that are alike are told, however far apart they are listed", async () => {
    const all = [
      listed("README"),
      listed("Caf\u00e9"),
      ...many,
      listed("cafe\u0301"),
      listed("readme"),
    ];
    const { names, clashes, asked } = await targets(all, false);
    assert.deepEqual(
      names,
      all.map(({ name }) => name),
    );
    assert.equal(asked, 1);
    assert.equal(clashes.length, 2);
    assert.match(clashes.join(), /differs from "Caf\u00e9" only in case.* from "README" only/u);
  });

  it("that the disk takes for one get a suffix, the first of them none", async () => {
    const all = [listed("A.txt"), ...many, listed("a.txt", id), listed("a.TXT")];
    const { names, clashes } = await targets(all, true);
    assert.equal(names[0], "A.txt");
    assert.equal(names.at(-2), `a~${short}.txt`);
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, all.length);
    assert.match(clashes[0] ?? "", /it was written as "a~00010203\.txt"/u);
  });

  it("with a suffix are none that another has, before or after", async () => {
    for (const taken of [[short], [short, whole], [short, whole, `${whole}~2`]]) {
      const others = taken.map((mark) => listed(`A~${mark}`));
      for (const all of [
        [...others, listed("A"), listed("a", id)],
        [listed("A"), listed("a", id), ...others],
      ]) {
        const { names } = await targets(all, true);
        assert.equal(
          new Set(names.map((name) => name.toLowerCase())).size,
          all.length,
          names.join(),
        );
      }
    }
  });

  it("with a suffix differ where their ids begin alike", async () => {
    const other = asEntryId(Uint8Array.from(id, (byte, i) => (i < 12 ? byte : 255)));
    const { names } = await targets([listed("ab"), listed("aB", id), listed("Ab", other)], true);
    assert.deepEqual(names, ["ab", `aB~${short}`, `Ab~${whole.slice(0, 24)}ffffffff`]);
  });

  it("that only meet in their hashes are not alike", async () => {
    const all = ["costarring", "liquid", "altarage", "zinke"].map((name) => listed(name));
    const { names, clashes, asked } = await targets(all, true);
    assert.deepEqual([names, clashes], [all.map(({ name }) => name), []]);
    assert.equal(asked, 1, "they meet no more: find others");
  });
});
