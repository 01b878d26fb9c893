import assert from "node:assert/strict";
import { cpSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readInstance } from "../../src/node/platform/instance.ts";

describe("the fingerprint of a data folder", () => {
  let parent = "";
  let folder = "";

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "ipcloud-instance-"));
    folder = mkdtempSync(join(parent, "home-"));
  });

  afterEach(() => {
    rmSync(parent, { recursive: true });
  });

  it("has 32 bytes and stays", () => {
    const first = readInstance(folder);
    assert.equal(first.length, 32);
    assert.deepEqual(readInstance(folder), first);
  });

  it("stays when the folder is moved", () => {
    const first = readInstance(folder);
    const moved = join(parent, "moved");
    renameSync(folder, moved);
    assert.deepEqual(readInstance(moved), first);
  });

  it("is another in a copy, also in one that keeps times, and stays in the original", () => {
    const first = readInstance(folder);
    const copy = join(parent, "copy");
    cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
    assert.notDeepEqual(readInstance(copy), first);
    assert.deepEqual(readInstance(folder), first);
  });

  it("is another when a copy is put back in the folder's place", () => {
    const first = readInstance(folder);
    const backup = join(parent, "backup");
    cpSync(folder, backup, { recursive: true, preserveTimestamps: true });
    rmSync(folder, { recursive: true });
    cpSync(backup, folder, { recursive: true, preserveTimestamps: true });
    assert.notDeepEqual(readInstance(folder), first);
  });

  it("is another in every folder", () => {
    assert.notDeepEqual(readInstance(folder), readInstance(mkdtempSync(join(parent, "home-"))));
  });
});
