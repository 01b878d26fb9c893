import assert from "node:assert/strict";
import { asAccountSecret } from "../../../src/node/account/account.ts";
import { admitHead } from "../../../src/node/account/admit-head.ts";
import { recoverEpochs } from "../../../src/node/account/create.ts";
import { decodeEpoch } from "../../../src/node/account/epochs.ts";
import { decodeHead, openHead } from "../../../src/node/account/heads.ts";
import { openKeystore } from "../../../src/node/account/keystore.ts";
import { spaceOf } from "../../../src/node/account/kept-space.ts";
import { decodeStatements } from "../../../src/node/account/public-statements.ts";
import { openRoster } from "../../../src/node/account/lists/roster.ts";
import { secretOfWords } from "../../../src/node/account/words.ts";
import { ContentReader } from "../../../src/node/blocks/content/content-reader.ts";
import { createNodeCache } from "../../../src/node/blocks/node-cache.ts";
import { rangeOfMap } from "../../../src/node/blocks/sealed-map.ts";
import { fromHex, fromUtf8, toHex } from "../../../src/node/core/bytes.ts";
import type { SpaceId } from "../../../src/node/core/ids.ts";
import { rootId } from "../../../src/node/core/ids.ts";
import { type EpochKey, epochKeys } from "../../../src/node/crypto/derive.ts";
import { deviceNamesOf } from "../../../src/node/history/device-names.ts";
import { decodeVersion } from "../../../src/node/history/revision.ts";
import { readTip } from "../../../src/node/history/tip.ts";
import { argon2id } from "../../../src/node/platform/argon2.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { decodeEntry } from "../../../src/node/tree/entry.ts";
import { makeDrive } from "../make/drive.make.ts";
import { readVectors } from "../vector-file.ts";

const hex = (text: string | undefined): Uint8Array =>
  fromHex(text ?? assert.fail("it is not there")) ?? assert.fail(`not hexadecimal: ${text ?? ""}`);

interface Shown {
  readonly folder: string;
  readonly file: string;
  readonly text: string;
  readonly before: string;
  readonly device: string;
}

describe("the vector of a whole drive", () => {
  const vectors = readVectors("drive") as {
    passphrase: string;
    words: string;
    keystore: string;
    statements: string;
    heads: string[];
    blocks: Record<string, string>;
    shown: Shown;
  };

  /** What whoever has the epoch keys of the space comes to. */
  async function read(
    space: SpaceId,
    roster: readonly Uint8Array[],
    keys: readonly EpochKey[],
  ): Promise<Shown> {
    const reader = {
      primitives,
      blocks: { get: (id: Uint8Array) => Promise.resolve(hex(vectors.blocks[toHex(id)])) },
      cache: createNodeCache(1_000_000),
    };
    const head = decodeHead(primitives, hex(vectors.heads[0]));
    const standing = admitHead(head, openRoster(primitives, space, roster), () => undefined);
    assert.deepEqual(standing, { kind: "counts" });
    const headKeys = keys.map((key) => epochKeys(primitives, key).headKey);
    const { revision, state } = await readTip(reader, openHead(head, headKeys) ?? assert.fail());

    const list = async (folder: Uint8Array) => {
      const entries = [];
      for await (const [key, value] of rangeOfMap(reader, state.tree, folder)) {
        if (toHex(key).startsWith(toHex(folder))) entries.push(decodeEntry(key, value));
      }
      return entries;
    };
    const content = new ContentReader(reader);
    const text = async (link: Parameters<ContentReader["record"]>[0]): Promise<string> => {
      const record = await content.record(link);
      return fromUtf8(await content.read(record, 0, record.size)) ?? assert.fail();
    };
    const [folder] = await list(rootId);
    const [file] = await list((folder ?? assert.fail()).id);
    const [current] = (file ?? assert.fail()).content;
    const versions: string[] = [];
    for await (const [, value] of rangeOfMap(reader, revision.versions, file?.id ?? rootId)) {
      versions.push(await text(decodeVersion(value).link));
    }
    const [device] = (await deviceNamesOf(reader, revision)).values();
    return {
      folder: folder?.name ?? "",
      file: file?.name ?? "",
      text: await text((current ?? assert.fail()).link),
      before: versions.find((each) => each !== vectors.shown.text) ?? "",
      device: device ?? "",
    };
  }

  it("is what the code makes of its fixed inputs", async () => {
    assert.deepEqual(vectors, await makeDrive());
  });

  it("opens by the passphrase of its keystore", async () => {
    const way = { kind: "passphrase", passphrase: vectors.passphrase } as const;
    const platform = { primitives, argon2id };
    const { contents } = await openKeystore(platform, hex(vectors.keystore), way);
    const { id, roster, epochKeys: keys } = spaceOf(contents.spaces, contents.drive);
    assert.deepEqual(await read(id, roster, keys.map(({ key }) => key)), vectors.shown);
  });

  it("opens by the words and what is public", async () => {
    const { drive, spaces } = decodeStatements(hex(vectors.statements));
    const { id, roster, epochs } = spaceOf(spaces, drive);
    const opened = await recoverEpochs(primitives, asAccountSecret(secretOfWords(vectors.words)), {
      space: id,
      nonce: openRoster(primitives, id, roster).founding.nonce,
      statements: epochs.map((bytes) => decodeEpoch(primitives, bytes)),
    });
    assert.deepEqual(await read(id, roster, opened.map(({ key }) => key)), vectors.shown);
  });
});
