import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chooseSocketAddress } from "../../src/node/platform/socket-address.ts";

describe("chooseSocketAddress", () => {
  let folder: string;
  let long: string;
  const made: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-test-"));
    long = join(folder, "x".repeat(100));
    mkdirSync(long);
  });
  afterEach(() => {
    for (const path of [folder, ...made.splice(0)]) rmSync(path, { recursive: true, force: true });
  });

  it("lies in the data folder, whatever name leads there", () => {
    const link = join(folder, "link");
    mkdirSync(join(folder, "home"), { mode: 0o700 });
    symlinkSync(join(folder, "home"), link);
    const { path, bindPath, ownFolder } = chooseSocketAddress(link, "linux");
    assert.equal(path, chooseSocketAddress(join(folder, "home"), "linux").path);
    assert.equal(dirname(path), join(folder, "home"));
    assert.equal(dirname(bindPath ?? ""), dirname(path));
    assert.notEqual(bindPath, path);
    assert.equal(ownFolder, undefined);
  });

  it("lies in a private folder of its own where the path would be too long", () => {
    const { path, bindPath, ownFolder = "" } = chooseSocketAddress(long, "linux");
    made.push(ownFolder);
    assert.ok(Buffer.byteLength(bindPath ?? "") <= 100);
    assert.equal(dirname(path), ownFolder);
    assert.equal(dirname(ownFolder), tmpdir());
    assert.equal(statSync(ownFolder).mode & 0o777, 0o700);
    assert.equal(chooseSocketAddress(long, "linux").path, path, "the same after a crash");
  });

  it("does not lie in a data folder that others may enter", () => {
    const open = join(folder, "open");
    mkdirSync(open);
    chmodSync(open, 0o750);
    const { path, ownFolder = "" } = chooseSocketAddress(open, "linux");
    made.push(ownFolder);
    assert.equal(dirname(path), ownFolder);
    assert.equal(statSync(ownFolder).mode & 0o777, 0o700);
  });

  it("does not use a folder there that others may enter, or a link", () => {
    const { ownFolder: first = "" } = chooseSocketAddress(long, "linux");
    made.push(first);
    chmodSync(first, 0o755);
    const { ownFolder: second = "" } = chooseSocketAddress(long, "linux");
    made.push(second);
    assert.notEqual(second, first);
    assert.equal(statSync(second).mode & 0o777, 0o700);
    rmSync(first, { recursive: true });
    symlinkSync(folder, first);
    const { ownFolder: third = "" } = chooseSocketAddress(long, "linux");
    made.push(third);
    assert.notEqual(third, first);
  });

  it("is a pipe that nobody can guess on Windows", () => {
    const [one, two] = [chooseSocketAddress(folder, "win32"), chooseSocketAddress(folder, "win32")];
    assert.match(one.path, /^\\\\\.\\pipe\\ipcloud-[0-9a-f]{16}-[0-9a-f]{32}$/);
    assert.notEqual(one.path, two.path);
    assert.equal(one.bindPath, undefined);
  });
});
