import { wordsOfSecret } from "../../../src/node/account/words.ts";
import { createAccount } from "../../../src/node/account/create.ts";
import { passphraseSlot, sealKeystore } from "../../../src/node/account/keystore.ts";
import { spaceOf } from "../../../src/node/account/kept-space.ts";
import { encodeStatements } from "../../../src/node/account/public-statements.ts";
import { toHex, toUtf8 } from "../../../src/node/core/bytes.ts";
import { argon2id } from "../../../src/node/platform/argon2.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { writeFile } from "../../../src/node/space/edits.ts";
import { openSpace } from "../../../src/node/space/open-space.ts";
import { defaultSettings } from "../../../src/node/space/settings.ts";
import { openParts } from "../../../src/node/space/space-parts.ts";
import { memoryStore } from "../../support/memory-store.ts";
import {
  about,
  accountSecret,
  labelled,
  labelledRandom,
  withFixedAge,
} from "./account/account-inputs.make.ts";
import type { VectorValue } from "../vector-file.ts";

const passphrase = "correct horse";
const cost = { memoryKiB: 256, passes: 2, lanes: 2 };

/** A whole small drive: what a client finds on the disk, and what it must come to. FORMAT §2. */
export async function makeDrive(): Promise<VectorValue> {
  const random = labelledRandom("drive");
  const contents = await withFixedAge("drive", () =>
    createAccount(primitives, random, {
      secret: accountSecret,
      deviceName: "laptop",
      instance: labelled("instance"),
    }),
  );
  const slot = await passphraseSlot({ primitives, argon2id }, random, passphrase, cost);
  const keystore = sealKeystore(primitives, random, { contents, slots: [slot] });

  const store = memoryStore();
  const ground = { store, primitives, random };
  const space = openSpace(ground, spaceOf(contents.spaces, contents.drive), contents);
  let now = Date.UTC(2026, 0, 1);
  const parts = await openParts({
    space,
    now: () => now,
    settings: () => defaultSettings,
    onChanged: () => undefined,
    neighbours: () => [],
  });
  const put = async (path: string, text: string): Promise<void> => {
    const sealed = { size: text.length, content: toUtf8(text) };
    await parts.loop.apply([path], (change) =>
      writeFile(parts, change, { path, kind: "file", sealed, parents: true }),
    );
    now += 60_000;
  };
  await put("/docs/hello.txt", "Hello.\n");
  await put("/docs/hello.txt", "Hello, drive.\n");
  await parts.loop.close();

  const blocks: Record<string, string> = {};
  for (const id of store.ids()) blocks[toHex(id)] = toHex(await store.get(id));
  return {
    about: about("§2, opening a drive", [
      "What lies on the disk of a drive with one file in one folder, written twice.",
      "`blocks`: by their ids. `shown`: what a reader comes to, from the keystore or from the words.",
    ]),
    passphrase,
    words: wordsOfSecret(accountSecret),
    keystore: toHex(keystore),
    statements: toHex(encodeStatements(contents)),
    heads: store.heads(contents.drive).map(({ bytes }) => toHex(bytes)),
    blocks,
    shown: {
      folder: "docs",
      file: "hello.txt",
      text: "Hello, drive.\n",
      before: "Hello.\n",
      device: "laptop",
    },
  };
}
