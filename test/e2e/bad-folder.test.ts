import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { concatBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import type { CloudErrorCode } from "../../src/node/core/cloud-error.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { inTemporaryFolder, seededBytes } from "../store/blocks.ts";
import { quietCall } from "../support/open-drive.ts";
import { type BuiltDrives, openBuiltDrives } from "./built-drives.ts";
import { openVault, testKey } from "./open-vault.ts";

/** A keystore of a version that nobody knows yet, otherwise well formed. */
function newerKeystore(): Uint8Array {
  const body = encodeCanonical({ version: 2, slots: [], contents: new Uint8Array(0) });
  const checked = concatBytes(toUtf8("ipcloud-keystore"), body);
  return concatBytes(checked, nodePrimitives.sha256(checked));
}

/** What is done to a data folder, and what is said then. */
interface Case {
  readonly name: string;
  readonly spoil: (home: string) => void;
  readonly code: CloudErrorCode;
  readonly sentence: RegExp;
}

const inKeystore = (change: (bytes: Buffer) => Uint8Array) => (home: string) => {
  const path = join(home, "keystore");
  writeFileSync(path, change(readFileSync(path)));
};
const inDatabase = (change: (path: string) => void) => (home: string) => {
  change(join(home, "store.db"));
};

const cases: readonly Case[] = [
  {
    name: "an empty keystore",
    spoil: inKeystore(() => new Uint8Array(0)),
    code: "damaged",
    sentence:
      /the keystore does not begin as a keystore does; restore the file from a copy, or .* 24 words/,
  },
  {
    name: "a keystore that was cut off",
    spoil: inKeystore((bytes) => bytes.subarray(0, bytes.length >> 1)),
    code: "damaged",
    sentence: /the keystore is not what was written.*; restore the file/,
  },
  {
    name: "a keystore with a flipped bit",
    spoil: inKeystore((bytes) => {
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 4;
      return bytes;
    }),
    code: "damaged",
    sentence: /the keystore is not what was written.*; restore the file/,
  },
  {
    name: "something else for a keystore",
    spoil: inKeystore(() => seededBytes(1, 5000)),
    code: "damaged",
    sentence: /the keystore does not begin as a keystore does; restore the file/,
  },
  {
    name: "a keystore of a newer version",
    spoil: inKeystore(newerKeystore),
    code: "newer",
    sentence: /the keystore has version 2, which needs a newer IPCloud/,
  },
  {
    name: "a folder for a keystore",
    spoil: (home) => {
      rmSync(join(home, "keystore"));
      mkdirSync(join(home, "keystore"));
    },
    code: "storage",
    sentence: /expected .*keystore to be a file, and it is not/,
  },
  {
    name: "no keystore",
    spoil: (home) => {
      rmSync(join(home, "keystore"));
    },
    code: "damaged",
    sentence: /holds a drive whose keystore is missing: put the file back.*24 words/,
  },
  {
    name: "no database",
    spoil: inDatabase((path) => {
      rmSync(path);
    }),
    code: "damaged",
    sentence: /the database .*store\.db is missing or empty, though .* there; put it back/,
  },
  {
    name: "an empty database",
    spoil: inDatabase((path) => {
      truncateSync(path, 0);
    }),
    code: "damaged",
    sentence: /the database .*store\.db is missing or empty, though .* there; put it back/,
  },
  {
    name: "a database that was cut off",
    spoil: inDatabase((path) => {
      truncateSync(path, 8192);
    }),
    code: "damaged",
    sentence: /the database of the store in .* is damaged .*; put back a copy/,
  },
  {
    name: "something else for a database",
    spoil: inDatabase((path) => {
      writeFileSync(path, seededBytes(2, 50_000));
    }),
    code: "damaged",
    sentence: /the database of the store in .* is damaged .*; put back a copy/,
  },
  {
    name: "the database of another program",
    spoil: inDatabase((path) => {
      rmSync(path);
      const database = new DatabaseSync(path);
      database.exec("CREATE TABLE t (a)");
      database.close();
    }),
    code: "damaged",
    sentence: /store\.db is a database, but not that of a store/,
  },
  {
    name: "a database of a newer version",
    spoil: inDatabase((path) => {
      const database = new DatabaseSync(path);
      database.exec("PRAGMA user_version = 99");
      database.close();
    }),
    code: "newer",
    sentence: /the store in .* has schema 99, .* needs a newer IPCloud/,
  },
];

/** Opens a data folder without making an account. @throws what keeps it from being opened. */
async function useFolder(home: string): Promise<void> {
  const opened = await openVault(home);
  try {
    await opened.vault.drive.list("/");
  } finally {
    await opened.close();
  }
}

describe("a data folder with", () => {
  for (const size of ["small", "large"] as const) {
    it(`a ${size} drive says what is wrong with its files, and is whole when they are back`, async function () {
      this.timeout(30_000);
      await inTemporaryFolder(async (folder) => {
        const home = join(folder, "home");
        const content = seededBytes(3, size === "small" ? 300 : 300_000);
        const first = await openVault(home);
        await first.vault.drive.write({ path: "/kept" }, content);
        await first.close();
        for (const { name, spoil, code, sentence } of cases) {
          const spoilt = join(folder, "spoilt");
          cpSync(home, spoilt, { recursive: true });
          spoil(spoilt);
          for (const again of ["at once", "again"]) {
            await assert.rejects(useFolder(spoilt), (error: unknown) => {
              assert.ok(isCloudError(error, code), `${name}, ${again}: ${String(error)}`);
              assert.match(error.message, sentence, name);
              return true;
            });
          }
          // Nothing was made worse: with its files back it is the drive that it was.
          cpSync(join(home, "store.db"), join(spoilt, "store.db"));
          rmSync(join(spoilt, "keystore"), { recursive: true, force: true });
          cpSync(join(home, "keystore"), join(spoilt, "keystore"));
          rmSync(join(spoilt, "store.db-wal"), { force: true });
          const mended = await openVault(spoilt);
          assert.deepEqual(await mended.vault.drive.read("/kept", {}), content, name);
          assert.equal((await mended.vault.drive.verify(quietCall)).ok, true, name);
          await mended.close();
          rmSync(spoilt, { recursive: true });
        }
      });
    });
  }

  it("a keystore that is put back opens it, without another node", async () => {
    await inTemporaryFolder(async (home) => {
      const open = await openVault(home);
      const { vault } = open;
      await vault.drive.write({ path: "/kept" }, toUtf8("kept"));
      await vault.lock();
      const path = join(home, "keystore");
      const keystore = readFileSync(path);
      writeFileSync(path, "garbage");
      await assert.rejects(vault.unlock(testKey), (error) => isCloudError(error, "damaged"));
      rmSync(path);
      await vault.look();
      assert.equal(vault.state, "no-account");
      await assert.rejects(vault.unlock(testKey), (error) => isCloudError(error, "damaged"));
      writeFileSync(path, keystore);
      await vault.look();
      assert.equal(vault.state, "locked");
      await vault.unlock(testKey);
      assert.deepEqual(await vault.drive.read("/kept", {}), toUtf8("kept"));
      await open.close();
    });
  });

  it("settings that are damaged opens with the default ones and says so", async () => {
    await inTemporaryFolder(async (home) => {
      const first = await openVault(home);
      await first.vault.setSettings({ versionWindowSeconds: 77 });
      await first.close();
      const database = new DatabaseSync(join(home, "store.db"));
      database.exec("UPDATE setting SET value = x'00' WHERE name = 'settings'");
      database.close();
      const second = await openVault(home);
      assert.equal(second.vault.settings.versionWindowSeconds, 10);
      assert.match(second.vault.notices.join(), /the settings of the drive can't be opened/);
      await second.close();
    });
  });

  it("a wrong key or passphrase is not opened, whatever was tried before", async function () {
    this.timeout(30_000);
    await inTemporaryFolder(async (home) => {
      const first = await openVault(home);
      await first.vault.setSecret(testKey, { kind: "passphrase", passphrase: "right" });
      await first.close();
      const wrong = [
        { kind: "passphrase", passphrase: "wrong" },
        { kind: "passphrase", passphrase: "right " },
        { kind: "editor", key: new Uint8Array(32) },
      ] as const;
      for (const secret of wrong) {
        await assert.rejects(openVault(home, { secret }), (error: unknown) =>
          isCloudError(error, "wrong-passphrase"),
        );
      }
      await (
        await openVault(home, { secret: { kind: "passphrase", passphrase: "right" } })
      ).close();
    });
  });
});

describe("a spoilt data folder on the command line", function () {
  this.timeout(60_000);
  let cli: BuiltDrives;
  before(async () => {
    cli = await openBuiltDrives();
    await cli.init("main");
    await cli.run("main", ["put", "-", "/a"], { stdin: "a" });
    await cli.text("main", "node", "stop");
  });
  after(() => cli.remove());

  const refused = async (
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number | null; code: string; message: string }> => {
    const { status, stdout, stderr } = await cli.run(name, [...args, "--json"], { env });
    assert.equal(stdout.length, 0);
    const told = JSON.parse(stderr) as { error: { code: string; message: string } };
    return { status, ...told.error };
  };

  it("ends with the exit status of the table, and works when the files are back", async () => {
    const home = cli.home("main");
    for (const name of ["store.db", "keystore"]) {
      const whole = readFileSync(join(home, name));
      writeFileSync(join(home, name), seededBytes(1, 20_000));
      const { status, code } = await refused("main", ["ls"]);
      assert.deepEqual([status, code], [6, "damaged"], name);
      await cli.run("main", ["node", "stop"]);
      writeFileSync(join(home, name), whole);
    }
    assert.equal(await cli.text("main", "cat", "/a"), "a");
  });

  it("names the word that is misspelled, and makes nothing", async () => {
    const words = readFileSync(join(cli.folder, "main.words"), "utf8").trim().split(" ");
    const given: readonly (readonly [string, RegExp])[] = [
      [words.with(4, "abandom").join(" "), /word 5, "abandom", is not in the list.*abandon/],
      [words.slice(1).join(" "), /expected 24 words, got 23/],
      ["abandon ".repeat(24), /these 24 words don't belong together/],
      ["", /expected 24 words, got 0/],
    ];
    for (const [text, sentence] of given) {
      writeFileSync(join(cli.folder, "given.words"), text);
      const { status, code, message } = await refused("other", [
        "init",
        "--words-in",
        join(cli.folder, "given.words"),
      ]);
      assert.deepEqual([status, code], [2, "usage"]);
      assert.match(message, sentence);
    }
    const status = (await cli.json("other", "status")) as { state: string };
    assert.equal(status.state, "no-account");
  });

  it("is a file, or lies where nothing can be made", async () => {
    writeFileSync(join(cli.folder, "file"), "");
    for (const home of [
      join(cli.folder, "file"),
      join(cli.folder, "file", "below"),
      "/proc/none",
    ]) {
      const { status, message } = await refused("none", ["node", "start"], { IPCLOUD_HOME: home });
      assert.equal(status, 7);
      assert.ok(message.includes(home), message);
    }
  });
});
