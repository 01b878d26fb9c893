import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { accountKeys, asAccountSecret, overrideKey } from "../../../src/node/account/account.ts";
import { decodeEpoch } from "../../../src/node/account/epochs.ts";
import { decodeHead, openHead } from "../../../src/node/account/heads.ts";
import { openKeystore } from "../../../src/node/account/keystore.ts";
import { openRoster } from "../../../src/node/account/lists/roster.ts";
import { decodeStatements } from "../../../src/node/account/public-statements.ts";
import { secretOfWords } from "../../../src/node/account/words.ts";
import { encodeLink, type Link } from "../../../src/node/blocks/link.ts";
import { type BlockKind, openBlock } from "../../../src/node/blocks/seal.ts";
import { fromHex, toHex } from "../../../src/node/core/bytes.ts";
import { asEpochKey, epochKeys } from "../../../src/node/crypto/derive.ts";
import { decodeRevision } from "../../../src/node/history/revision.ts";
import { argon2id } from "../../../src/node/platform/argon2.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { decodeState } from "../../../src/node/tree/state.ts";
import { readVectors } from "../vector-file.ts";

const hex = (text = ""): Uint8Array => fromHex(text) ?? assert.fail(text);

/** What the format writes beside each label of its worked example, lines of one value joined. */
function writtenDown(): Map<string, string> {
  const format = readFileSync(new URL("../../../src/node/FORMAT.md", import.meta.url), "utf8");
  const section = /^### 2\.3 A worked example$([^]*?)^## /mu.exec(format)?.[1] ?? assert.fail();
  const blocks = section.split("```").filter((_, i) => i % 2 === 1);
  const labels = new Map<string, string>();
  for (const line of blocks.join("").split("\n")) {
    const [label, value] = [line.slice(0, 27).trim(), line.slice(27)];
    const last = [...labels.keys()].at(-1) ?? "";
    if (label !== "") labels.set(label, value);
    else if (value !== "") labels.set(last, (labels.get(last) ?? "") + value);
  }
  return labels;
}

describe("the worked example of the format", () => {
  const said = writtenDown();
  const vectors = readVectors("drive") as {
    readonly passphrase: string;
    readonly words: string;
    readonly keystore: string;
    readonly statements: string;
    readonly heads: readonly string[];
    readonly blocks: Readonly<Record<string, string>>;
  };
  const check = (expected: Readonly<Record<string, Uint8Array>>): void => {
    for (const [label, bytes] of Object.entries(expected)) {
      assert.equal(said.get(label), toHex(bytes), label);
    }
  };

  it("goes from the keystore to the tree as the drive of the vectors does", async () => {
    const way = { kind: "passphrase", passphrase: vectors.passphrase } as const;
    const platform = { primitives, argon2id };
    const { contents } = await openKeystore(platform, hex(vectors.keystore), way);
    const { id, epochKeys: known } = contents.spaces[0] ?? assert.fail();
    const { key } = known[0] ?? assert.fail();
    const { headKey, contentKey } = epochKeys(primitives, key);
    const head = decodeHead(primitives, hex(vectors.heads[0]));
    const link = openHead(head, [headKey]) ?? assert.fail();
    const open = (at: Link, kind: BlockKind): Uint8Array =>
      openBlock(primitives, at, kind, hex(vectors.blocks[toHex(at.id)]));
    const { state } = decodeRevision(open(link, "revision"));
    const tree = decodeState(open(state, "state")).tree ?? assert.fail();
    check({
      space: id,
      "epoch key": key,
      "→ head key": headKey,
      "→ content key": contentKey,
      "head: writer": head.certificate.writer,
      "head: box": head.box,
      "→ link of the revision": encodeLink(link),
      "→ link of its state": encodeLink(state),
      "→ link of tree's root": encodeLink(tree),
      "→ the node": open(tree, "mapNode"),
    });
  });

  it("goes from the words to the same epoch key", async () => {
    assert.equal(said.get("words")?.replaceAll(" ", ""), vectors.words.replaceAll(" ", ""));
    const secret = asAccountSecret(secretOfWords(vectors.words));
    const { root, recoverSeed } = await accountKeys(primitives, secret);
    const [space] = decodeStatements(hex(vectors.statements)).spaces;
    const { id, roster, epochs } = space ?? assert.fail();
    const { nonce, override } = openRoster(primitives, id, roster).founding;
    assert.deepEqual(overrideKey(primitives, secret, nonce).publicKey, override);
    const epoch = decodeEpoch(primitives, epochs[0] ?? assert.fail());
    const key = asEpochKey(hex(said.get("→ epoch key")));
    assert.deepEqual(epochKeys(primitives, key).check, epoch.check);
    assert.equal(said.get("→ epoch key"), said.get("epoch key"));
    check({
      "→ account secret": secret,
      "→ root": root.publicKey,
      "→ seed of recover": recoverSeed,
      "nonce of the space": nonce,
      "→ override key": override,
      "epoch: check": epoch.check,
    });
  });
});
