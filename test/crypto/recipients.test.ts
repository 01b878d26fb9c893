import assert from "node:assert/strict";
import { Decrypter, identityToRecipient } from "age-encryption";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import {
  asReceiveSeed,
  asRecipient,
  identityText,
  maxAgeFileBytes,
  openAge,
  recipientBytes,
  recipientOf,
  recipientText,
  sealAge,
} from "../../src/node/crypto/recipients.ts";
import { refuses } from "../blocks/refuses.ts";

const what = "the box of epoch 3";
const ann = asReceiveSeed(new Uint8Array(32).fill(1));
const ben = asReceiveSeed(new Uint8Array(32).fill(2));

describe("a hybrid recipient", () => {
  it("is made of its seed alone", async () => {
    const recipient = await recipientOf(ann);
    assert.equal(recipient.length, recipientBytes);
    assert.deepEqual(await recipientOf(ann), recipient);
    assert.notDeepEqual(await recipientOf(ben), recipient);
  });

  it("is written as age writes it", async () => {
    assert.match(identityText(ann), /^AGE-SECRET-KEY-PQ-1[0-9A-Z]+$/u);
    const text = recipientText(await recipientOf(ann));
    assert.match(text, /^age1pq1[0-9a-z]+$/u);
    assert.equal(text, await identityToRecipient(identityText(ann)));
  });

  it("has 1,216 bytes and comes of 32", async () => {
    await refuses(() => asRecipient(new Uint8Array(1215)), "damaged", /an age recipient/u);
    await refuses(() => asReceiveSeed(new Uint8Array(16)), "damaged", /an age identity of 32/u);
  });
});

describe("an age file", () => {
  const secret = toUtf8("thirty-two bytes of an epoch key");

  it("opens for each of its recipients, and for age itself", async () => {
    const recipients = [await recipientOf(ann), await recipientOf(ben)];
    const file = await sealAge(recipients, secret);
    assert.deepEqual(await openAge(ann, file, what), secret);
    assert.deepEqual(await openAge(ben, file, what), secret);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identityText(ben));
    assert.deepEqual(await decrypter.decrypt(file), secret);
    assert.match(fromUtf8(file.subarray(0, 22)) ?? "", /^age-encryption\.org\/v1\n/u);
  });

  it("is another each time", async () => {
    const recipients = [await recipientOf(ann)];
    assert.notDeepEqual(await sealAge(recipients, secret), await sealAge(recipients, secret));
  });

  it("that is meant for others opens to nothing", async () => {
    const file = await sealAge([await recipientOf(ben)], secret);
    assert.equal(await openAge(ann, file, what), undefined);
  });

  it("that was altered is refused by name, or opens to nothing: never to something else", async () => {
    const file = await sealAge([await recipientOf(ann)], secret);
    const outcomes = new Set<string>();
    for (let at = 0; at < file.length; at += 37) {
      const altered = file.slice();
      altered[at] = (altered[at] ?? 0) ^ 0x10;
      try {
        assert.equal(await openAge(ann, altered, what), undefined);
        outcomes.add("nothing");
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await refuses(
          () => {
            throw error;
          },
          "damaged",
          /^the box of epoch 3 is not a sound age file$/u,
        );
        outcomes.add("damaged");
      }
    }
    assert.ok(outcomes.has("damaged"));
  });

  it("that is cut short, empty or far too large is damaged", async () => {
    const file = await sealAge([await recipientOf(ann)], secret);
    for (const length of [0, 1, 21, 200, file.length - 1]) {
      await refuses(() => openAge(ann, file.subarray(0, length), what), "damaged", /the box of/u);
    }
    const large = new Uint8Array(maxAgeFileBytes + 1);
    await refuses(() => openAge(ann, large, what), "damaged", /has 65537 bytes/u);
  });
});
