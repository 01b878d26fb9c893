import assert from "node:assert/strict";
import fc from "fast-check";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { decodeFrame, encodeFrame } from "../../src/node/rpc/framing.ts";

const limit = 1024 * 1024;
const damaged = (error: unknown): boolean => isCloudError(error, "damaged");

function bodyOf(message: unknown): Buffer {
  return Buffer.concat(encodeFrame(message, limit)).subarray(4);
}

/** A frame's body of any text and any bytes after it. */
function body(text: string, bytes = new Uint8Array()): Buffer {
  const encoded = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(encoded.length);
  return Buffer.concat([length, encoded, bytes]);
}

describe("framing", () => {
  it("gives back every message, its bytes at their places", () => {
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(
        fc.string({ unit: "binary" }),
        fc
          .double({ noNaN: true, noDefaultInfinity: true })
          .filter((number) => !Object.is(number, -0)),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array({ maxLength: 40 }),
      ),
      tree: fc.oneof(
        { maxDepth: 4 },
        tie("leaf"),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie("tree"), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (message) => {
        const before = structuredClone(message);
        assert.deepEqual(decodeFrame(bodyOf(message)), before);
        assert.deepEqual(message, before, "the message itself is as it was");
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("gives back a long list, whatever stands in it and beside it", () => {
    for (const count of [1024, 1025, 2048, 3000]) {
      const bytes = Uint8Array.of(1, 2, 3);
      const result = Array.from({ length: count }, (_, i) => ({ name: `é "${i.toString()}"` }));
      for (const more of [{}, { id: 7 }, { id: "7", x: { bytes } }]) {
        const message = { result, jsonrpc: "2.0", ...more };
        const parts = encodeFrame(message, limit);
        assert.deepEqual(decodeFrame(Buffer.concat(parts).subarray(4)), message);
        assert.equal(parts.length > 2 + Number("x" in more), count > 1024);
      }
    }
    const odd = { jsonrpc: "2.0", result: Array.from({ length: 1500 }, () => undefined) };
    assert.deepEqual(decodeFrame(bodyOf(odd)), JSON.parse(JSON.stringify(odd)));
    const nested = {
      jsonrpc: "2.0",
      result: Array.from({ length: 1200 }, (_, i) => [Uint8Array.of(i & 255)]),
    };
    assert.deepEqual(decodeFrame(bodyOf(nested)), nested);
  });

  it("keeps half a surrogate pair, so that the node can refuse the name", () => {
    const [name] = decodeFrame(bodyOf(["a\ud800b"])) as [string];
    assert.equal(name, "a\ud800b");
  });

  it("leaves out members that are undefined", () => {
    assert.deepEqual(decodeFrame(bodyOf({ path: "/", at: undefined })), { path: "/" });
  });

  it("does not copy large bytes", () => {
    const content = new Uint8Array(100_000);
    assert.equal(encodeFrame({ content }, limit)[1], content);
  });

  it("refuses a message above the limit", () => {
    const message = { content: new Uint8Array(limit) };
    assert.throws(
      () => encodeFrame(message, limit),
      (error) => isCloudError(error, "usage"),
    );
  });

  it("refuses lengths, text and places that don't fit", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const placed = (at: string, length = 3, message = '{"a":null,"b":1,"c":{}}'): Buffer =>
      body(`{"message":${message},"bytes":[{"at":${at},"length":${length.toString()}}]}`, bytes);
    assert.deepEqual(decodeFrame(placed('["a"]')), { a: bytes, b: 1, c: {} });
    const refused: Readonly<Record<string, Buffer>> = {
      "nothing at all": Buffer.alloc(0),
      "half a length": Buffer.alloc(3),
      "a text longer than the frame": Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7b]),
      "no JSON": body("{"),
      "no envelope": body("[]"),
      "no message": body("{}"),
      "bytes that nobody placed": body('{"message":1}', bytes),
      "more bytes than there are": placed('["a"]', 4),
      "fewer bytes than there are": placed('["a"]', 2),
      "a negative length": placed('["a"]', -1),
      "a place that is taken": placed('["b"]'),
      "a place that is not there": placed('["d"]'),
      "a place below a number": placed('["b","x"]'),
      "a place in a prototype": placed('["__proto__","a"]'),
      "a place that an object inherits": placed('["c","constructor"]'),
      "a place that is no list": placed('"a"'),
      "two at one place": body(
        '{"message":null,"bytes":[{"at":[],"length":1},{"at":[],"length":2}]}',
        bytes,
      ),
    };
    for (const [what, frame] of Object.entries(refused)) {
      assert.throws(() => decodeFrame(frame), damaged, what);
    }
  });

  it("refuses or reads whatever comes, and fails in no other way", () => {
    const valid = bodyOf({ jsonrpc: "2.0", id: 1, params: [{ content: Uint8Array.of(1, 2, 3) }] });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 64 }),
          fc.record({ at: fc.nat(valid.length - 1), value: fc.nat(255) }).map(({ at, value }) => {
            const changed = Buffer.from(valid);
            changed[at] = value;
            return changed;
          }),
          fc.nat(valid.length).map((length) => valid.subarray(0, length)),
        ),
        (bytes) => {
          try {
            decodeFrame(Buffer.from(bytes));
          } catch (error) {
            assert.ok(damaged(error), String(error));
          }
        },
      ),
      { seed: 2, numRuns: 2_000 },
    );
  });
});
