import assert from "node:assert/strict";
import { deviceNameFault } from "../../src/node/account/device-names.ts";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { defaultDeviceName } from "../../src/node/platform/device-name.ts";

describe("defaultDeviceName", () => {
  it("is the first label of the host's name", () => {
    assert.equal(defaultDeviceName("laptop"), "laptop");
    assert.equal(defaultDeviceName("laptop.home.example"), "laptop");
  });

  it("is always a name that a device may have", () => {
    const hosts = ["", ".", " . ", "a\u0000b\n", "ä".repeat(60), `${"x".repeat(62)} y`, "\ud800"];
    hosts.push("👩‍💻".repeat(20), "\u0085", defaultDeviceName());
    for (const host of hosts) {
      const name = defaultDeviceName(host);
      assert.equal(deviceNameFault(name), undefined, JSON.stringify(host));
      assert.ok(toUtf8(name).length <= 63);
    }
    assert.equal(defaultDeviceName(""), "computer");
  });
});
