import assert from "node:assert/strict";
import { accountKeys, asAccountSecret, overrideKey } from "../../src/node/account/account.ts";
import {
  checkCommitment,
  commitment,
  encodePut,
  saltedLeaves,
} from "../../src/node/account/commitment.ts";
import { recoverEpochs } from "../../src/node/account/create.ts";
import {
  asDeviceSeed,
  devicePseudonym,
  deviceReceiveSeed,
} from "../../src/node/account/device-keys.ts";
import { openDeviceList } from "../../src/node/account/device-list.ts";
import { openDeviceName } from "../../src/node/account/device-names.ts";
import { type OpenEpoch, openEpoch, openEpochs } from "../../src/node/account/epoch-keys.ts";
import { decodeEpoch } from "../../src/node/account/epochs.ts";
import { decodeHead, headBytes, isFork, openHead } from "../../src/node/account/heads.ts";
import { openKeystore } from "../../src/node/account/keystore.ts";
import { encodeContents } from "../../src/node/account/keystore-contents.ts";
import { compareRosters, decodeRoster, openRosters } from "../../src/node/account/roster.ts";
import { secretOfWords, wordsOfSecret } from "../../src/node/account/words.ts";
import { encodeLink } from "../../src/node/blocks/link.ts";
import { fromHex, toBinaryString, toHex } from "../../src/node/core/bytes.ts";
import { asBlockId, asSpaceId, asWriterId } from "../../src/node/core/ids.ts";
import { asEpochKey, epochKeys, type NamesKey } from "../../src/node/crypto/derive.ts";
import { asPublicKey } from "../../src/node/crypto/sign.ts";
import { argon2id } from "../../src/node/platform/argon2.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { makeAccountVectors } from "../vectors/account.make.ts";
import { publicCid } from "../vectors/account-inputs.make.ts";
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

describe("the vectors of device lists", () => {
  const vectors = readVectors("devices") as {
    account: string;
    namesKey: string;
    lists: {
      name: string;
      statements: { n: number; hash: string; bytes: string; holds: boolean }[];
      present: { key: string; admin: boolean; sealedName: string }[];
      revoked: { key: string; cuts: [string, number, string][] }[];
    }[];
    refused: Refused[];
  };
  const account = asPublicKey(hex(vectors.account));

  for (const { name, statements, present, revoked } of vectors.lists) {
    it(`say: ${name}`, () => {
      const list = openDeviceList(
        primitives,
        account,
        statements.map(({ bytes }) => hex(bytes)).reverse(),
      );
      assert.deepEqual(
        [...list.statements.values()].map(({ n, hash }) => ({
          n,
          hash: toHex(hash),
          holds: list.standing.effective.has(toBinaryString(hash)),
        })),
        statements.map(({ n, hash, holds }) => ({ n, hash, holds })),
      );
      const devices = [...list.standing.present.values()];
      assert.deepEqual(
        devices.map((device) => ({
          key: toHex(device.key),
          admin: device.admin,
          sealedName: toHex(device.name),
        })),
        present,
      );
      for (const device of devices) {
        const opened = openDeviceName([hex(vectors.namesKey) as NamesKey], device.key, device.name);
        assert.match(opened ?? "", /^(old )?laptop$|^desktop$|^phone$/u);
      }
      assert.deepEqual(
        [...list.standing.revoked].map(([key, cuts]) => [
          key,
          cuts.map(({ writer, seq, head }) => [toHex(writer), seq, toHex(head)]),
        ]),
        revoked.map(({ key, cuts }) => [toBinaryString(hex(key)), cuts]),
      );
    });
  }

  it("are refused where they must be", () =>
    areRefused(vectors.refused, (bytes) => openDeviceList(primitives, account, [bytes])));
});

describe("the vectors of rosters", () => {
  const vectors = readVectors("rosters") as {
    space: string;
    rosters: {
      bytes: string;
      hash: string;
      cid: string;
      n: number;
      era: number;
      devices: string[];
    }[];
    order: string[][];
    chains: { holds: boolean; rosters: string[] }[];
    refused: Refused[];
  };
  const space = asSpaceId(hex(vectors.space));
  const bytesOf = (hash: string): Uint8Array =>
    hex(vectors.rosters.find((each) => each.hash === hash)?.bytes ?? assert.fail(hash));

  it("are read", () => {
    for (const { bytes, hash, cid, n, era, devices } of vectors.rosters) {
      const roster = decodeRoster(primitives, hex(bytes));
      assert.deepEqual(
        [
          toHex(roster.hash),
          publicCid(roster.hash),
          roster.n,
          roster.era,
          roster.devices.map(toHex),
        ],
        [hash, cid, n, era, devices],
      );
      assert.deepEqual(roster.space, space);
    }
  });

  it("count in their order", () => {
    for (const order of vectors.order) {
      const rosters = order.map((hash) => decodeRoster(primitives, bytesOf(hash)));
      const sorted = rosters.toReversed().sort(compareRosters);
      assert.deepEqual(
        sorted.map(({ hash }) => toHex(hash)),
        order,
      );
    }
  });

  it("follow each other where they must", async () => {
    for (const { holds, rosters } of vectors.chains) {
      const open = () => openRosters(primitives, space, rosters.map(bytesOf));
      if (holds) assert.equal(toHex(open().hash), rosters.at(-1));
      else await refuses(open, "damaged");
    }
  });

  it("are refused where they must be", () =>
    areRefused(vectors.refused, (bytes) => decodeRoster(primitives, bytes)));
});

describe("the vectors of epochs", () => {
  const vectors = readVectors("epochs") as {
    space: string;
    nonce: string;
    accountSecret: string;
    deviceSeeds: string[];
    epochs: {
      bytes: string;
      hash: string;
      cid: string;
      n: number;
      check: string;
      readers: string[];
      key: string;
      before: string | null;
      boundary: string;
      claims: string[][];
    }[];
    opens: { devices: number[][]; words: number[] };
    refused: Refused[];
  };
  const nonce = hex(vectors.nonce);
  const statements = vectors.epochs.map(({ bytes }) => decodeEpoch(primitives, hex(bytes)));
  const keysOf = (places: number[]): (string | undefined)[] =>
    places.map((place) => vectors.epochs[place]?.key);
  const keys = (opened: OpenEpoch[]): string[] => opened.map(({ key }) => toHex(key));

  it("are read and opened by their keys", () => {
    for (const [i, each] of vectors.epochs.entries()) {
      const statement = statements[i] ?? assert.fail();
      assert.deepEqual(
        [toHex(statement.hash), publicCid(statement.hash), statement.n, toHex(statement.check)],
        [each.hash, each.cid, each.n, each.check],
      );
      assert.deepEqual(
        statement.boxes.map(({ to }) => toHex(to)),
        each.readers,
      );
      const opened = openEpoch(primitives, statement, asEpochKey(hex(each.key)));
      assert.equal(opened.before === undefined ? null : toHex(opened.before), each.before);
      assert.equal(toHex(opened.boundaryKey), each.boundary);
      assert.deepEqual(
        opened.claims.map(({ pseudonym, device, signature }) =>
          [pseudonym, device, signature].map(toHex),
        ),
        each.claims,
      );
    }
  });

  it("open by the boxes of the devices, and of the words", async () => {
    for (const [i, places] of vectors.opens.devices.entries()) {
      const seed = asDeviceSeed(hex(vectors.deviceSeeds[i] ?? ""));
      const { publicKey } = devicePseudonym(primitives, seed, nonce);
      const receive = deviceReceiveSeed(primitives, seed);
      const opened = await openEpochs(primitives, statements, publicKey, receive);
      assert.deepEqual(keys(opened), keysOf(places));
    }
    const secret = asAccountSecret(hex(vectors.accountSecret));
    const input = { space: asSpaceId(hex(vectors.space)), nonce, statements };
    assert.deepEqual(
      keys(await recoverEpochs(primitives, secret, input)),
      keysOf(vectors.opens.words),
    );
    const { publicKey } = overrideKey(primitives, secret, nonce);
    assert.ok(vectors.epochs.every(({ readers }) => readers.includes(toHex(publicKey))));
  });

  it("are refused where they must be", () =>
    areRefused(vectors.refused, (bytes) => decodeEpoch(primitives, bytes)));
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
      prev: string;
      roster: string;
      manifest: string;
      commit: string;
      certificate: { writer: string; device: string };
    }[];
    forks: { one: string; other: string; fork: boolean }[];
    commitments: {
      writer: string;
      previous: string;
      puts: { counter: number; writer: string; id: string; place: number | null }[];
      leaves: { put: string; salt: string }[];
      commit: string;
      proofs: string[][];
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
      assert.equal(toHex(head.certificate.writer), each.certificate.writer);
      assert.equal(toHex(head.certificate.device), each.certificate.device);
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

  it("commit to their puts, and each can be shown", () => {
    for (const each of vectors.commitments) {
      const previous = hex(each.previous);
      const puts = each.puts.map(({ counter, writer, id, place }) => ({
        stamp: { counter, writer: asWriterId(hex(writer)) },
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

  it("are refused where they must be", () =>
    areRefused(vectors.refused, (bytes) => decodeHead(primitives, bytes)));
});

describe("the vectors of the keystore", () => {
  const vectors = readVectors("keystore") as {
    passphrase: string;
    passphraseDecomposed: string;
    editorKey: string;
    contents: string;
    accountSecret: string;
    files: { opensBy: ("passphrase" | "editor")[]; file: string }[];
    refused: { code: Refused["code"]; name: string; file: string }[];
  };
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
          const { contents } = await open();
          assert.equal(toHex(encodeContents(contents)), vectors.contents);
          const keys = await accountKeys(primitives, asAccountSecret(hex(vectors.accountSecret)));
          assert.deepEqual(contents.account, keys.root.publicKey);
        } else await refuses(open, "wrong-passphrase");
      }
    }
  });

  it("are refused where they must be", async () => {
    for (const { code, file } of vectors.refused) {
      for (const way of ways) await refuses(() => openKeystore(platform, hex(file), way), code);
    }
  });
});
