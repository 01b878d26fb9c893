import assert from "node:assert/strict";
import { checkDeviceName, deviceNameFault } from "../../src/node/account/device-names.ts";
import { refuses } from "../blocks/refuses.ts";

describe("the name of a device", () => {
  it("is any line of 1 to 63 bytes", () => {
    for (const name of ["a", "laptop", "Ann's laptop", "日本語のノート", "x".repeat(63)]) {
      assert.equal(deviceNameFault(name), undefined, name);
      checkDeviceName(name);
    }
  });

  it("is none that can't be shown in a line, which is told", async () => {
    const cases = [
      ["", /the device name "" is empty; it has 1 to 63 bytes/u],
      ["x".repeat(64), /has 64 bytes; the most is 63/u],
      ["ä".repeat(32), /has 64 bytes/u],
      [" x", /begins or ends with white space/u],
      ["x\u3000", /begins or ends with white space/u],
      ["x\u0007", /holds a control character/u],
      ["x\u0085y", /holds a control character/u],
      ["\ud800", /half a surrogate/u],
    ] as const;
    for (const [name, message] of cases) {
      assert.match(deviceNameFault(name) ?? "", /^(?:is|holds|begins|has)/u);
      await refuses(
        () => {
          checkDeviceName(name);
        },
        "usage",
        message,
      );
    }
  });
});
