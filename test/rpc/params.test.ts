import assert from "node:assert/strict";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { checkParams, isRequestName } from "../../src/node/rpc/params.ts";

describe("checkParams", () => {
  const key = new Uint8Array(32);

  it("lets pass what the contract promises", () => {
    checkParams("stat", { path: "/" });
    checkParams("stat", { path: "/", at: "yesterday", version: undefined });
    checkParams("write", { path: "/a", content: new Uint8Array(), base: null, mode: 0o644 });
    checkParams("unlock", { secret: { key } });
    checkParams("unlock", { secret: { passphrase: "" } });
    checkParams("status", {});
  });

  it("refuses everything else and names the parameter, not its value", () => {
    const refused: readonly (readonly [Parameters<typeof checkParams>[0], unknown])[] = [
      ["stat", undefined],
      ["stat", null],
      ["stat", []],
      ["stat", "/hidden"],
      ["stat", {}],
      ["stat", { path: 1 }],
      ["stat", { path: "/", surprise: true }],
      ["stat", JSON.parse('{"path": "/", "__proto__": {}}')],
      ["read", { path: "/", offset: -1 }],
      ["read", { path: "/", length: 1.5 }],
      ["read", { path: "/", length: 2 ** 60 }],
      ["write", { path: "/", content: "hidden" }],
      ["write", { path: "/", content: new Uint8Array(), mode: 0o10000 }],
      ["write", { path: "/", content: new Uint8Array(), mtime: Number.NaN }],
      ["unlock", { secret: "hidden" }],
      ["unlock", { secret: { key: new Uint8Array(31) } }],
      ["unlock", { secret: { key, passphrase: "hidden" } }],
      ["setSettings", { settings: [] }],
      ["status", { surprise: true }],
    ];
    for (const [name, params] of refused) {
      assert.throws(
        () => {
          checkParams(name, params);
        },
        (error) => isCloudError(error, "usage") && !error.message.includes("hidden"),
        JSON.stringify(params),
      );
    }
  });
});

describe("isRequestName", () => {
  it("knows the contract's requests and no member of an object", () => {
    assert.equal(isRequestName("uploadPart"), true);
    for (const name of ["", "Stat", "constructor", "__proto__", "toString"]) {
      assert.equal(isRequestName(name), false, name);
    }
  });
});
