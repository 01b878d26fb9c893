// The community's vectors of Ed25519 and age over what this project verifies and opens with.
// `third-party/README.md` says where they come from.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { bech32 } from "@scure/base";
import { Decrypter } from "age-encryption";
import { fromHex, toUtf8 } from "../../../src/node/core/bytes.ts";
import { asReceiveSeed, openAge, type ReceiveSeed } from "../../../src/node/crypto/recipients.ts";
import { asPublicKey, asSignature, isStrongPoint } from "../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { refuses } from "../../blocks/refuses.ts";

const bytesOf = (text: string): Uint8Array => fromHex(text) ?? assert.fail(text);
const folder = join(import.meta.dirname, "cctv");

describe("CCTV, ed25519", () => {
  type Flag =
    | "low_order_A"
    | "low_order_R"
    | "low_order_component_A"
    | "low_order_component_R"
    | "low_order_residue"
    | "non_canonical_A"
    | "non_canonical_R"
    | "reencoded_k";
  const vectors = JSON.parse(readFileSync(join(folder, "ed25519vectors.json"), "utf8")) as {
    number: number;
    key: string;
    sig: string;
    msg: string;
    flags: Flag[] | null;
  }[];

  it("is accepted by FORMAT §4.2 just where no point is weak or written in two ways", () => {
    const refused: readonly Flag[] = [
      "low_order_A", // rule 1
      "low_order_R", // rule 1
      "non_canonical_A", // rule 1
      "non_canonical_R", // rule 1
      "low_order_residue", // rule 3: without the cofactor
      "reencoded_k", // rule 3: k is made of the bytes that came
    ];
    const accepted: Flag[][] = [];
    for (const { number, key, sig, msg, flags } of vectors) {
      const [publicKey, signature] = [asPublicKey(bytesOf(key)), asSignature(bytesOf(sig))];
      const holds =
        isStrongPoint(publicKey) &&
        isStrongPoint(signature.subarray(0, 32)) &&
        primitives.ed25519Verify(publicKey, toUtf8(msg), signature);
      const expected = !(flags ?? []).some((flag) => refused.includes(flag));
      assert.equal(holds, expected, `vector ${number.toString()}`);
      if (holds) accepted.push(flags ?? []);
    }
    assert.equal(vectors.length, 914);
    // Those with points of mixed order: no list of weak points holds them, and none is misused here.
    const mixed: readonly Flag[] = ["low_order_component_A", "low_order_component_R"];
    const withMixed = accepted.filter((flags) => flags.some((flag) => mixed.includes(flag)));
    assert.deepEqual([accepted.length, withMixed.length], [43, 42]);
  });
});

interface AgeVector {
  readonly name: string;
  readonly expect: string;
  readonly payload: string | undefined;
  readonly identities: readonly string[];
  readonly hasPassphrase: boolean;
  readonly isArmored: boolean;
  readonly file: Uint8Array;
}

function readAgeVector(name: string): AgeVector {
  const bytes = readFileSync(join(folder, "age", name));
  const end = bytes.indexOf("\n\n");
  const fields = bytes
    .toString("utf8", 0, end)
    .split("\n")
    .map((line) => line.split(": ") as [string, string]);
  const all = (key: string): string[] =>
    fields.filter(([field]) => field === key).map(([, value]) => value);
  const body = bytes.subarray(end + 2);
  return {
    name,
    expect: all("expect")[0] ?? "",
    payload: all("payload")[0],
    identities: all("identity"),
    hasPassphrase: all("passphrase").length > 0,
    isArmored: all("armored").length > 0,
    file: Uint8Array.from(all("compressed").length > 0 ? inflateSync(body) : body),
  };
}

function seedOf(identity: string): ReceiveSeed {
  return asReceiveSeed(bech32.decodeToBytes(identity.toLowerCase()).bytes);
}

function isPayload(opened: Uint8Array, { payload }: AgeVector): boolean {
  return createHash("sha256").update(opened).digest("hex") === payload;
}

describe("CCTV, age", () => {
  const vectors = readdirSync(join(folder, "age")).map(readAgeVector);
  // No box of this format is armoured or has a passphrase, and nothing here reads such files.
  const binary = vectors.filter((vector) => !vector.isArmored && !vector.hasPassphrase);
  const [hybrid, others]: [AgeVector[], AgeVector[]] = [[], []];
  for (const vector of binary) {
    const [identity = "AGE-SECRET-KEY-PQ-", second] = vector.identities;
    const isHybrid = identity.startsWith("AGE-SECRET-KEY-PQ-") && second === undefined;
    (isHybrid ? hybrid : others).push(vector);
  }

  it("has so many vectors of each kind", () => {
    const armored = vectors.filter(({ isArmored }) => isArmored).length;
    const passphrases = vectors.filter((each) => each.hasPassphrase && !each.isArmored).length;
    assert.deepEqual(
      { hybrid: hybrid.length, others: others.length, armored, passphrases },
      { hybrid: 18, others: 67, armored: 33, passphrases: 25 },
    );
  });

  for (const vector of hybrid) {
    it(`opens by a hybrid identity as it must: ${vector.name}`, async () => {
      const [identity] = vector.identities;
      const seed = identity === undefined ? asReceiveSeed(new Uint8Array(32)) : seedOf(identity);
      const open = (): Promise<Uint8Array | undefined> => openAge(seed, vector.file, vector.name);
      if (vector.expect === "success") {
        const opened = await open();
        assert.ok(opened !== undefined && isPayload(opened, vector));
      } else if (vector.expect === "no match") assert.equal(await open(), undefined);
      else await refuses(open, "damaged");
    });
  }

  // What stands around the recipients' stanzas is the same for all kinds of them.
  for (const vector of others) {
    it(`opens by the library as it must: ${vector.name}`, async () => {
      const decrypter = new Decrypter();
      for (const identity of vector.identities) decrypter.addIdentity(identity);
      const opened = decrypter.decrypt(vector.file);
      if (vector.expect === "success") assert.ok(isPayload(await opened, vector));
      else await assert.rejects(opened);
    });
  }
});
