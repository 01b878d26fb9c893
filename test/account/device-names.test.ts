import assert from "node:assert/strict";
import {
  openDeviceName,
  sealDeviceName,
  sealedNameBytes,
} from "../../src/node/account/device-names.ts";
import { sealBox } from "../../src/node/crypto/box.ts";
import { asEpochKey, epochKeys, type NamesKey } from "../../src/node/crypto/derive.ts";
import { boxDomains } from "../../src/node/crypto/domains.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { seededBytes, testIdentity } from "./test-accounts.ts";

const random = seededBytes(51);
const namesKey = (epoch: number): NamesKey =>
  epochKeys(nodePrimitives, asEpochKey(new Uint8Array(32).fill(epoch))).namesKey;
const device = testIdentity(1).publicKey;
const seal = (name: string): Uint8Array => sealDeviceName(namesKey(1), device, name, random);

describe("the sealed name of a device", () => {
  it("opens under the key of its epoch, for its device", () => {
    for (const name of ["a", "laptop", "日本語のノート", "x".repeat(63)]) {
      const sealed = seal(name);
      assert.equal(sealed.length, sealedNameBytes);
      assert.equal(openDeviceName([namesKey(3), namesKey(1)], device, sealed), name);
      assert.equal(openDeviceName([namesKey(2)], device, sealed), undefined);
      assert.equal(openDeviceName([namesKey(1)], testIdentity(2).publicKey, sealed), undefined);
    }
  });

  it("is none that can't be shown in a line", async () => {
    const cases = [
      ["", /is empty/u],
      ["x".repeat(64), /has 64 bytes/u],
      ["ä".repeat(32), /has 64 bytes/u],
      [" x", /white space/u],
      ["x\u0007", /control character/u],
      ["\ud800", /half a surrogate/u],
    ] as const;
    for (const [name, message] of cases) await refuses(() => seal(name), "usage", message);
  });

  it("gives nothing if a member sealed something else than a name", () => {
    const wrong: Uint8Array[] = [
      new Uint8Array(64),
      new Uint8Array(64).fill(255),
      Uint8Array.from({ length: 64 }, (_, i) => (i === 0 ? 64 : 97)),
      Uint8Array.from({ length: 64 }, (_, i) => (i === 0 ? 2 : 97)),
      Uint8Array.of(1, 97),
    ];
    for (const padded of wrong) {
      const sealed = sealBox(namesKey(1), boxDomains.deviceName, device, padded, random);
      assert.equal(openDeviceName([namesKey(1)], device, sealed), undefined);
    }
  });
});
