import assert from "node:assert/strict";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { dataFolder } from "../../src/node/platform/data-folder.ts";

describe("dataFolder", () => {
  const user = { env: {}, platform: "linux", userFolder: "/home/ann" } as const;

  it("lies where each system keeps the data of programs", () => {
    const env = { LOCALAPPDATA: "C:\\Users\\ann\\AppData\\Local" };
    assert.equal(dataFolder(user), "/home/ann/.local/share/ipcloud");
    assert.equal(
      dataFolder({ ...user, platform: "darwin" }),
      "/home/ann/Library/Application Support/IPCloud",
    );
    assert.equal(
      dataFolder({ ...user, platform: "win32", env }),
      "C:\\Users\\ann\\AppData\\Local\\IPCloud",
    );
  });

  it("heeds XDG_DATA_HOME if it is absolute, and IPCLOUD_HOME above all", () => {
    assert.equal(dataFolder({ ...user, env: { XDG_DATA_HOME: "/data" } }), "/data/ipcloud");
    assert.equal(
      dataFolder({ ...user, env: { XDG_DATA_HOME: "data" } }),
      "/home/ann/.local/share/ipcloud",
    );
    assert.equal(
      dataFolder({ ...user, env: { XDG_DATA_HOME: "/data", IPCLOUD_HOME: "/mine" } }),
      "/mine",
    );
  });

  it("gives each further account a folder below, by names that are safe in a path", () => {
    const env = { IPCLOUD_HOME: "/mine" };
    assert.equal(dataFolder({ ...user, env, account: "work" }), "/mine/accounts/work");
    assert.equal(dataFolder({ ...user, env, account: "" }), "/mine");
    for (const account of ["..", "a/b", "A", "-a", "a".repeat(33), "a b"]) {
      assert.throws(
        () => dataFolder({ ...user, env, account }),
        (error) => isCloudError(error, "usage"),
        account,
      );
    }
  });
});
