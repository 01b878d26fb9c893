import {
  isUnconfirmed,
  type KeystorePlatform,
  openKeystore,
} from "../../../src/node/account/keystore.ts";
import { decodeContents, encodeContents } from "../../../src/node/account/keystore-contents.ts";
import {
  decodePassphraseParams,
  encodePassphraseParams,
} from "../../../src/node/account/passphrase.ts";
import { decodeStatements, encodeStatements } from "../../../src/node/account/public-statements.ts";
import { decodeCertificate, encodeCertificate } from "../../../src/node/account/writers.ts";
import { decodeCanonical, encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { concatBytes, fromHex, toUtf8 } from "../../../src/node/core/bytes.ts";
import { openBox, sealBox } from "../../../src/node/crypto/box.ts";
import { boxDomains } from "../../../src/node/crypto/domains.ts";
import { asReceiveSeed, openAge } from "../../../src/node/crypto/recipients.ts";
import { asPublicKey, asSignature, verify } from "../../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../../src/node/platform/primitives.ts";
import { seededBytes, testIdentity } from "../../account/test-accounts.ts";
import { readVectors } from "../../vectors/vector-file.ts";
import { bytesParser, type Parser } from "../parser.ts";
import { vectorBytes } from "../vectors.ts";

const what = "what is tried";
const magic = toUtf8("ipcloud-keystore");
const nothing = new Uint8Array(0);
const random = seededBytes(1);
const key = new Uint8Array(32).fill(3);
const signer = testIdentity(1);

const hex = (digits: string): Uint8Array => fromHex(digits) ?? nothing;
const keystores = readVectors("keystore") as {
  readonly editorKey: string;
  readonly editorSlotKey: string;
  readonly contents: string;
  readonly files: readonly { readonly file: string }[];
};
const ages = (
  readVectors("keys") as {
    readonly age: { readonly opened: readonly { readonly seed: string; readonly file: string }[] };
  }
).age.opened;
const ageSeed = asReceiveSeed(hex(ages[0]?.seed ?? ""));
const editorKey = hex(keystores.editorKey);
const slotKey = hex(keystores.editorSlotKey);

/** Without what a guess is to cost: that is bounded by what `decodePassphraseParams` takes. */
const platform: KeystorePlatform = {
  primitives: nodePrimitives,
  argon2id: (passphrase, salt) =>
    Promise.resolve(nodePrimitives.sha256(concatBytes(passphrase, salt))),
};
const byEditor = { kind: "editor", key: editorKey } as const;

/** A keystore whose checksum holds. */
const checked = (body: Uint8Array): Uint8Array => {
  const file = concatBytes(magic, body);
  return concatBytes(file, nodePrimitives.sha256(file));
};

const slotContext = encodeCanonical(["editor", null]);
const slots = [
  [["editor", null], sealBox(slotKey, boxDomains.keystoreSlot, slotContext, key, random)],
];

/** A keystore of the editor that holds something. */
function keystoreOf(contents: Uint8Array): Uint8Array {
  const sealed = sealBox(
    key,
    boxDomains.keystoreContents,
    nothing,
    contents,
    () => new Uint8Array(24),
  );
  return checked(encodeCanonical({ version: 1, slots, contents: sealed }));
}

/** What a device keeps, and what is sealed. */
export const keyParsers: readonly Parser[] = [
  bytesParser("a keystore", {
    samples: () => keystores.files.map(({ file }) => hex(file)),
    parse: (file) => openKeystore(platform, file, byEditor),
    codes: ["damaged", "newer", "wrong-passphrase"],
    share: 0.1,
  }),
  bytesParser("a keystore whose checksum holds", {
    samples: () => keystores.files.map(({ file }) => hex(file).slice(16, -32)),
    parse: (body) => openKeystore(platform, checked(body), byEditor),
    codes: ["damaged", "newer", "wrong-passphrase"],
    share: 0.1,
  }),
  bytesParser("what a keystore says to everybody", {
    samples: () => keystores.files.map(({ file }) => hex(file).slice(16, -32)),
    parse: (body) => ({ is: isUnconfirmed(nodePrimitives, checked(body)) }),
    share: 0.3,
  }),
  bytesParser("what is sealed in a keystore", {
    samples: () => [
      encodeCanonical({
        version: 1,
        slotKeys: [["editor", slotKey]],
        account: hex(keystores.contents),
      }),
    ],
    parse: (contents) => openKeystore(platform, keystoreOf(contents), byEditor),
    share: 0.05,
  }),
  bytesParser("what a device keeps", {
    samples: () => vectorBytes("keystore"),
    parse: decodeContents,
    encode: encodeContents,
  }),
  bytesParser("what an account says in public", {
    samples: () => vectorBytes("keystore", "drive"),
    parse: decodeStatements,
    encode: encodeStatements,
  }),
  bytesParser("the cost of a passphrase", {
    samples: () => [encodeCanonical([256, 2, 2, new Uint8Array(16)])],
    parse: (bytes) => decodePassphraseParams(decodeCanonical(bytes, what), what),
    encode: (params) => encodeCanonical(encodePassphraseParams(params)),
  }),
  bytesParser("a certificate", {
    samples: () => [new Uint8Array(112).fill(1)],
    parse: decodeCertificate,
    encode: encodeCertificate,
  }),
  bytesParser("a box", {
    samples: () =>
      [0, 1, 65].map((length) =>
        sealBox(key, boxDomains.headLink, nothing, new Uint8Array(length), random),
      ),
    parse: (box) => openBox(key, boxDomains.headLink, nothing, box),
    share: 0.2,
  }),
  bytesParser("an age file", {
    samples: () => ages.map(({ file }) => hex(file)).filter((file) => file.length < 8192),
    parse: (file) => openAge(ageSeed, file, "an age file"),
    share: 0.003,
  }),
  bytesParser("a signature", {
    samples: () =>
      [nothing, key].map((message) =>
        concatBytes(signer.publicKey, signer.sign("ipcloud/v1/sign/head", message), message),
      ),
    parse: (bytes) => {
      const [publicKey, signature] = [
        asPublicKey(bytes.subarray(0, 32)),
        asSignature(bytes.subarray(32, 96)),
      ];
      return (
        verify(nodePrimitives, publicKey, "ipcloud/v1/sign/head", bytes.subarray(96), signature) ||
        undefined
      );
    },
    share: 0.1,
  }),
];
