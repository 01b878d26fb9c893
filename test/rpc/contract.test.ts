import assert from "node:assert/strict";
import type { Marks } from "../../src/node/rpc/contract/request-spec.ts";
import { marksOf, requestNames } from "../../src/node/rpc/contract.ts";

function marked(mark: keyof Marks): string[] {
  return requestNames.filter((name) => marksOf(name)[mark] === true).sort();
}

describe("the table of requests", () => {
  it("what is asked again when an answer was lost changes nothing", () => {
    assert.deepEqual(marked("reads"), [
      "diff",
      "findFiles",
      "getSettings",
      "journal",
      "list",
      "log",
      "passedOver",
      "read",
      "readLink",
      "removed",
      "revisions",
      "shownAt",
      "stat",
      "status",
      "tags",
    ]);
  });

  it("what a stopping node ends can be asked again, and is no write of one file", () => {
    assert.deepEqual(marked("interruptible"), [
      "backup",
      "diff",
      "export",
      "findFiles",
      "gc",
      "getFile",
      "import",
      "journal",
      "list",
      "log",
      "read",
      "removed",
      "revisions",
      "searchNext",
      "verify",
    ]);
  });

  it("what asks for nothing in the drive doesn't keep it from locking", () => {
    assert.deepEqual(marked("idle"), ["backup", "getSettings", "lock", "status"]);
  });

  it("what stores something that somebody has just made is told when it takes long", () => {
    assert.deepEqual(marked("saves"), ["uploadBegin", "uploadEnd", "write"]);
  });
});
