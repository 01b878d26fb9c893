import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import * as Digest from "multiformats/hashes/digest";
import { showCid } from "../../src/node/core/cid.ts";
import { asBlockId } from "../../src/node/core/ids.ts";

describe("showCid", () => {
  it("writes the CID that multiformats writes", () => {
    for (let i = 0; i < 200; i++) {
      const hash = new Uint8Array(createHash("sha256").update(i.toString()).digest());
      const cid = CID.createV1(raw.code, Digest.create(0x12, hash));
      assert.equal(showCid(asBlockId(hash)), cid.toString());
    }
  });
});
