import assert from "node:assert/strict";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { fromErrorData, toErrorData } from "../../src/node/rpc/error-data.ts";

describe("toErrorData", () => {
  it("carries a CloudError across with code and sentence", () => {
    const error = fromErrorData(toErrorData(new CloudError("conflict", "/a has changed")));
    assert.equal(error.code, "conflict");
    assert.equal(error.message, "/a has changed");
  });

  it("says nothing of what another error holds", () => {
    const data = toErrorData(new Error("ENOENT /home/ann/diary.txt"));
    assert.equal(data.code, "unexpected");
    assert.doesNotMatch(data.message, /diary/);
  });

  it("takes an aborted wait for a cancelled request", () => {
    assert.equal(toErrorData(AbortSignal.abort().reason).code, "cancelled");
  });
});

describe("fromErrorData", () => {
  it("takes a code that it doesn't know for unexpected and keeps the sentence", () => {
    const error = fromErrorData({ code: "of-a-later-version", message: "no" });
    assert.equal(error.code, "unexpected");
    assert.equal(error.message, "no");
  });

  it("makes an error of anything", () => {
    for (const data of [undefined, null, 1, "x", {}, { code: 1, message: 2 }]) {
      assert.equal(fromErrorData(data).code, "unexpected");
    }
  });
});
