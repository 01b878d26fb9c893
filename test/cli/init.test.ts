import assert from "node:assert/strict";
import { access, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import type { Params } from "../../src/node/rpc/contract.ts";
import { type Answers, type Call, type Ran, run } from "./run-in-test.ts";

const words = Array.from({ length: 24 }, (_, i) => `word${(i + 1).toString()}`);
const account = "ipc-abc";

const fresh: Answers = {
  status: () => ({ pid: 1, home: "/h", state: "no-account", version: "0.1.0", notices: [] }),
  createAccount: (params) =>
    params.words === undefined ? { account, words: words.join(" ") } : { account },
  confirmWords: () => ({}),
};

/** The request that made the account. */
const made = ({ calls }: Ran): Call =>
  calls.find(({ name }) => name === "createAccount") ?? assert.fail();
/** Whether the words were confirmed, and the process that takes the place of the one before waited for. */
const isConfirmed = ({ calls }: Ran): boolean =>
  calls.at(-2)?.name === "confirmWords" && calls.at(-1)?.name === "status";

describe("making a drive on the command line", () => {
  let folder: string;
  let env: Record<string, string>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ipcloud-cli-"));
    env = { IPCLOUD_PASSPHRASE_FILE: join(folder, "passphrase") };
    await writeFile(join(folder, "passphrase"), "a passphrase\n", { mode: 0o600 });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("--words-out writes the words to a new file for this user alone, and shows them nowhere", async () => {
    const ran = await run(["init", "--words-out", "words", "--json"], {
      answers: fresh,
      env,
      cwd: folder,
    });
    assert.equal(ran.status, 0);
    const file = join(folder, "words");
    assert.deepEqual(JSON.parse(ran.stdout), { account, home: "/h", wordsFile: file });
    assert.equal(await readFile(file, "utf8"), `${words.join(" ")}\n`);
    if (process.platform !== "win32") assert.equal((await stat(file)).mode & 0o777, 0o600);
    const params = made(ran).params as Params<"createAccount">;
    assert.deepEqual(params.secret, { passphrase: "a passphrase" });
    assert.equal(params.words, undefined);
    const confirmed = { name: "confirmWords", params: { secret: params.secret, account } };
    assert.deepEqual(ran.calls.at(-2), confirmed);
    assert.equal(isConfirmed(ran), true);
  });

  it("--words-out never writes over a file, and then makes no account", async () => {
    await writeFile(join(folder, "words"), "precious");
    const ran = await run(["init", "--words-out", "words"], { answers: fresh, env, cwd: folder });
    assert.equal(ran.status, 5);
    assert.equal(await readFile(join(folder, "words"), "utf8"), "precious");
    assert.deepEqual(
      ran.calls.map(({ name }) => name),
      ["status"],
    );
  });

  it("no file of words is left if no account was made", async () => {
    const createAccount = () => {
      throw new CloudError("storage-full", "the disk is full");
    };
    const answers = { ...fresh, createAccount };
    const ran = await run(["init", "--words-out", "words"], { answers, env, cwd: folder });
    assert.equal(ran.status, 7);
    await assert.rejects(access(join(folder, "words")));
  });

  it("--words-in takes words however they are spaced", async () => {
    await writeFile(join(folder, "words"), `  ${words.join("\n\t ")}\n\n`);
    const ran = await run(["init", "--words-in", "words", "--device", "attic", "--json"], {
      answers: fresh,
      env,
      cwd: folder,
    });
    assert.deepEqual(JSON.parse(ran.stdout), { account, home: "/h" });
    const params = made(ran).params as Params<"createAccount">;
    assert.equal(params.words, words.join(" "));
    assert.equal(params.device, "attic");
    assert.equal(isConfirmed(ran), false, "there is nothing to confirm");
  });

  it("without a terminal and without a file the result holds the words", async () => {
    const ran = await run(["init", "--json"], { answers: fresh, env });
    assert.deepEqual(JSON.parse(ran.stdout), { account, home: "/h", words: words.join(" ") });
    assert.equal(isConfirmed(ran), true);
    assert.match((await run(["init"], { answers: fresh, env })).stdout, /^words {4}word1 word2 /m);
  });

  it("without a passphrase and nobody to ask, no account is made", async () => {
    const ran = await run(["init", "--json"], { answers: fresh });
    assert.equal(ran.status, 4);
    assert.deepEqual(
      ran.calls.map(({ name }) => name),
      ["status"],
    );
  });

  it("no account is made with a passphrase of fewer than ten characters", async () => {
    for (const short of ["x", "nine char", "e\u0301".repeat(9)]) {
      await writeFile(join(folder, "passphrase"), short);
      const ran = await run(["init", "--words-out", "words"], { answers: fresh, env, cwd: folder });
      assert.equal(ran.status, 2);
      assert.match(ran.stderr, /^ipcloud: a new passphrase needs at least 10 characters/);
      assert.doesNotMatch(ran.stderr, /nine char/);
      assert.deepEqual(
        ran.calls.map(({ name }) => name),
        ["status"],
      );
    }
    await writeFile(join(folder, "passphrase"), "\u{1f9ff}".repeat(10));
    assert.equal((await run(["init"], { answers: fresh, env })).status, 0);
  });

  it("a data folder that has an account keeps it", async () => {
    const status = () => ({
      pid: 1,
      home: "/h",
      state: "locked" as const,
      account,
      version: "0.1.0",
      notices: [],
    });
    const ran = await run(["init"], { answers: { ...fresh, status }, env });
    assert.equal(ran.status, 5);
    assert.deepEqual(
      ran.calls.map(({ name }) => name),
      ["status"],
    );
  });

  it("on a terminal the words are shown on the alternate screen and three are asked for", async () => {
    const asked: number[] = [];
    const ran = await run(["init", "--json"], {
      answers: fresh,
      terminal: true,
      typed: (question) => {
        if (/passphrase: |same again: /.test(question)) return "a secret one";
        const place = /Word (\d+): /.exec(question)?.[1];
        if (place === undefined) return "";
        asked.push(Number(place));
        return words[Number(place) - 1];
      },
    });
    assert.equal(ran.status, 0);
    assert.equal(new Set(asked).size, 3);
    assert.deepEqual(JSON.parse(ran.stdout), { account, home: "/h" });
    const screens = ran.stderr.split("\u001b[?1049h");
    assert.equal(screens.length, 2);
    const [shown = "", afterwards = ""] = (screens[1] ?? "").split("\u001b[?1049l");
    for (const word of words) assert.match(shown, new RegExp(`\\b${word}\\b`));
    const others = words.filter((_, i) => !asked.includes(i + 1));
    for (const word of others)
      assert.doesNotMatch(`${screens[0] ?? ""}${afterwards}`, new RegExp(`\\b${word}\\b`));
    assert.doesNotMatch(ran.stderr, /a secret one/);
  });

  it("a wrong word shows them again", async () => {
    let wrong = 1;
    const ran = await run(["init"], {
      answers: fresh,
      terminal: true,
      typed: (question) => {
        if (/passphrase: |same again: /.test(question)) return "a secret one";
        const place = /Word (\d+): /.exec(question)?.[1];
        if (place === undefined) return "";
        return wrong-- > 0 ? "other" : words[Number(place) - 1];
      },
    });
    assert.equal(ran.status, 0);
    assert.match(ran.stderr, /That is not the word/);
    assert.equal(ran.stderr.split("\u001b[?1049h").length, 3);
  });

  it("confirms nothing where the person goes without having typed the words back", async () => {
    const ran = await run(["init"], {
      answers: fresh,
      terminal: true,
      typed: (question) =>
        /passphrase: |same again: /.test(question)
          ? "a secret one"
          : question.includes("Word ")
            ? undefined
            : "",
    });
    assert.notEqual(ran.status, 0);
    assert.equal(made(ran).name, "createAccount");
    assert.equal(isConfirmed(ran), false);
  });

  it("begins anew where nobody has confirmed the words and nothing was written, and not else", async () => {
    const status = (mayBeReplaced: boolean) => () => ({
      pid: 1,
      home: "/h",
      state: "locked" as const,
      version: "0.1.0",
      unconfirmed: { mayBeReplaced },
      notices: [],
    });
    const anew = await run(["init"], { answers: { ...fresh, status: status(true) }, env });
    assert.equal(anew.status, 0);
    assert.match(anew.stderr, /nobody has confirmed its words .* a new one takes its place/);
    const kept = await run(["init"], { answers: { ...fresh, status: status(false) }, env });
    assert.equal(kept.status, 5);
    assert.match(kept.stderr, /ipcloud words/);
  });
});

describe("showing the words of an account again", () => {
  let folder: string;
  let env: Record<string, string>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ipcloud-cli-"));
    env = { IPCLOUD_PASSPHRASE_FILE: join(folder, "passphrase") };
    await writeFile(join(folder, "passphrase"), "a passphrase\n", { mode: 0o600 });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const answers: Answers = {
    words: () => ({ words: words.join(" "), account }),
    confirmWords: () => ({}),
  };
  const secret = { passphrase: "a passphrase" };

  it("asks for the passphrase, shows them on the alternate screen and confirms them", async () => {
    const ran = await run(["words", "--json"], {
      answers,
      terminal: true,
      typed: (question) => {
        const place = /Word (\d+): /.exec(question)?.[1];
        if (question.includes("assphrase: ")) return "a passphrase";
        return place === undefined ? "" : words[Number(place) - 1];
      },
    });
    assert.equal(ran.status, 0);
    assert.deepEqual(JSON.parse(ran.stdout), { account });
    assert.match(ran.stderr, /word24/);
    assert.deepEqual(ran.calls, [
      { name: "words", params: { secret } },
      { name: "confirmWords", params: { secret, account } },
      { name: "status", params: {} },
    ]);
  });

  it("--out writes them to a new file, and to no other", async () => {
    const ran = await run(["words", "--out", "words"], { answers, env, cwd: folder });
    assert.equal(ran.status, 0);
    assert.equal(await readFile(join(folder, "words"), "utf8"), `${words.join(" ")}\n`);
    assert.equal(isConfirmed(ran), true);
    const again = await run(["words", "--out", "words"], { answers, env, cwd: folder });
    assert.equal(again.status, 5);
    assert.deepEqual(again.calls, []);
  });

  it("says so once they are confirmed, and leaves no file", async () => {
    const gone = () => {
      throw new CloudError("not-found", "the 24 words of this account are kept nowhere");
    };
    const ran = await run(["words", "--out", "words"], {
      answers: { words: gone },
      env,
      cwd: folder,
    });
    assert.equal(ran.status, 3);
    assert.match(ran.stderr, /kept nowhere/);
    await assert.rejects(access(join(folder, "words")));
  });
});
