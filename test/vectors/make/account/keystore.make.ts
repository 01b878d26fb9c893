import { createAccount } from "../../../../src/node/account/create.ts";
import { foundSpace } from "../../../../src/node/account/found-space.ts";
import { spaceOf, withSpace } from "../../../../src/node/account/kept-space.ts";
import {
  editorSlot,
  type KeystoreSlot,
  passphraseSlot,
  sealKeystore,
} from "../../../../src/node/account/keystore.ts";
import {
  encodeContents,
  type KeystoreContents,
} from "../../../../src/node/account/keystore-contents.ts";
import { encodeStatements } from "../../../../src/node/account/public-statements.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { argon2id } from "../../../../src/node/platform/argon2.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import {
  about,
  accountSecret,
  labelled,
  labelledRandom,
  withFixedAge,
} from "./account-inputs.make.ts";
import { forgedKeystores, framed } from "./forged-keystores.make.ts";
import { unconfirmedWords } from "./unconfirmed-words.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const platform = { primitives, argon2id };
const passphrase = "Z\u00fcrich is \u{1f3d4} high";
const cost = { memoryKiB: 256, passes: 2, lanes: 2 };
const editorKey = labelled("editor's key");

/** A keystore with both ways in, with one each, and what is refused. FORMAT §12.8. */
export async function makeKeystore(): Promise<VectorValue> {
  const random = labelledRandom("keystore");
  const contents = await withFixedAge("keystore", async () => {
    const account = await createAccount(primitives, random, {
      secret: accountSecret,
      deviceName: "laptop",
      instance: labelled("instance"),
    });
    const { deviceSeed } = account;
    const input = { secret: accountSecret, deviceSeed, admin: false };
    const other = await foundSpace(primitives, random, input);
    return { ...account, spaces: withSpace(account.spaces, other) };
  });
  const byPassphrase = await passphraseSlot(platform, random, passphrase, cost);
  const byEditor = editorSlot(platform, editorKey);
  const seal = (...slots: KeystoreSlot[]): Uint8Array =>
    sealKeystore(primitives, random, { contents, slots });
  const file = seal(byPassphrase, byEditor);
  return {
    about: about("§12.8, keystore", [
      "The passphrase opens in both normal forms. The cost is low, so that tests are quick.",
      "It keeps two spaces. `statements`: what the store keeps of the same in public, §12.9.",
      "`unconfirmed`: one that holds the account's secret. `refused`: by the passphrase and by the",
      "editor's key alike. `refusedContents`: what is sealed.",
      "`longestName`: contents with a name of 63 bytes. `forged`: what the editor's key comes to, `code` null",
      "if it opens the file.",
    ]),
    passphrase,
    passphraseDecomposed: passphrase.normalize("NFD"),
    passphraseKey: toHex(byPassphrase.key),
    passphraseParams: {
      ...cost,
      salt: byPassphrase.kind === "passphrase" ? toHex(byPassphrase.params.salt) : "",
    },
    editorKey: toHex(editorKey),
    editorSlotKey: toHex(byEditor.key),
    contents: toHex(encodeContents(contents)),
    fields: showContents(contents),
    refusedContents: refusedContents(encodeContents(contents)),
    longestName: toHex(encodeContents({ ...short(contents), deviceName: "é".repeat(31) + "e" })),
    statements: toHex(encodeStatements(contents)),
    refusedStatements: refusedStatements(encodeStatements(contents)),
    accountSecret: toHex(accountSecret),
    files: [
      { opensBy: ["passphrase", "editor"], file: toHex(file) },
      { opensBy: ["passphrase"], file: toHex(seal(byPassphrase)) },
      { opensBy: ["editor"], file: toHex(seal(byEditor)) },
    ],
    refused: refusedVectors(file),
    forged: forgedKeystores(short(contents), byEditor.key),
    unconfirmed: unconfirmedWords({ contents: short(contents), slots: [byPassphrase, byEditor] }, random),
  };
}

/** The same without what is signed, so that the file is short. */
function short(contents: KeystoreContents): KeystoreContents {
  const own = spaceOf(contents.spaces, contents.drive);
  return { ...contents, devices: [], spaces: [{ ...own, epochKeys: [], roster: [], epochs: [] }] };
}

function showContents(contents: KeystoreContents): VectorValue {
  const { writer } = contents;
  return {
    account: toHex(contents.account),
    recover: toHex(contents.recover),
    locate: toHex(contents.locateSeed),
    device: toHex(contents.deviceSeed),
    deviceName: contents.deviceName,
    writer: [writer.id, writer.seed, writer.instance].map(toHex),
    devices: contents.devices.map(toHex),
    drive: toHex(contents.drive),
    spaces: contents.spaces.map(({ id, boundaryKey, epochKeys, roster, epochs }) => ({
      id: toHex(id),
      boundary: toHex(boundaryKey),
      epochKeys: epochKeys.map(({ statement, key }) => [toHex(statement), toHex(key)]),
      roster: roster.map(toHex),
      epochs: epochs.map(toHex),
    })),
  };
}

function refusedContents(bytes: Uint8Array): VectorValue {
  const all = decodeCanonical(bytes, "contents") as Record<string, CborValue>;
  const drive = all["drive"] as Uint8Array;
  const key = labelled("a key");
  // Short, so that the file is.
  const space: CborValue[] = [drive, key, [], [], []];
  const fields = { ...all, devices: [], spaces: [space] };
  const changed = (name: string, changes: Record<string, CborValue>, code = "damaged") => ({
    code,
    name,
    bytes: toHex(encodeCanonical({ ...fields, ...changes })),
  });
  const without = Object.keys(fields).map((field) => {
    const rest = Object.entries(fields).filter(([each]) => each !== field);
    const made = toHex(encodeCanonical(Object.fromEntries(rest)));
    return { code: "damaged", name: `without ${field}`, bytes: made };
  });
  const sizes = ["account", "recover", "locate", "device", "drive"].map((field) =>
    changed(`${field} of 31 bytes`, { [field]: new Uint8Array(31) }),
  );
  const [id, seed, instance] = all["writer"] as [Uint8Array, Uint8Array, Uint8Array];
  return [
    changed("version 2", { version: 2 }, "newer"),
    changed("an unknown field", { colour: "red" }, "newer"),
    ...without,
    ...sizes,
    changed("a name that is no text", { deviceName: 1 }),
    changed("a name that can't be shown", { deviceName: "a\nb" }),
    changed("a name of 64 bytes", { deviceName: "x".repeat(64) }),
    ...["account", "locate", "device", "drive"].map((field) =>
      changed(`${field} that is a list of its bytes`, { [field]: listed(all[field]) }),
    ),
    changed("a writer of four parts", { writer: [id, seed, instance, 1] }),
    changed("a writer's id that is a list of its bytes", { writer: [[...id], seed, instance] }),
    changed("a writer's seed that is a list of its bytes", { writer: [id, [...seed], instance] }),
    changed("devices that are a number", { devices: 1 }),
    changed("a device's statement that is no bytes", { devices: [1] }),
    changed("a writer of two parts", { writer: [id, seed] }),
    changed("a writer's id of 15 bytes", { writer: [id.subarray(1), seed, instance] }),
    changed("a writer's seed of 31 bytes", { writer: [id, seed.subarray(1), instance] }),
    changed("an instance of 31 bytes", { writer: [id, seed, instance.subarray(1)] }),
    changed("devices that are no list", { devices: instance }),
    changed("spaces that are no list", { spaces: instance }),
    changed("no space", { spaces: [] }),
    ...refusedSpaces(drive, space).map(({ name, spaces }) => changed(name, { spaces })),
    changed("a boundary key of 31 bytes", { spaces: [space.with(1, key.subarray(1))] }),
    changed("a boundary key that is a list of its bytes", { spaces: [space.with(1, [...key])] }),
    ...Object.entries({
      "epoch keys that are no list": key,
      "an epoch key without a statement": [[key]],
      "epoch keys that are a number": 1,
      "an epoch key of three parts": [[drive, key, 1]],
      "an epoch key that is a list of its bytes": [[drive, [...key]]],
      "an epoch key of 31 bytes": [[drive, key.subarray(1)]],
      "an epoch statement's hash of 31 bytes": [[drive.subarray(1), key]],
    }).map(([name, epochKeys]) => changed(name, { spaces: [space.with(2, epochKeys)] })),
  ];
}

/** The bytes of a field as a list of integers. */
const listed = (field: CborValue | undefined): CborValue => [...(field as Uint8Array)];

/** Lists of spaces that are refused in the keystore and in public alike. */
function refusedSpaces(
  drive: Uint8Array,
  space: readonly CborValue[],
): { name: string; spaces: CborValue }[] {
  const [low, high] = [new Uint8Array(32), new Uint8Array(32).fill(255)];
  const last = space.length - 1;
  return [
    { name: "spaces that are a number", spaces: 1 },
    { name: "a space of one part less", spaces: [space.slice(0, -1)] },
    { name: "a space of one part more", spaces: [[...space, []]] },
    { name: "a space's id that is a list of its bytes", spaces: [space.with(0, [...drive])] },
    { name: "a roster that is a number", spaces: [space.with(last - 1, 1)] },
    { name: "a space's id of 31 bytes", spaces: [space.with(0, drive.subarray(1)), space] },
    { name: "spaces out of order", spaces: [space, space.with(0, low)] },
    { name: "a space twice", spaces: [space, space] },
    { name: "spaces without the drive's", spaces: [space.with(0, low), space.with(0, high)] },
    { name: "a roster that is no list", spaces: [space.with(last - 1, drive)] },
    { name: "an epoch that is no bytes", spaces: [space.with(last, [1])] },
  ];
}

function refusedStatements(bytes: Uint8Array): VectorValue {
  const all = decodeCanonical(bytes, "statements") as Record<string, CborValue>;
  const drive = all["drive"] as Uint8Array;
  const space: CborValue[] = [drive, [], []];
  const fields = { ...all, devices: [], spaces: [space] };
  const changed = (name: string, changes: Record<string, CborValue>, code = "damaged") => ({
    code,
    name,
    bytes: toHex(encodeCanonical({ ...fields, ...changes })),
  });
  return [
    changed("version 2", { version: 2 }, "newer"),
    changed("an unknown field", { colour: "red" }, "newer"),
    changed("a drive of 31 bytes", { drive: drive.subarray(1) }),
    changed("a drive that is a list of its bytes", { drive: [...drive] }),
    changed("devices that are no list", { devices: drive }),
    changed("devices that are a number", { devices: 1 }),
    changed("a device's statement that is no bytes", { devices: [1] }),
    ...refusedSpaces(drive, space).map(({ name, spaces }) => changed(name, { spaces })),
  ];
}

/** The file with its body changed and a checksum that holds. */
function remade(file: Uint8Array, changes: Readonly<Record<string, CborValue>>): string {
  const body = decodeCanonical(file.subarray(16, -32), "a keystore") as Record<string, CborValue>;
  return toHex(framed(encodeCanonical({ ...body, ...changes })));
}

function refusedVectors(file: Uint8Array): VectorValue {
  const wrapped = new Uint8Array(72);
  const greedy = [["passphrase", [4_194_304, 3, 4, new Uint8Array(16)]], wrapped];
  const passkey = [["passkey", null], wrapped];
  return [
    { code: "damaged", name: "empty", file: "" },
    { code: "damaged", name: "cut short", file: toHex(file.subarray(0, -1)) },
    { code: "damaged", name: "another magic", file: toHex(file.with(0, 0)) },
    {
      code: "damaged",
      name: "another magic and its checksum",
      file: toHex(framed(file.subarray(16, -32), "ipcloud-keyshelf")),
    },
    {
      code: "damaged",
      name: "another checksum",
      file: toHex(file.with(-1, (file.at(-1) ?? 0) ^ 1)),
    },
    { code: "damaged", name: "altered", file: toHex(file.with(500, (file[500] ?? 0) ^ 1)) },
    { code: "damaged", name: "too costly a passphrase", file: remade(file, { slots: [greedy] }) },
    { code: "wrong-passphrase", name: "another slot", file: remade(file, { slots: [] }) },
    { code: "newer", name: "version 2", file: remade(file, { version: 2 }) },
    { code: "newer", name: "an unknown field", file: remade(file, { colour: "red" }) },
    { code: "newer", name: "an unknown way in", file: remade(file, { slots: [passkey] }) },
  ];
}
