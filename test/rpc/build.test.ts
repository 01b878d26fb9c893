import assert from "node:assert/strict";
import { compareBuilds, ownBuild } from "../../src/node/rpc/build.ts";

describe("compareBuilds", () => {
  it("orders by version and then by the second of the build", () => {
    const ordered = [
      "0.0.0",
      "0.1.0",
      "0.1.0+1763683200",
      "0.1.0+1763683201",
      "0.1.1+1",
      "0.2.0",
      "0.10.0",
      "1.0.0",
    ];
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) {
        assert.equal(Math.sign(compareBuilds(a, b)), Math.sign(i - j), `${a} and ${b}`);
      }
    }
  });

  it("takes what is no build for the oldest of all", () => {
    assert.equal(compareBuilds("", "0.0.0"), 0);
    assert.ok(compareBuilds("what", "0.0.1") < 0);
  });

  it("takes sources for older than any build", () => {
    assert.ok(compareBuilds(ownBuild, "0.1.0+1763683200") < 0);
  });
});
