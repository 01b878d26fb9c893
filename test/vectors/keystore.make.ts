import { createAccount } from "../../src/node/account/create.ts";
import {
  editorSlot,
  type KeystoreSlot,
  passphraseSlot,
  sealKeystore,
} from "../../src/node/account/keystore.ts";
import { encodeContents } from "../../src/node/account/keystore-contents.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { concatBytes, toHex } from "../../src/node/core/bytes.ts";
import { argon2id } from "../../src/node/platform/argon2.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import {
  about,
  accountSecret,
  labelled,
  labelledRandom,
  withFixedAge,
} from "./account-inputs.make.ts";
import type { VectorValue } from "./vector-file.ts";

const platform = { primitives, argon2id };
const passphrase = "Z\u00fcrich is \u{1f3d4} high";
const cost = { memoryKiB: 256, passes: 2, lanes: 2 };
const editorKey = labelled("editor's key");

/** A keystore with both ways in, with one each, and what is refused. FORMAT §10.12. */
export async function makeKeystore(): Promise<VectorValue> {
  const random = labelledRandom("keystore");
  const contents = await withFixedAge("keystore", () =>
    createAccount(primitives, random, {
      secret: accountSecret,
      deviceName: "laptop",
      instance: labelled("instance"),
    }),
  );
  const byPassphrase = await passphraseSlot(platform, random, passphrase, cost);
  const byEditor = editorSlot(platform, editorKey);
  const seal = (...slots: KeystoreSlot[]): Uint8Array =>
    sealKeystore(primitives, random, { contents, slots });
  const file = seal(byPassphrase, byEditor);
  return {
    about: about("§10.12, keystore", [
      "The passphrase opens in both normal forms. The cost is low, so that tests are quick.",
      "`refused`: by the passphrase and by the editor's key alike.",
    ]),
    passphrase,
    passphraseDecomposed: passphrase.normalize("NFD"),
    passphraseKey: toHex(byPassphrase.key),
    editorKey: toHex(editorKey),
    editorSlotKey: toHex(byEditor.key),
    contents: toHex(encodeContents(contents)),
    accountSecret: toHex(accountSecret),
    files: [
      { opensBy: ["passphrase", "editor"], file: toHex(file) },
      { opensBy: ["passphrase"], file: toHex(seal(byPassphrase)) },
      { opensBy: ["editor"], file: toHex(seal(byEditor)) },
    ],
    refused: refusedVectors(file),
  };
}

/** The file with its body changed and a checksum that holds. */
function remade(file: Uint8Array, changes: Readonly<Record<string, CborValue>>): string {
  const body = decodeCanonical(file.subarray(16, -32), "a keystore") as Record<string, CborValue>;
  const checked = concatBytes(file.subarray(0, 16), encodeCanonical({ ...body, ...changes }));
  return toHex(concatBytes(checked, primitives.sha256(checked)));
}

function refusedVectors(file: Uint8Array): VectorValue {
  const wrapped = new Uint8Array(72);
  const greedy = [["passphrase", [4_194_304, 3, 4, new Uint8Array(16)]], wrapped];
  const passkey = [["passkey", null], wrapped];
  return [
    { code: "damaged", name: "empty", file: "" },
    { code: "damaged", name: "cut short", file: toHex(file.subarray(0, -1)) },
    { code: "damaged", name: "another magic", file: toHex(file.with(0, 0)) },
    { code: "damaged", name: "altered", file: toHex(file.with(500, (file[500] ?? 0) ^ 1)) },
    { code: "damaged", name: "too costly a passphrase", file: remade(file, { slots: [greedy] }) },
    { code: "wrong-passphrase", name: "another slot", file: remade(file, { slots: [] }) },
    { code: "newer", name: "version 2", file: remade(file, { version: 2 }) },
    { code: "newer", name: "an unknown field", file: remade(file, { colour: "red" }) },
    { code: "newer", name: "an unknown way in", file: remade(file, { slots: [passkey] }) },
  ];
}
