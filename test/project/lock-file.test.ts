import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

interface Locked {
  readonly integrity?: string;
}

describe("the lock file", () => {
  it("has a hash of every package, those for other systems included", () => {
    const text = readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8");
    const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };
    const names = Object.keys(packages).filter((name) => name !== "");
    assert.ok(names.length > 500, `${names.length.toString()} packages`);
    const bare = names.filter((name) => !(packages[name]?.integrity ?? "").startsWith("sha512-"));
    assert.deepEqual(bare, []);
  });
});
