import { asAccountSecret } from "../../../../src/node/account/account.ts";
import { wordsOfSecret } from "../../../../src/node/account/words.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { about, accountSecret, labelled } from "./account-inputs.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** The secret of an account as 24 words. FORMAT §12.1. */
export function makeWords(): VectorValue {
  const secrets = [
    new Uint8Array(32),
    new Uint8Array(32).fill(0xff),
    new Uint8Array(32).fill(0x7f),
    accountSecret,
    labelled("another secret"),
  ];
  const words = wordsOfSecret(accountSecret);
  const list = words.split(" ");
  return {
    about: about("§12.1, account", ['`refused`: code "usage", with a sentence that holds `says`.']),
    valid: secrets.map((secret) => ({
      secret: toHex(secret),
      words: wordsOfSecret(asAccountSecret(secret)),
    })),
    read: [
      { typed: `\t${words.toUpperCase().replaceAll(" ", "  ")}\n`, secret: toHex(accountSecret) },
    ],
    refused: [
      { typed: "", says: "expected 24 words, got 0" },
      { typed: list.slice(0, 12).join(" "), says: "expected 24 words, got 12" },
      { typed: `${words} ${words}`, says: "expected 24 words, got 48" },
      { typed: list.with(4, "recieve").join(" "), says: 'word 5, "recieve"' },
      { typed: `${"abandon ".repeat(23)}abandon`, says: "don't belong together" },
      { typed: list.toReversed().join(" "), says: "don't belong together" },
    ],
  };
}
