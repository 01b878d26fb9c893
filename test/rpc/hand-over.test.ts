import assert from "node:assert/strict";
import { decodeHandedOver, encodeHandedOver } from "../../src/node/rpc/succession/hand-over.ts";

describe("what a process hands over to the next", () => {
  const handed = { token: new Uint8Array(32).fill(3), parts: new Uint8Array([1, 2]) };

  it("comes whole, and what carried it is wiped", () => {
    const bytes = encodeHandedOver(handed);
    assert.deepEqual(decodeHandedOver(bytes), handed);
    assert.deepEqual(bytes, new Uint8Array(bytes.length));
  });

  it("is nothing if the process was ended before it was all said", () => {
    const { length } = encodeHandedOver(handed);
    for (let end = 0; end < length; end++) {
      assert.equal(decodeHandedOver(encodeHandedOver(handed).subarray(0, end)), undefined);
    }
    const short = { ...handed, token: new Uint8Array(31) };
    assert.equal(decodeHandedOver(encodeHandedOver(short)), undefined);
  });
});
