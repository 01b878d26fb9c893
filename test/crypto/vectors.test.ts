import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import {
  accountKeys,
  accountName,
  asAccountSecret,
  overrideKey,
} from "../../src/node/account/account.ts";
import {
  asDeviceSeed,
  deviceIdentity,
  devicePseudonym,
  deviceReceiveSeed,
  holdsClaim,
} from "../../src/node/account/device-keys.ts";
import { asWriterSeed, writerHeadKey, writerNameSeed } from "../../src/node/account/writers.ts";
import { concatBytes, fromHex, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { asSpaceId } from "../../src/node/core/ids.ts";
import { openBox, sealBox } from "../../src/node/crypto/box.ts";
import { asEpochKey, deriveKey, epochKeys } from "../../src/node/crypto/derive.ts";
import {
  type BoxDomain,
  type DerivationDomain,
  derivationDomains,
  type SignatureDomain,
  signatureDomains,
} from "../../src/node/crypto/domains.ts";
import {
  asReceiveSeed,
  identityText,
  openAge,
  recipientOf,
  recipientText,
} from "../../src/node/crypto/recipients.ts";
import {
  asPublicKey,
  asSignature,
  asSigningSeed,
  signingKey,
  verify,
} from "../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { readVectors } from "../vectors/vector-file.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail(`not hexadecimal: ${text}`);

interface LargeAge {
  readonly seed: string;
  readonly file: readonly [string, { readonly zeros: number }, string];
  readonly plaintext: { readonly sha256: string };
}

const vectors = readVectors("keys") as {
  derivations: {
    domain: DerivationDomain;
    secret: string;
    key: string;
    context: string;
    keyWithContext: string;
  }[];
  epoch: Record<string, string>;
  account: Record<
    "secret" | "root" | "name" | "recoverSeed" | "recover" | "locate" | "nonce" | "override",
    string
  >;
  devices: Record<
    | "seed"
    | "identity"
    | "receiveSeed"
    | "receive"
    | "account"
    | "proof"
    | "nonce"
    | "pseudonym"
    | "claim",
    string
  >[];
  writer: Record<"seed" | "space" | "headKey" | "nameKey", string>;
  signatures: {
    domain: SignatureDomain;
    seed: string;
    publicKey: string;
    message: string;
    signature: string;
    holds: boolean;
    weak?: boolean;
    why?: string;
  }[];
  boxes: {
    sealed: { domain: BoxDomain; key: string; context: string; plaintext: string; box: string }[];
    refused: { domain: BoxDomain; key: string; context: string; box: string }[];
  };
  age: {
    identities: { seed: string; identity: string; recipient: string }[];
    opened: { seed: string; file: string; plaintext: string }[];
    forOthers: { seed: string; file: string }[];
    damaged: { seed: string; file: string }[];
    largest: LargeAge[];
    tooLarge: LargeAge[];
  };
};

/** HKDF as the platform has it. */
function reference(secret: string, domain: string, context?: string): string {
  const bound = context === undefined ? [] : [Uint8Array.of(0), hex(context)];
  const info = concatBytes(toUtf8(domain), ...bound);
  return toHex(new Uint8Array(hkdfSync("sha256", hex(secret), new Uint8Array(32), info, 32)));
}

describe("the vectors of keys", () => {
  it("hold every domain, with and without a context", () => {
    const domains = vectors.derivations.map(({ domain }) => domain);
    assert.deepEqual(domains.toSorted(), Object.values(derivationDomains).toSorted());
    for (const { domain, secret, key, context, keyWithContext } of vectors.derivations) {
      assert.equal(toHex(deriveKey(primitives, hex(secret), domain)), key);
      assert.equal(toHex(deriveKey(primitives, hex(secret), domain, hex(context))), keyWithContext);
      assert.equal(reference(secret, domain), key);
      assert.equal(reference(secret, domain, context), keyWithContext);
    }
  });

  it("derive an epoch's keys", () => {
    const { epochKey = "", ...expected } = vectors.epoch;
    const keys = Object.entries({ ...epochKeys(primitives, asEpochKey(hex(epochKey))) });
    assert.deepEqual(Object.fromEntries(keys.map(([name, key]) => [name, toHex(key)])), expected);
    assert.equal(reference(epochKey, "ipcloud/v1/epoch/content"), expected["contentKey"]);
  });

  it("derive an account's keys and its name", async () => {
    const { account } = vectors;
    const secret = asAccountSecret(hex(account.secret));
    const keys = await accountKeys(primitives, secret);
    assert.deepEqual(
      {
        secret: account.secret,
        root: toHex(keys.root.publicKey),
        name: accountName(primitives, keys.root.publicKey),
        recoverSeed: toHex(keys.recoverSeed),
        recover: toHex(keys.recover),
        locate: toHex(signingKey(primitives, keys.locateSeed).publicKey),
        nonce: account.nonce,
        override: toHex(overrideKey(primitives, secret, hex(account.nonce)).publicKey),
      },
      account,
    );
    assert.equal(reference(account.secret, "ipcloud/v1/account/recover"), account.recoverSeed);
  });

  it("derive a device's keys", async () => {
    for (const device of vectors.devices) {
      const seed = asDeviceSeed(hex(device.seed));
      const identity = deviceIdentity(primitives, seed).publicKey;
      const pseudonym = devicePseudonym(primitives, seed, hex(device.nonce)).publicKey;
      const receiveSeed = deviceReceiveSeed(primitives, seed);
      assert.deepEqual(
        [identity, pseudonym, receiveSeed, await recipientOf(receiveSeed)].map(toHex),
        [device.identity, device.pseudonym, device.receiveSeed, device.receive],
      );
      const signature = asSignature(hex(device.claim));
      const claim = { pseudonym, device: identity, signature };
      assert.ok(holdsClaim(primitives, claim, hex(device.nonce)));
      const proven = concatBytes(hex(device.account), hex(device.receive));
      const proof = asSignature(hex(device.proof));
      assert.ok(verify(primitives, identity, signatureDomains.device, proven, proof));
    }
  });

  it("derive a writer's keys", () => {
    const { writer } = vectors;
    const seed = asWriterSeed(hex(writer.seed));
    const space = asSpaceId(hex(writer.space));
    const name = signingKey(primitives, writerNameSeed(primitives, seed, space)).publicKey;
    assert.equal(toHex(writerHeadKey(primitives, seed, space).publicKey), writer.headKey);
    assert.equal(toHex(name), writer.nameKey);
  });
});

describe("the vectors of signatures", () => {
  it("hold for every domain, and fail where they must", () => {
    const holding = vectors.signatures.filter(({ holds }) => holds).map(({ domain }) => domain);
    assert.deepEqual([...new Set(holding)].sort(), Object.values(signatureDomains).toSorted());
    const willing = { ...primitives, ed25519Verify: () => true };
    for (const vector of vectors.signatures) {
      const { domain, seed, publicKey, message, signature, holds, weak = false } = vector;
      const key = asPublicKey(hex(publicKey));
      const given = asSignature(hex(signature));
      assert.equal(verify(primitives, key, domain, hex(message), given), holds, vector.why);
      assert.equal(verify(willing, key, domain, hex(message), given), !weak, vector.why);
      if (!holds) continue;
      const own = signingKey(primitives, asSigningSeed(hex(seed)));
      assert.equal(toHex(own.publicKey), publicKey);
      assert.equal(toHex(own.sign(domain, hex(message))), signature);
    }
  });
});

describe("the vectors of boxes", () => {
  it("are sealed under their nonce, and open", () => {
    for (const { domain, key, context, plaintext, box } of vectors.boxes.sealed) {
      const opened = openBox(hex(key), domain, hex(context), hex(box));
      assert.equal(opened && toHex(opened), plaintext);
      const nonce = hex(box).subarray(0, 24);
      const sealed = sealBox(hex(key), domain, hex(context), hex(plaintext), () => nonce);
      assert.equal(toHex(sealed), box);
    }
  });

  it("do not open where they must not", () => {
    for (const { domain, key, context, box } of vectors.boxes.refused) {
      assert.equal(openBox(hex(key), domain, hex(context), hex(box)), undefined);
    }
  });
});

describe("the vectors of age files", () => {
  const what = "the file";

  it("have identities and recipients that age reads", async () => {
    for (const { seed, identity, recipient } of vectors.age.identities) {
      const own = asReceiveSeed(hex(seed));
      assert.equal(identityText(own), identity);
      assert.equal(recipientText(await recipientOf(own)), recipient);
    }
  });

  it("open for their readers, for nobody else, and not if they are damaged", async () => {
    for (const { seed, file, plaintext } of vectors.age.opened) {
      const opened = await openAge(asReceiveSeed(hex(seed)), hex(file), what);
      assert.equal(opened && toHex(opened), plaintext);
    }
    for (const { seed, file } of vectors.age.forOthers) {
      assert.equal(await openAge(asReceiveSeed(hex(seed)), hex(file), what), undefined);
    }
    for (const { seed, file } of vectors.age.damaged) {
      await refuses(() => openAge(asReceiveSeed(hex(seed)), hex(file), what), "damaged");
    }
  });

  it("open up to 65,536 bytes, and no more", async () => {
    const open = ({ seed, file: [head, { zeros }, tail] }: LargeAge) =>
      openAge(
        asReceiveSeed(hex(seed)),
        concatBytes(hex(head), new Uint8Array(zeros), hex(tail)),
        what,
      );
    for (const large of vectors.age.largest) {
      const opened = (await open(large)) ?? assert.fail("it is for others");
      assert.equal(toHex(primitives.sha256(opened)), large.plaintext.sha256);
    }
    for (const large of vectors.age.tooLarge) await refuses(() => open(large), "damaged");
  });
});
