import assert from "node:assert/strict";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { asAccountSecret } from "../../src/node/account/account.ts";
import { secretOfWords, wordsOfSecret } from "../../src/node/account/words.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { refuses } from "../blocks/refuses.ts";
import { seededBytes, testSecret } from "./test-accounts.ts";

const words = wordsOfSecret(testSecret(0x5a));
const list = words.split(" ");

/** The 24 words with one replaced, by its number from 1. */
const withWord = (place: number, word: string): string => list.with(place - 1, word).join(" ");

describe("the words of an account", () => {
  it("are 24 of the list, and give the secret back", () => {
    const random = seededBytes(1);
    for (let i = 0; i < 200; i++) {
      const secret = asAccountSecret(random(32));
      const text = wordsOfSecret(secret);
      assert.equal(text.split(" ").length, 24);
      assert.deepEqual(secretOfWords(text), secret);
    }
  });

  it("are what BIP39 says of entropy that is all zeros or all ones", () => {
    assert.equal(wordsOfSecret(testSecret(0)), `${"abandon ".repeat(23)}art`);
    assert.equal(wordsOfSecret(testSecret(0xff)), `${"zoo ".repeat(23)}vote`);
  });

  it("are read in any case, with any white space", () => {
    const typed = `  ${words.toUpperCase().replaceAll(" ", " \n\t  ")}\u00a0\r\n`;
    assert.deepEqual(secretOfWords(typed), secretOfWords(words));
    const fullwidth = words.replace(/[a-z]/gu, (letter) =>
      String.fromCharCode(letter.charCodeAt(0) + 0xfee0),
    );
    assert.deepEqual(secretOfWords(fullwidth), secretOfWords(words));
  });

  it("that are misspelled are named with their place and the nearest words", async () => {
    const cases = [
      [1, "abandom", /^word 1, "abandom", is not in the list of words; did you mean abandon/u],
      [24, "zooo", /^word 24, "zooo", .*did you mean zoo/u],
      [7, "recieve", /^word 7, "recieve", .*did you mean receive/u],
      [13, "lenght", /^word 13, "lenght", .*did you mean length/u],
      [2, "rcpa", /, "rcpa", .*; did you mean alpha or arena or cream\?$/u],
      [2, "lawsui", /, "lawsui", .*; did you mean lawsuit or awful\?$/u],
      [3, "xqzzkvw", /^word 3, "xqzzkvw", is not in the list of words$/u],
    ] as const;
    for (const [place, typed, message] of cases) {
      await refuses(() => secretOfWords(withWord(place, typed)), "usage", message);
    }
  });

  it("suggest the right word first for every word of the list with two letters swapped", () => {
    let first = 0;
    const swapped = wordlist.filter((word, i) => i % 16 === 0 && word.length > 4);
    for (const word of swapped) {
      const typed = `${word.slice(0, 2)}${word.charAt(3)}${word.charAt(2)}${word.slice(4)}`;
      if (wordlist.includes(typed)) continue;
      try {
        secretOfWords(withWord(1, typed));
      } catch (error) {
        assert.ok(isCloudError(error, "usage"));
        if (error.message.includes(`did you mean ${word}`)) first++;
      }
    }
    assert.ok(first > swapped.length * 0.9, `${first.toString()} of ${swapped.length.toString()}`);
  });

  it("that are too few or too many are counted, but a misspelled one is told first", async () => {
    await refuses(() => secretOfWords(""), "usage", /^expected 24 words, got 0$/u);
    await refuses(() => secretOfWords(list.slice(1).join(" ")), "usage", /24 words, got 23$/u);
    await refuses(() => secretOfWords(`${words} zoo`), "usage", /24 words, got 25$/u);
    await refuses(() => secretOfWords("zoo wrongg"), "usage", /^word 2, "wrongg"/u);
  });

  it("whose check does not hold are refused without a word of them", async () => {
    const swapped = withWord(1, list[1] ?? "")
      .split(" ")
      .with(1, list[0] ?? "")
      .join(" ");
    for (const text of [swapped, "abandon ".repeat(24), withWord(5, "zoo")]) {
      await refuses(() => secretOfWords(text), "usage", /^these 24 words don't belong together/u);
    }
  });

  it("are never shown in an error beyond 20 letters of the one that is wrong", async () => {
    const short = "x".repeat(20);
    await refuses(
      () => secretOfWords(short),
      "usage",
      new RegExp(`^word 1, "${short}", is not`, "u"),
    );
    const typed = "mysecretpassphrasethatwaspasted";
    await refuses(
      () => secretOfWords(typed),
      "usage",
      /^word 1, "mysecretpassphraseth…", is not in the list of words$/u,
    );
  });
});
