import assert from "node:assert/strict";
import { accountKeys, asAccountSecret } from "../../src/node/account/account.ts";
import { admitHead } from "../../src/node/account/admit-head.ts";
import {
  checkCommitment,
  commitment,
  encodePut,
  saltedLeaves,
} from "../../src/node/account/commitment.ts";
import { decodeHead, headBytes, isFork, lastSeq, openHead } from "../../src/node/account/heads.ts";
import { isUnconfirmed, openKeystore } from "../../src/node/account/keystore.ts";
import { decodeContents, encodeContents } from "../../src/node/account/keystore-contents.ts";
import { openRoster } from "../../src/node/account/lists/roster.ts";
import { decodeStatements, encodeStatements } from "../../src/node/account/public-statements.ts";
import { secretOfWords, wordsOfSecret } from "../../src/node/account/words.ts";
import { encodeLink } from "../../src/node/blocks/link.ts";
import { fromHex, toHex } from "../../src/node/core/bytes.ts";
import { asBlockId, asWriterId } from "../../src/node/core/ids.ts";
import { asEpochKey, epochKeys } from "../../src/node/crypto/derive.ts";
import { argon2id } from "../../src/node/platform/argon2.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { makeAccountVectors } from "../vectors/make/account/account.make.ts";
import { publicCid } from "../vectors/make/account/account-inputs.make.ts";
import { readVectors } from "../vectors/vector-file.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail(`not hexadecimal: ${text}`);

interface Refused {
  readonly name: string;
  readonly code: "damaged" | "newer" | "wrong-passphrase";
  readonly bytes: string;
}

async function areRefused(
  list: readonly Refused[],
  read: (bytes: Uint8Array) => unknown,
): Promise<void> {
  assert.ok(list.length > 4);
  for (const { code, bytes } of list) await refuses(() => read(hex(bytes)), code);
}

describe("the vectors of keys and accounts", () => {
  it("are what the code makes of their fixed inputs", async () => {
    for (const [name, made] of Object.entries(await makeAccountVectors())) {
      assert.deepEqual(readVectors(name), made, `${name}.json`);
    }
  });
});

describe("the vectors of words", () => {
  const vectors = readVectors("words") as {
    valid: { secret: string; words: string }[];
    read: { typed: string; secret: string }[];
    refused: { typed: string; says: string }[];
  };

  it("are written and read", () => {
    for (const { secret, words } of vectors.valid) {
      assert.equal(wordsOfSecret(asAccountSecret(hex(secret))), words);
      assert.equal(toHex(secretOfWords(words)), secret);
    }
    for (const { typed, secret } of vectors.read) assert.equal(toHex(secretOfWords(typed)), secret);
  });

  it("are refused where they must be", async () => {
    for (const { typed, says } of vectors.refused) {
      await refuses(() => secretOfWords(typed), "usage", new RegExp(says, "u"));
    }
  });
});

describe("the vectors of heads", () => {
  const vectors = readVectors("heads") as {
    epochKey: string;
    revision: string;
    heads: {
      bytes: string;
      hash: string;
      cid: string;
      seq: number;
      last: boolean;
      prev: string;
      roster: string;
      manifest: string;
      commit: string;
      certificate: { writer: string; device: string; signature: string };
      space: string;
      headKey: string;
      box: string;
    }[];
    judged: {
      elsewhere: string;
      heads: { hash: string; seq: number; prev: string; bytes: string }[];
      cases: {
        name: string;
        roster: string[];
        head: number;
        knows: number[];
        standing: string;
        lacks: string | null;
      }[];
    };
    forks: { one: string; other: string; fork: boolean }[];
    commitments: {
      writer: string;
      previous: string;
      puts: {
        counter: number;
        writer: string;
        record: string;
        id: string;
        place: number | null;
      }[];
      leaves: { put: string; salt: string }[];
      commit: string;
      proofs: string[][];
    }[];
    falseProofs: {
      name: string;
      put: string;
      salt: string;
      index: number;
      count: number;
      path: string[];
      previous: string;
      commit: string;
    }[];
    refused: Refused[];
  };
  const epoch = epochKeys(primitives, asEpochKey(hex(vectors.epochKey)));

  it("are read and opened", () => {
    for (const each of vectors.heads) {
      const head = decodeHead(primitives, hex(each.bytes));
      assert.equal(head.bytes.length, headBytes);
      assert.deepEqual([head.hash, head.prev, head.roster, head.manifest, head.commit].map(toHex), [
        each.hash,
        each.prev,
        each.roster,
        each.manifest,
        each.commit,
      ]);
      assert.equal(publicCid(head.hash), each.cid);
      assert.equal(head.seq, each.seq);
      assert.equal(head.seq === lastSeq, each.last);
      const { writer, device, signature } = head.certificate;
      assert.deepEqual(
        { writer: toHex(writer), device: toHex(device), signature: toHex(signature) },
        each.certificate,
      );
      assert.deepEqual([head.space, head.headKey, head.box].map(toHex), [
        each.space,
        each.headKey,
        each.box,
      ]);
      const link = openHead(head, [epoch.headKey]) ?? assert.fail();
      assert.equal(toHex(encodeLink(link)), vectors.revision);
    }
  });

  it("are forks where they must be", () => {
    for (const { one, other, fork } of vectors.forks) {
      const [a, b] = [one, other].map((bytes) => decodeHead(primitives, hex(bytes)));
      assert.equal(isFork(a ?? assert.fail(), b ?? assert.fail()), fork);
    }
  });

  it("count, are held or are cut as their roster says", async () => {
    const { elsewhere, heads, cases } = vectors.judged;
    const stray = decodeHead(primitives, hex(elsewhere));
    const all = heads.map((each) => {
      const head = decodeHead(primitives, hex(each.bytes));
      assert.deepEqual(
        { hash: toHex(head.hash), seq: head.seq, prev: toHex(head.prev), bytes: each.bytes },
        each,
      );
      return head;
    });
    for (const { name, roster, head, knows, standing, lacks } of cases) {
      const known = new Map(knows.map((place) => [heads[place]?.hash, all[place]]));
      const judged = all[head] ?? assert.fail();
      const by = openRoster(primitives, judged.space, roster.map(hex));
      const found = admitHead(judged, by, (hash) => known.get(toHex(hash)));
      await refuses(() => admitHead(stray, by, () => undefined), "damaged");
      const lacked = found.kind === "held" && found.lacks;
      assert.deepEqual([found.kind, lacked ? toHex(lacked) : null], [standing, lacks], name);
    }
  });

  it("commit to their puts, and each can be shown", () => {
    for (const each of vectors.commitments) {
      const previous = hex(each.previous);
      const puts = each.puts.map(({ counter, writer, record, id, place }) => ({
        stamp: { counter, writer: asWriterId(hex(writer)) },
        record: hex(record),
        id: asBlockId(hex(id)),
        ...(place === null ? {} : { place }),
      }));
      const writer = asWriterId(hex(each.writer));
      const leaves = saltedLeaves(primitives, epoch.saltKey, writer, previous, puts);
      assert.deepEqual(
        leaves.map(({ put, salt }) => ({ put: toHex(put), salt: toHex(salt) })),
        each.leaves,
      );
      assert.deepEqual(new Set(puts.map((put) => toHex(encodePut(put)))).size, leaves.length);
      assert.equal(toHex(commitment(primitives, previous, leaves)), each.commit);
      for (const [index, path] of each.proofs.entries()) {
        const leaf = leaves[index] ?? assert.fail();
        const proof = { leaf, index, count: leaves.length, path: path.map(hex), previous };
        assert.ok(checkCommitment(primitives, proof, hex(each.commit)));
      }
    }
  });

  it("commit to nothing that a false proof shows", () => {
    for (const { name, put, salt, path, previous, commit, ...place } of vectors.falseProofs) {
      const leaf = { put: hex(put), salt: hex(salt) };
      const proof = { leaf, ...place, path: path.map(hex), previous: hex(previous) };
      assert.equal(checkCommitment(primitives, proof, hex(commit)), false, name);
    }
  });

  it("are refused where they must be", () =>
    areRefused(vectors.refused, (bytes) => decodeHead(primitives, bytes)));
});

interface RefusedFile extends Pick<Refused, "code" | "name"> {
  readonly file: string;
}

describe("the vectors of the keystore", () => {
  const vectors = readVectors("keystore") as {
    passphrase: string;
    passphraseDecomposed: string;
    editorKey: string;
    contents: string;
    fields: Record<string, unknown>;
    refusedContents: Refused[];
    statements: string;
    refusedStatements: Refused[];
    passphraseKey: string;
    passphraseParams: { memoryKiB: number; passes: number; lanes: number; salt: string };
    editorSlotKey: string;
    accountSecret: string;
    files: { opensBy: ("passphrase" | "editor")[]; file: string }[];
    longestName: string;
    forged: { code: Refused["code"] | null; name: string; file: string }[];
    refused: RefusedFile[];
    unconfirmed: {
      file: string;
      contents: string;
      refused: RefusedFile[];
      refusedContents: Refused[];
    };
  };
  const { salt, ...cost } = vectors.passphraseParams;
  const platform = { primitives, argon2id };
  const passphrases = [vectors.passphrase, vectors.passphraseDecomposed];
  const ways = [
    ...passphrases.map((passphrase) => ({ kind: "passphrase", passphrase }) as const),
    { kind: "editor", key: hex(vectors.editorKey) } as const,
  ];

  it("are opened by the ways in that they have, and by no other", async () => {
    for (const { opensBy, file } of vectors.files) {
      for (const way of ways) {
        const open = () => openKeystore(platform, hex(file), way);
        if (opensBy.includes(way.kind)) {
          const { contents, slots } = await open();
          const keys = { passphrase: vectors.passphraseKey, editor: vectors.editorSlotKey };
          for (const { kind, key, ...rest } of slots) {
            assert.equal(toHex(key), keys[kind]);
            assert.deepEqual(
              rest,
              kind === "passphrase" ? { params: { cost, salt: hex(salt) } } : {},
            );
          }
          assert.deepEqual(
            slots.map(({ kind }) => kind),
            opensBy,
          );
          assert.equal(toHex(encodeContents(contents)), vectors.contents);
          const account = await accountKeys(
            primitives,
            asAccountSecret(hex(vectors.accountSecret)),
          );
          assert.deepEqual(contents.account, account.root.publicKey);
        } else await refuses(open, "wrong-passphrase");
      }
    }
  });

  it("hold what their fields say, and no other contents are read", async () => {
    const { writer, ...rest } = decodeContents(hex(vectors.contents));
    assert.deepEqual(
      {
        account: toHex(rest.account),
        recover: toHex(rest.recover),
        locate: toHex(rest.locateSeed),
        device: toHex(rest.deviceSeed),
        deviceName: rest.deviceName,
        writer: [writer.id, writer.seed, writer.instance].map(toHex),
        devices: rest.devices.map(toHex),
        drive: toHex(rest.drive),
        spaces: rest.spaces.map(({ id, boundaryKey, epochKeys, roster, epochs }) => ({
          id: toHex(id),
          boundary: toHex(boundaryKey),
          epochKeys: epochKeys.map(({ statement, key }) => [toHex(statement), toHex(key)]),
          roster: roster.map(toHex),
          epochs: epochs.map(toHex),
        })),
      },
      vectors.fields,
    );
    await areRefused(vectors.refusedContents, decodeContents);
  });

  it("hold the words until they are confirmed, and say so", async () => {
    const { file, contents, refused, refusedContents } = vectors.unconfirmed;
    const held = decodeContents(hex(contents));
    assert.equal(toHex(held.words ?? new Uint8Array()), vectors.accountSecret);
    assert.equal(isUnconfirmed(primitives, hex(file)), true);
    for (const each of vectors.files) {
      assert.equal(isUnconfirmed(primitives, hex(each.file)), false);
    }
    for (const way of ways) {
      const opened = await openKeystore(platform, hex(file), way);
      assert.equal(toHex(encodeContents(opened.contents)), contents);
      for (const each of refused) {
        await refuses(() => openKeystore(platform, hex(each.file), way), each.code);
      }
    }
    for (const { bytes, code } of refusedContents) {
      await refuses(() => decodeContents(hex(bytes)), code);
    }
  });

  it("are told in public by their statements, and no others are read", async () => {
    const { devices, drive, spaces } = decodeContents(hex(vectors.contents));
    const said = spaces.map(({ id, roster, epochs }) => ({ id, roster, epochs }));
    assert.deepEqual(decodeStatements(hex(vectors.statements)), { devices, drive, spaces: said });
    assert.equal(toHex(encodeStatements({ devices, drive, spaces })), vectors.statements);
    await areRefused(vectors.refusedStatements, decodeStatements);
  });

  it("are refused where they must be", async () => {
    for (const { code, file } of vectors.refused) {
      for (const way of ways) await refuses(() => openKeystore(platform, hex(file), way), code);
    }
  });

  it("are opened by the editor's key only if they are sound to the last", async () => {
    for (const { code, name, file } of vectors.forged) {
      const open = () => openKeystore(platform, hex(file), ways[2] ?? assert.fail());
      if (code === null) await open();
      else await assert.doesNotReject(refuses(open, code), name);
    }
  });

  it("name a device by at most 63 bytes", () => {
    const longest = decodeContents(hex(vectors.longestName));
    assert.equal(toHex(encodeContents(longest)), vectors.longestName);
  });

  it("are opened by no empty passphrase", async () => {
    const [file] = vectors.files;
    const empty = { kind: "passphrase", passphrase: "" } as const;
    await refuses(() => openKeystore(platform, hex(file?.file ?? ""), empty), "usage");
  });
});
