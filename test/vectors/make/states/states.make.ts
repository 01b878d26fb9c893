import { compareBytes, concatBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { type CborValue, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { decodeState } from "../../../../src/node/tree/state.ts";
import { about, codeOf, hashOf, keyFields } from "../common.make.ts";
import { makeEntries, makeRefusedEntries, makeRefusedFolders } from "./entries.make.ts";
import { ann, bob, linkTo } from "./entry-words.make.ts";
import { makeSteps } from "./steps.make.ts";
import { makeTrees } from "./trees.make.ts";
import { listOf, makeJumps, makeRefusedVectors, makeVectors } from "./version-vectors.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Entries, their placement, digests, listings and states. */
export async function makeStates(): Promise<VectorValue> {
  return {
    about: about("§10, entries, placement, digest, listing, state", [
      "Stamps are counter (8 B) ‖ writer (16 B). `listing`: every visible entry by the path at which",
      "it is listed, a folder before what is in it. `tree`, `removed`, `folders`, `loose`: all items.",
      "`map` in `refusedEntries`: refused only there. `refusedFolders`: values of `folders`.",
      "`nothingAt`: paths that lead nowhere, with the code where one leads through a file. `wouldBe`:",
      "how an entry would be listed that does not stand in the root. `steps`: entries, what becomes of",
      "some of them, or that they are purged, and the maps afterwards. `sums`: mod 2^256. `jumps`: of",
      "one's own vector and a received one. In `vectors` writer i is the first 16 bytes of SHA-256(\"writer i\"), its counter i + 1.",
    ]),
    ...keyFields,
    entries: makeEntries(),
    refusedEntries: makeRefusedEntries(),
    refusedFolders: makeRefusedFolders(),
    trees: await makeTrees(),
    steps: await makeSteps(),
    sums: makeSums(),
    vectors: await makeVectors(),
    refusedVectors: makeRefusedVectors(),
    jumps: makeJumps(),
    refusedStates: makeRefusedStates(),
  };
}

/** Sums of digests at the edges of words of 32 bits. */
function makeSums(): VectorValue[] {
  const ones = "ff".repeat(32);
  const cases: [string, string][] = [
    ["00".repeat(32), "00".repeat(32)],
    [`${"00".repeat(28)}ffffffff`, "00".repeat(32)],
    [`${"00".repeat(28)}ffffffff`, `${"00".repeat(31)}01`],
    [`${"00".repeat(28)}fffffffe`, `${"00".repeat(31)}01`],
    [`${"00".repeat(24)}ffffffff00000001`, `${"00".repeat(28)}ffffffff`],
    [`${"00".repeat(24)}fffffffe80000000`, `${"00".repeat(28)}80000000`],
    [ones, `${"00".repeat(31)}01`],
    [ones, ones],
    [toHex(hashOf("one")), toHex(hashOf("other"))],
  ];
  return cases.map(([one, other]) => {
    const sum = (BigInt(`0x${one}`) + BigInt(`0x${other}`)) % 2n ** 256n;
    return { one, other, sum: sum.toString(16).padStart(64, "0") };
  });
}

function makeRefusedStates(): VectorValue[] {
  const fields = {
    version: 1,
    vv: [ann, 3],
    tree: null,
    removed: null,
    folders: null,
    loose: null,
    floor: [],
    digest: new Uint8Array(32),
  };
  const { loose, ...fewer } = fields;
  const cases: [string, CborValue][] = [
    ["a field too many", { ...fields, more: loose }],
    ["a later version", { version: 2 }],
    ["a field too few", fewer],
    ["version 0", { ...fields, version: 0 }],
    ["a list", [1]],
    ["a root of 64 bytes", { ...fields, tree: new Uint8Array(64) }],
    ["a root of a later suite", { ...fields, tree: new Uint8Array(65).fill(2) }],
    ["a digest of 31 bytes", { ...fields, digest: new Uint8Array(31) }],
    ["a writer twice", { ...fields, vv: [ann, 3, ann, 4] }],
    ["a writer of 15 bytes", { ...fields, vv: [ann.subarray(1), 3] }],
    ["text for a writer", { ...fields, vv: ["0123456789abcdef", 3] }],
    ["a counter of 0", { ...fields, floor: [ann, 0] }],
    ["a list of 65 writers", { ...fields, vv: listOf(65) }],
    ["null", null],
    ["a number", 1],
    ["text", "version"],
    ["bytes", new Uint8Array(8)],
    ["no version", { digest: fields.digest }],
    ["a later version in text", { ...fields, version: "2" }],
    ["a later version with a field too many", { ...fields, version: 2, more: null }],
    ["a root that is a number", { ...fields, tree: 65 }],
    ["a root that is text", { ...fields, loose: "r".repeat(65) }],
    ["a root with a place in a pack", { ...fields, tree: linkTo("x").length === 65 ? concatBytes(linkTo("x"), Uint8Array.of(0, 0)) : null }],
    ["a map of writers", { ...fields, vv: {} }],
    ["text of writers", { ...fields, floor: "" }],
    ["a writer without a counter", { ...fields, vv: [ann] }],
    ["a vector behind a link of a later suite", { ...fields, vv: linkTo("x").with(0, 2) }],
  ];
  const payloads = cases.map(([name, value]): [string, Uint8Array] => [name, encodeCanonical(value)]);
  const ordered = [ann, bob].sort(compareBytes).reverse();
  const backwards = { ...fields, vv: ordered.flatMap((writer) => [writer, 1]) };
  payloads.push(["writers out of order", encodeCanonical(backwards)]);
  payloads.push(["a byte follows", concatBytes(encodeCanonical(fields), Uint8Array.of(0))]);
  return payloads.map(([name, payload]) => ({
    name,
    payload: toHex(payload),
    code: codeOf(() => decodeState(payload)),
  }));
}
