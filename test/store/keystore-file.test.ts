import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readKeystoreFile, writeKeystoreFile } from "../../src/node/store/keystore.ts";
import { refuses } from "../blocks/refuses.ts";

describe("the keystore file", () => {
  let folder = "";
  const first = new Uint8Array(5000).fill(1);
  const second = new Uint8Array(300).fill(2);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-keystore-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("is absent before it is written, and then what was written last", async () => {
    assert.equal(await readKeystoreFile(folder), undefined);
    await writeKeystoreFile(folder, first);
    assert.deepEqual(await readKeystoreFile(folder), first);
    await writeKeystoreFile(folder, second);
    assert.deepEqual(await readKeystoreFile(folder), second);
    assert.deepEqual(readdirSync(folder), ["keystore"]);
  });

  it("is for its owner's eyes only", async function () {
    if (process.platform === "win32") return this.skip();
    await writeKeystoreFile(folder, first);
    assert.equal(statSync(join(folder, "keystore")).mode & 0o777, 0o600);
  });

  it("is not waited for where something else stands in its place", async function () {
    if (process.platform === "win32") return this.skip();
    const refused = /expected .*keystore to be a file, and it is not/;
    execFileSync("mkfifo", [join(folder, "keystore")]);
    await refuses(() => readKeystoreFile(folder), "storage", refused);
    rmSync(join(folder, "keystore"));
    mkdirSync(join(folder, "keystore"));
    await refuses(() => readKeystoreFile(folder), "storage", refused);
  });

  it("outlives a write that a crash broke off", async () => {
    await writeKeystoreFile(folder, first);
    writeFileSync(join(folder, "keystore.next"), second.subarray(0, 100));
    assert.deepEqual(await readKeystoreFile(folder), first);
    await writeKeystoreFile(folder, second);
    assert.deepEqual(await readKeystoreFile(folder), second);
    assert.deepEqual(readdirSync(folder), ["keystore"]);
  });

  it("that can't be read or written is told as a fault of the storage", async () => {
    mkdirSync(join(folder, "keystore"));
    await refuses(() => readKeystoreFile(folder), "storage", /keystore/u);
    await refuses(() => writeKeystoreFile(join(folder, "absent"), first), "storage", /keystore/u);
  });
});
