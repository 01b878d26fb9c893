import {
  type KeystoreContents,
  encodeContents,
} from "../../../../src/node/account/keystore-contents.ts";
import { type CborValue, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { concatBytes, toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { sealBox } from "../../../../src/node/crypto/box.ts";
import { boxDomains } from "../../../../src/node/crypto/domains.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { labelled, labelledRandom } from "./account-inputs.make.ts";
import type { VectorValue } from "../../vector-file.ts";

type Fields = Readonly<Record<string, CborValue>>;

/** What is changed of a keystore that is opened by the editor's key and by a passphrase. */
interface Changes {
  readonly params?: readonly CborValue[];
  /** In the place of the slot of the passphrase. */
  readonly slots?: readonly CborValue[];
  /** After the slot of the editor's key. */
  readonly after?: readonly CborValue[];
  readonly editorHeader?: readonly CborValue[];
  /** By which key the editor's slot is sealed, if by another. */
  readonly sealedBy?: Uint8Array;
  readonly slotKeys?: CborValue;
  readonly inner?: Fields;
  readonly body?: Fields;
}

/** Magic, body and the checksum over both. */
export function framed(body: Uint8Array, magic = "ipcloud-keystore"): Uint8Array {
  const checked = concatBytes(toUtf8(magic), body);
  return concatBytes(checked, primitives.sha256(checked));
}

/**
 * Keystores as somebody makes them who has the keys and keeps no rule, and what the editor's key comes
 * to: most are refused.
 * @param editorKey - the key of the editor's slot.
 */
export function forgedKeystores(
  contents: KeystoreContents,
  editorKey: Uint8Array,
): readonly VectorValue[] {
  const random = labelledRandom("forged keystores");
  const salt = labelled("salt").subarray(0, 16);
  const wrapped = new Uint8Array(72);
  const account = encodeContents(contents);
  const passphraseKey = labelled("key of a passphrase");
  const bothKeys: CborValue[] = [
    ["passphrase", passphraseKey],
    ["editor", editorKey],
  ];
  const forge = (changes: Changes): Uint8Array => {
    const { params = [256, 2, 2, salt], editorHeader = ["editor", null] } = changes;
    const { slots = [[["passphrase", params], wrapped]], slotKeys = bothKeys } = changes;
    const fileKey = random(32);
    const context = encodeCanonical(editorHeader);
    const wrap = sealBox(
      changes.sealedBy ?? editorKey,
      boxDomains.keystoreSlot,
      context,
      fileKey,
      random,
    );
    const inner = encodeCanonical({ version: 1, slotKeys, account, ...changes.inner });
    const sealed = sealBox(fileKey, boxDomains.keystoreContents, new Uint8Array(0), inner, random);
    return framed(
      encodeCanonical({
        version: 1,
        slots: [...slots, [editorHeader, wrap], ...(changes.after ?? [])],
        contents: sealed,
        ...changes.body,
      }),
    );
  };
  const costs = (...list: (number | string)[][]) =>
    list.map((cost): [string, Changes] => [
      `memory, passes and lanes ${cost.join(", ")}`,
      { params: [...cost, salt] },
    ]);
  const good: [name: string, changes: Changes][] = [
    ["a passphrase and the editor's key", {}],
    ...costs([8, 1, 1], [128, 1, 16], [1_048_576, 16, 16]),
  ];
  const damaged: [name: string, changes: Changes][] = [
    ...costs([7, 1, 1], [127, 1, 16], [1_048_577, 1, 1], [8, 0, 1], [8, 17, 1], [8, 1, 0]),
    ...costs([136, 1, 17], ["8", 1, 1], [8, "1", 1], [8, 1, "1"]),
    ["a salt of 15 bytes", { params: [256, 2, 2, salt.subarray(1)] }],
    ["a salt that is a list of its bytes", { params: [256, 2, 2, [...salt]] }],
    ["five parameters", { params: [256, 2, 2, salt, 1] }],
    ["slots that are no list", { body: { slots: 1 } }],
    ["a slot of three parts", { slots: [[["passphrase", [256, 2, 2, salt]], wrapped, 1]] }],
    ["a header of three parts", { slots: [[["passphrase", [256, 2, 2, salt], 1], wrapped]] }],
    ["a kind that is no text", { slots: [[[1, null], wrapped]] }],
    [
      "a wrapped key of 71 bytes",
      { slots: [[["passphrase", [256, 2, 2, salt]], new Uint8Array(71)]] },
    ],
    [
      "a wrapped key that is a list",
      { slots: [[["passphrase", [256, 2, 2, salt]], [...wrapped]]] },
    ],
    ["parameters of the editor's key", { editorHeader: ["editor", 1] }],
    [
      "two slots of one kind",
      { slots: [], after: [[["editor", null], wrapped]], slotKeys: bothKeys.slice(1) },
    ],
    ["contents that are no bytes", { body: { contents: 1 } }],
    ["contents that another key sealed", { body: { contents: new Uint8Array(500) } }],
    ["version 0 of the contents", { inner: { version: 0 } }],
    ["keys of slots that are no list", { slotKeys: 1 }],
    [
      "a key of a slot of three parts",
      { slotKeys: [["passphrase", passphraseKey, 1], bothKeys[1] ?? null] },
    ],
    [
      "a key of a slot of 31 bytes",
      { slotKeys: [["passphrase", passphraseKey.subarray(1)], bothKeys[1] ?? null] },
    ],
    [
      "a key of a slot that is a list of its bytes",
      { slotKeys: [["passphrase", [...passphraseKey]], bothKeys[1] ?? null] },
    ],
    ["a key of a slot less", { slotKeys: bothKeys.slice(1) }],
    ["a key of a slot more", { slotKeys: [...bothKeys, ["another", passphraseKey]] }],
    ["a key of another slot", { slotKeys: [["another", passphraseKey], bothKeys[1] ?? null] }],
    ["an account that is no bytes", { inner: { account: 1 } }],
  ];
  const newer: [name: string, changes: Changes][] = [
    ["version 2 of the contents", { inner: { version: 2 } }],
    ["an unknown field in the contents", { inner: { colour: "red" } }],
  ];
  const wrong: [name: string, changes: Changes][] = [
    ["a slot that another key sealed", { sealedBy: labelled("another editor's key") }],
    ["no slot of its kind", { editorHeader: ["passphrase", [256, 2, 2, salt]], slots: [] }],
  ];
  const show =
    (code: string | null) =>
    ([name, changes]: [name: string, changes: Changes]) => ({
      code,
      name,
      file: toHex(forge(changes)),
    });
  return [
    ...good.map(show(null)),
    ...damaged.map(show("damaged")),
    ...newer.map(show("newer")),
    ...wrong.map(show("wrong-passphrase")),
  ];
}
