import assert from "node:assert/strict";
import { mutantsOf } from "./mutate.ts";
import { isWriting, readerFiles, vectorTests } from "./readers.ts";

function changes(text: string): string[] {
  return mutantsOf("x.ts", text, isWriting).map(
    ({ start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end),
  );
}

describe("the changes of a reader", () => {
  it("leave out a refusal, however it is written", () => {
    assert.ok(changes("if (wrong) throw new Error();").includes("if (false) throw new Error();"));
    assert.ok(changes("if (wrong) { refuse(1); }").includes("if (false) { refuse(1); }"));
    assert.ok(changes("if (wrong) return undefined;").includes("if (false) return undefined;"));
    assert.ok(changes("if (good) f(); else refuse(1);").includes("if (true) f(); else refuse(1);"));
    assert.ok(
      changes("function f() { if (good) return 1; throw 2; }").includes(
        "function f() { if (true) return 1; throw 2; }",
      ),
    );
    assert.ok(changes("x = good ? 1 : refuse(1);").includes("x = (1);"));
    assert.ok(changes("x = read() ?? refuse(1);").includes("x = (read());"));
    assert.ok(changes("checkPlace(place);").includes(";"));
    assert.ok(changes("x = checkPlace(place, 1);").includes("x = (place);"));
    assert.ok(changes("x = asBytes(value, 'it', 16);").includes("x = (value);"));
  });

  it("reduce a condition to either operand, and turn a plain one round", () => {
    assert.deepEqual(changes("if (a && b) f();"), ["if ((a)) f();", "if ((b)) f();"]);
    assert.deepEqual(changes("if (a()) f();"), ["if (!(a())) f();"]);
  });

  it("move each comparison and each bound by one", () => {
    assert.deepEqual(changes("x = a < b;"), ["x = a <= b;"]);
    assert.deepEqual(changes("x = a >= 4;"), ["x = a > 4;", "x = a >= (4 - 1);"]);
    assert.deepEqual(changes("x = a !== b;"), ["x = a === b;"]);
    assert.deepEqual(changes("const most = 2 ** 50;"), [
      "const most = (2 ** 50 + 1);",
      "const most = (2 ** 50 - 1);",
    ]);
  });

  it("leave writing as it is", () => {
    assert.deepEqual(changes("function encodeLink(a) { if (a < 1) throw a; }"), []);
  });

  it("are made of every room left of the bar, and tried by every file of vectors", () => {
    const files = readerFiles();
    for (const file of [
      "blocks/cbor",
      "tree/entry",
      "history/join",
      "account/heads",
      "crypto/box",
    ]) {
      assert.ok(files.includes(`src/node/${file}.ts`), file);
    }
    assert.ok(!files.includes("src/node/tree/move.ts"));
    assert.ok(vectorTests().includes("test/account/vectors.test.ts"));
    assert.ok(vectorTests().includes("test/vectors/read/maps.test.ts"));
  });
});
