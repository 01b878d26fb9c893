import assert from "node:assert/strict";
import { createAccount, newWriter } from "../../src/node/account/create.ts";
import { spaceOf } from "../../src/node/account/kept-space.ts";
import {
  editorSlot,
  type KeystorePlatform,
  type KeystoreSecret,
  maxKeystoreBytes,
  type OpenKeystore,
  openKeystore,
  passphraseSlot,
  type SlotKey,
  sealKeystore,
  wipeKeystore,
  withoutSlot,
  withSlot,
} from "../../src/node/account/keystore.ts";
import {
  decodeContents,
  encodeContents,
  type KeystoreContents,
} from "../../src/node/account/keystore-contents.ts";
import { type Argon2Cost, defaultArgon2Cost } from "../../src/node/account/passphrase.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { concatBytes, startsWithBytes, toBinaryString, toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { asSpaceId } from "../../src/node/core/ids.ts";
import { openBox } from "../../src/node/crypto/box.ts";
import { boxDomains } from "../../src/node/crypto/domains.ts";
import { argon2id } from "../../src/node/platform/argon2.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { seededBytes, testSecret } from "./test-accounts.ts";

const random = seededBytes(31);
const platform: KeystorePlatform = { primitives: nodePrimitives, argon2id };
/** Cheap, so that tests are quick. */
const cost: Argon2Cost = { memoryKiB: 64, passes: 1, lanes: 2 };
const editorKey = new Uint8Array(32).fill(0xed);
const byPassphrase = (passphrase: string): KeystoreSecret => ({ kind: "passphrase", passphrase });
const byEditor = (key = editorKey): KeystoreSecret => ({ kind: "editor", key });
const seal = (keystore: OpenKeystore): Uint8Array => sealKeystore(nodePrimitives, random, keystore);
const open = (file: Uint8Array, secret: KeystoreSecret | SlotKey): Promise<OpenKeystore> =>
  openKeystore(platform, file, secret);

let contents: KeystoreContents;
let keystore: OpenKeystore;
let file: Uint8Array;

before(async () => {
  contents = await createAccount(nodePrimitives, random, {
    secret: testSecret(1),
    deviceName: "Ann's laptop",
    instance: new Uint8Array(32).fill(1),
  });
  const slots = [await passphraseSlot(platform, random, "pass phrase", cost)];
  keystore = withSlot({ contents, slots }, editorSlot(platform, editorKey));
  file = seal(keystore);
});

/** The file with its body changed and a checksum that holds. */
function remade(change: (body: Record<string, CborValue>) => CborValue): Uint8Array {
  const body = decodeCanonical(file.subarray(16, -32), "") as Record<string, CborValue>;
  const checked = concatBytes(file.subarray(0, 16), encodeCanonical(change({ ...body })));
  return concatBytes(checked, nodePrimitives.sha256(checked));
}

/** Every byte string in a value. */
function bytesIn(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(bytesIn);
}

describe("a keystore", () => {
  it("gives back what it holds, by the passphrase and by the editor's key", async () => {
    assert.deepEqual(await open(file, byPassphrase("pass phrase")), keystore);
    assert.deepEqual(await open(file, byEditor()), keystore);
  });

  it("shows nothing of what it holds", () => {
    const text = toBinaryString(file);
    const held = bytesIn(contents);
    assert.ok(held.length > 10);
    for (const value of held) assert.ok(!text.includes(toBinaryString(value)));
    assert.ok(!text.includes("laptop"));
  });

  it("is another at every writing", () => {
    assert.notDeepEqual(seal(keystore), file);
  });

  it("opens by a passphrase in whichever normal form it is typed", async () => {
    const slot = await passphraseSlot(platform, random, "Z\u00fcrich", cost);
    const composed = seal({ contents, slots: [slot] });
    assert.deepEqual((await open(composed, byPassphrase("Zu\u0308rich"))).contents, contents);
  });

  it("asks of new passphrases what RFC 9106 recommends", async () => {
    assert.deepEqual(defaultArgon2Cost, { memoryKiB: 65_536, passes: 3, lanes: 4 });
    const slot = await passphraseSlot(platform, random, "pass phrase");
    const costly = seal({ contents, slots: [slot] });
    assert.deepEqual((await open(costly, byPassphrase("pass phrase"))).contents, contents);
  });
});

describe("a keystore and a wrong secret", () => {
  it("part: a wrong passphrase is told as that", async () => {
    for (const wrong of ["pass phrasE", "pass phrase ", "x".repeat(10_000)]) {
      await refuses(
        () => open(file, byPassphrase(wrong)),
        "wrong-passphrase",
        /^the passphrase does not open the keystore$/u,
      );
    }
    await refuses(() => open(file, byPassphrase("")), "usage", /the passphrase is empty/u);
  });

  it("part: a key that the editor does not hold any more is told as that", async () => {
    const message = /the key that the editor holds.*unlock it with the passphrase/u;
    await refuses(() => open(file, byEditor(new Uint8Array(32))), "wrong-passphrase", message);
    const without = seal(withoutSlot(keystore, "editor"));
    await refuses(() => open(without, byEditor()), "wrong-passphrase", message);
    await refuses(() => open(file, byEditor(new Uint8Array(31))), "usage", /32 bytes, got 31/u);
  });
});

describe("the slots of a keystore", () => {
  it("are replaced: the old passphrase opens no later file, the editor's key still does", async () => {
    const opened = await open(file, byPassphrase("pass phrase"));
    const slot = await passphraseSlot(platform, random, "another", cost);
    const later = seal(withSlot(opened, slot));
    await refuses(() => open(later, byPassphrase("pass phrase")), "wrong-passphrase");
    assert.deepEqual((await open(later, byPassphrase("another"))).contents, contents);
    assert.deepEqual((await open(later, byEditor())).contents, contents);
  });

  it("seal under a new file key each time, so that what opened an old file is worth nothing", () => {
    const fileKeyOf = (sealed: Uint8Array): Uint8Array => {
      const body = decodeCanonical(sealed.subarray(16, -32), "") as Record<string, CborValue>;
      for (const slot of body["slots"] as [CborValue, Uint8Array][]) {
        const key = editorSlot(platform, editorKey).key;
        const opened = openBox(key, boxDomains.keystoreSlot, encodeCanonical(slot[0]), slot[1]);
        if (opened !== undefined) return opened;
      }
      return assert.fail();
    };
    assert.notDeepEqual(fileKeyOf(seal(keystore)), fileKeyOf(file));
  });

  it("open by their own keys, each by its own, which are overwritten with all else that is secret", async () => {
    const opened = await open(file, byEditor());
    for (const { kind, key } of opened.slots) {
      const found = await open(file, { kind: "slot", of: kind, key: key.slice() });
      assert.deepEqual(found, opened);
      const other = kind === "editor" ? "passphrase" : "editor";
      await refuses(() => open(file, { kind: "slot", of: other, key }), "wrong-passphrase");
    }
    const secrets = [
      ...opened.slots.map(({ key }) => key),
      opened.contents.deviceSeed,
      opened.contents.locateSeed,
      opened.contents.writer.seed,
      ...opened.contents.spaces.flatMap(({ boundaryKey, epochKeys }) => [
        boundaryKey,
        ...epochKeys.map(({ key }) => key),
      ]),
    ];
    assert.equal(secrets.length, 7);
    wipeKeystore(opened);
    for (const secret of secrets) assert.deepEqual(secret, new Uint8Array(secret.length));
    assert.deepEqual((await open(file, byEditor())).contents, contents, "the file is as it was");
  });

  it("leave nothing of the passphrase's bytes behind", async () => {
    const given: Uint8Array[] = [];
    const watching: KeystorePlatform = {
      ...platform,
      argon2id: (passphrase, ...rest) => {
        given.push(passphrase);
        return argon2id(passphrase, ...rest);
      },
    };
    await openKeystore(watching, file, byPassphrase("pass phrase"));
    assert.deepEqual(given, [new Uint8Array("pass phrase".length)]);
  });

  it("never become none", async () => {
    const one = withoutSlot(keystore, "passphrase");
    assert.deepEqual((await open(seal(one), byEditor())).slots, one.slots);
    await refuses(() => withoutSlot(one, "editor"), "usage", /the only way into the keystore/u);
  });
});

describe("a damaged keystore", () => {
  const hint = /; restore the file from a copy, or set up this device again from the 24 words$/u;

  it("is never taken for a wrong passphrase or a newer version, whichever bit changed", async () => {
    for (let at = 0; at < file.length; at += at < 400 ? 3 : 41) {
      const altered = file.slice();
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      await refuses(() => open(altered, byEditor()), "damaged", hint);
    }
  });

  it("is told so if it is cut short, empty, something else or far too large", async () => {
    for (const length of [0, 1, 47, 48, 200, file.length - 1]) {
      await refuses(() => open(file.subarray(0, length), byEditor()), "damaged", hint);
    }
    await refuses(
      () => open(toUtf8("not a keystore at all ".repeat(9)), byEditor()),
      "damaged",
      hint,
    );
    const large = new Uint8Array(maxKeystoreBytes + 1);
    await refuses(() => open(large, byEditor()), "damaged", hint);
  });

  it("is told so if somebody made the checksum fit", async () => {
    const swapped = remade((body) => ({
      ...body,
      contents: (body["slots"] as CborValue[][])[0]?.[1] ?? null,
    }));
    await refuses(
      () => open(swapped, byEditor()),
      "damaged",
      /the secret fits, the contents do not/u,
    );
    const empty = remade((body) => ({ ...body, slots: [] }));
    await refuses(() => open(empty, byEditor()), "wrong-passphrase");
    const malformed = remade((body) => ({
      ...body,
      slots: [[["editor", null], new Uint8Array(3)]],
    }));
    await refuses(() => open(malformed, byEditor()), "damaged", /a slot of the keystore/u);
  });

  it("does not exhaust the machine by what it asks for a passphrase", async () => {
    for (const params of [
      [4_194_304, 1, 1],
      [64, 17, 1],
      [64, 1, 17],
      [15, 1, 2],
      [64, 0, 1],
    ]) {
      const slot = [["passphrase", [...params, new Uint8Array(16)]], new Uint8Array(72)];
      const greedy = remade((body) => ({ ...body, slots: [slot] }));
      await refuses(() => open(greedy, byPassphrase("x")), "damaged", /of a slot of the keystore/u);
    }
  });
});

describe("a newer keystore", () => {
  it("asks for a newer IPCloud", async () => {
    const message = /needs a newer IPCloud$/u;
    await refuses(
      () =>
        open(
          remade((body) => ({ ...body, version: 2 })),
          byEditor(),
        ),
      "newer",
      message,
    );
    await refuses(
      () =>
        open(
          remade((body) => ({ ...body, tpm: 1 })),
          byEditor(),
        ),
      "newer",
      message,
    );
    const passkey = [["passkey", null], new Uint8Array(72)];
    await refuses(
      () =>
        open(
          remade((body) => ({ ...body, slots: [passkey] })),
          byEditor(),
        ),
      "newer",
      /opened by "passkey", which needs a newer IPCloud/u,
    );
  });
});

describe("the contents of a keystore", () => {
  it("are encoded one way and read back", () => {
    const bytes = encodeContents(contents);
    assert.deepEqual(decodeContents(bytes), contents);
    assert.deepEqual(encodeContents(decodeContents(bytes)), bytes);
  });

  it("are looked through for a space by its id", async () => {
    const { drive, spaces } = contents;
    assert.equal(spaceOf(spaces, drive).id, drive);
    const other = asSpaceId(new Uint8Array(32));
    await refuses(() => spaceOf(spaces, other), "not-found", /the space is none that this device/u);
  });

  it("keep a new writer, for a data folder that was copied", () => {
    const writer = newWriter(random, new Uint8Array(32).fill(2));
    assert.notDeepEqual(writer.id, contents.writer.id);
    assert.notDeepEqual(writer.seed, contents.writer.seed);
    const next = decodeContents(encodeContents({ ...contents, writer }));
    assert.deepEqual(next.writer, writer);
  });

  it("are refused if a field is missing, malformed or unknown", async () => {
    const fields = decodeCanonical(encodeContents(contents), "") as Record<string, CborValue>;
    const cases: [Record<string, CborValue>, "damaged" | "newer", RegExp][] = [
      [{ version: 2 }, "newer", /needs a newer IPCloud/u],
      [{ colour: 1 }, "newer", /"colour"/u],
      [{ device: new Uint8Array(31) }, "damaged", /"device".*32 bytes/u],
      [{ writer: [new Uint8Array(16), new Uint8Array(32)] }, "damaged", /a list of 3/u],
      [{ deviceName: " x" }, "damaged", /a device name other than one that begins or ends/u],
      [{ spaces: [[new Uint8Array(32), new Uint8Array(32), [], [1], []]] }, "damaged", /bytes/u],
      [{ spaces: [] }, "damaged", /lack that of the account's own drive/u],
    ];
    for (const [changes, code, message] of cases) {
      await refuses(
        () => decodeContents(encodeCanonical({ ...fields, ...changes })),
        code,
        message,
      );
    }
    for (const name of Object.keys(fields)) {
      const rest = Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name));
      await refuses(() => decodeContents(encodeCanonical(rest)), "damaged");
    }
  });
});

describe("an error of the keystore", () => {
  it("never shows a key", async () => {
    const secrets = bytesIn(contents);
    const tries: (() => Promise<unknown>)[] = [
      () => open(file, byPassphrase("my secret guess")),
      () => open(file.subarray(1), byEditor()),
      () =>
        open(
          remade((body) => ({ ...body, version: 2 })),
          byEditor(),
        ),
    ];
    for (const attempt of tries) {
      const error: unknown = await attempt().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      assert.ok(isCloudError(error));
      assert.doesNotMatch(error.message, /my secret guess/u);
      for (const secret of secrets) assert.ok(!error.message.includes(toBinaryString(secret)));
    }
    assert.ok(startsWithBytes(file, toUtf8("ipcloud-keystore")));
  });
});
