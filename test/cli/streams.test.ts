import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import type { Params, Stat } from "../../src/node/rpc/contract.ts";
import { type Answers, run } from "./run-in-test.ts";

const MiB = 1 << 20;

const fileStat = (size: number, more: Partial<Stat> = {}): Stat => ({
  kind: "file",
  size,
  mtime: Date.UTC(2020, 0, 2, 3, 4, 5, 678),
  ctime: 0,
  mode: 0o755,
  version: "7-a1b2c3d4",
  ...more,
});

/** Bytes that tell where they stand. */
function numbered(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + (i >> 12)) & 0xff;
  return bytes;
}

/** A node that has one file `/f` and gives it in slices; every third slice comes late. */
function serving(content: Uint8Array, more: Answers = {}): Answers {
  let reads = 0;
  return {
    stat: () => fileStat(content.length),
    getFile: () => null,
    read: async ({ offset = 0, length = 0 }) => {
      if (++reads % 3 === 0) await new Promise(setImmediate);
      return content.subarray(offset, offset + length);
    },
    ...more,
  };
}

/** A node that takes uploads and keeps their hash and the largest part. */
function taking() {
  const taken = {
    hash: createHash("sha256"),
    bytes: 0,
    largest: 0,
    end: undefined as unknown,
    aborted: 0,
  };
  const take = (content: Uint8Array): void => {
    taken.hash.update(content);
    taken.bytes += content.length;
    taken.largest = Math.max(taken.largest, content.length);
  };
  const notFound = (): never => {
    throw new CloudError("not-found", "nothing there");
  };
  const answers: Answers = {
    stat: notFound,
    write: ({ content, ...rest }) => {
      take(content);
      taken.end = rest;
      return fileStat(taken.bytes);
    },
    // It runs where it sees no disk of the command line's.
    putFile: () => null,
    uploadBegin: () => ({ upload: 5 }),
    uploadPart: ({ upload, content }) => {
      assert.equal(upload, 5);
      take(content);
      return {};
    },
    uploadEnd: (params) => {
      taken.end = params;
      return fileStat(taken.bytes);
    },
    uploadAbort: () => {
      taken.aborted++;
      return {};
    },
  };
  return { taken, answers };
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("bytes in and out on the command line", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ipcloud-cli-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("put - streams chunks of any size in parts of 1 MiB", async () => {
    const content = numbered(5 * MiB + 12_345);
    const { taken, answers } = taking();
    const chunks = function* (): Generator<Uint8Array> {
      for (let at = 0, i = 1; at < content.length; i++) {
        const length = (i * 77_777) % 300_000;
        yield content.subarray(at, at + length);
        at += length;
      }
    };
    const { status } = await run(["put", "-", "/big"], { answers, stdin: chunks() });
    assert.equal(status, 0);
    assert.equal(taken.hash.digest("hex"), sha256(content));
    assert.equal(taken.largest, MiB);
    assert.deepEqual(taken.end, { path: "/big", parents: true, upload: 5 });
  });

  for (const size of [0, 1, MiB - 1, MiB, MiB + 1, 3 * MiB]) {
    it(`put and get keep ${size.toString()} bytes, the time and the mode`, async () => {
      const content = numbered(size);
      const source = join(folder, "source");
      await writeFile(source, content);
      await chmod(source, 0o640);
      await utimes(source, 1_500_000_000.25, 1_500_000_000.25);
      const { taken, answers } = taking();
      assert.equal((await run(["put", source, "/f"], { answers })).status, 0);
      assert.equal(taken.hash.digest("hex"), sha256(content));
      const { mode, mtime, path } = taken.end as Params<"write">;
      assert.deepEqual(
        { mode, mtime, path },
        { mode: 0o640, mtime: 1_500_000_000_250, path: "/f" },
      );

      const dest = join(folder, "dest");
      assert.equal((await run(["get", "/f", dest], { answers: serving(content) })).status, 0);
      assert.deepEqual(new Uint8Array(await readFile(dest)), content);
      const got = await stat(dest);
      assert.equal(got.mode & 0o777, 0o755);
      assert.equal(Math.round(got.mtimeMs * 1000), Date.UTC(2020, 0, 2, 3, 4, 5, 678) * 1000);
      assert.deepEqual((await readdir(folder)).sort(), ["dest", "source"]);
    });
  }

  it("put and get have the node read and write what is large, if it sees the same place", async () => {
    const source = join(folder, "source");
    await writeFile(source, numbered(2 * MiB));
    await chmod(source, 0o640);
    const { dev, ino } = await stat(source);
    const putFile = (): Stat => fileStat(2 * MiB);
    const put = await run(["put", source, "/f"], { answers: { ...taking().answers, putFile } });
    assert.equal(put.status, 0, put.stderr);
    assert.deepEqual(put.calls.at(-1), {
      name: "putFile",
      params: { path: "/f", parents: true, source, seen: `${dev.toString()}:${ino.toString()}` },
    });

    const here = await stat(folder);
    const seen = `${here.dev.toString()}:${here.ino.toString()}`;
    const asked = { answers: serving(numbered(2 * MiB), { getFile: () => ({}) }), cwd: folder };
    const get = await run(["get", "/f", "dest"], asked);
    assert.equal(get.status, 0, get.stderr);
    const params = { path: "/f", version: "7-a1b2c3d4", dest: join(folder, "dest"), seen };
    assert.deepEqual(get.calls.at(-1), { name: "getFile", params });

    const full = serving(numbered(2 * MiB), { getFile: () => ({ failed: "ENOSPC" }) });
    const failed = await run(["get", "/f", "dest"], { answers: full, cwd: folder });
    assert.equal(failed.status, 7);
    assert.match(failed.stderr, /can't write ".*dest": the disk is full/);
    assert.equal(failed.calls.at(-1)?.name, "getFile");
  });

  it("put goes into a folder under the file's own name", async () => {
    await writeFile(join(folder, "a.txt"), "a");
    const folderThere = { ...taking().answers, stat: () => fileStat(0, { kind: "folder" }) };
    for (const [to, answers] of [
      ["/d", folderThere],
      ["/new/", taking().answers],
    ] as const) {
      const { calls } = await run(["put", "a.txt", to], { answers, cwd: folder });
      const { path } = calls.at(-1)?.params as Params<"write">;
      assert.equal(path, `${to.replace(/\/$/, "")}/a.txt`);
    }
  });

  it("put --base sends the version that must be current", async () => {
    await writeFile(join(folder, "a"), "a");
    for (const [typed, base] of [
      ["3-a1b2c3d4", "3-a1b2c3d4"],
      ["none", null],
    ] as const) {
      const { taken, answers } = taking();
      await run(["put", "--base", typed, "a", "/a"], { answers, cwd: folder });
      assert.equal((taken.end as Params<"write">).base, base);
    }
  });

  it("put of a folder or of nothing says so, before anything is sent", async () => {
    const wrong = await run(["put", folder, "/x", "--json"]);
    assert.equal(wrong.status, 5);
    assert.match(wrong.stderr, /is-a-folder.*ipcloud import/);
    const missing = await run(["put", join(folder, "none"), "/x", "--json"]);
    assert.equal(missing.status, 3);
    assert.deepEqual([...wrong.calls, ...missing.calls], []);
  });

  it("an upload that is cancelled is withdrawn from the node", async () => {
    const { taken, answers } = taking();
    const controller = new AbortController();
    const uploadPart = (): Record<string, never> => {
      controller.abort();
      return {};
    };
    const { status } = await run(["put", "-", "/big"], {
      answers: { ...answers, uploadPart },
      stdin: [numbered(3 * MiB)],
      signal: controller.signal,
    });
    assert.equal(status, 130);
    assert.equal(taken.aborted, 1);
    assert.equal(taken.end, undefined);
  });

  it("cat gives the bytes in order, by the version that it found", async () => {
    const content = numbered(17 * MiB + 3);
    const answers = serving(content);
    const ran = await run(["get", "/f", join(folder, "out")], { answers });
    assert.equal(ran.status, 0);
    assert.equal(sha256(await readFile(join(folder, "out"))), sha256(content));
    const reads = ran.calls.filter(({ name }) => name === "read");
    assert.equal(reads.length, 5);
    for (const { params } of reads) assert.equal((params as Params<"read">).version, "7-a1b2c3d4");
    const text = await run(["cat", "/f", "/f"], {
      answers: serving(new TextEncoder().encode("añb")),
    });
    assert.equal(text.stdout, "añbañb");
  });

  it("a folder does not go out by cat or get", async () => {
    const answers = { stat: () => fileStat(0, { kind: "folder" }) };
    for (const args of [
      ["cat", "/d"],
      ["get", "/d", folder],
    ]) {
      const { status, stderr } = await run(args, { answers });
      assert.equal(status, 5);
      assert.match(stderr, /ipcloud export/);
    }
  });

  it("content that is shorter than its record is damage, and get leaves nothing behind", async () => {
    const dest = join(folder, "dest");
    await writeFile(dest, "what was there");
    const answers = { ...serving(numbered(100)), stat: () => fileStat(200) };
    const { status } = await run(["get", "/f", dest], { answers });
    assert.equal(status, 6);
    assert.equal(await readFile(dest, "utf8"), "what was there");
    assert.deepEqual(await readdir(folder), ["dest"]);
  });

  it("a damaged part in the middle ends with its error", async () => {
    const answers = serving(numbered(20 * MiB), {
      read: ({ offset = 0, length = 0 }) => {
        if (offset >= 8 * MiB) throw new CloudError("damaged", "the block bafk is damaged");
        return new Uint8Array(length);
      },
    });
    const { status, stderr } = await run(["get", "/f", join(folder, "x")], { answers });
    assert.equal(status, 6);
    assert.equal(stderr, "ipcloud: the block bafk is damaged\n");
    assert.deepEqual(await readdir(folder), []);
  });

  it("get into a folder keeps the name, and one that is not there is told", async () => {
    const answers = serving(numbered(10));
    await mkdir(join(folder, "d"));
    assert.equal((await run(["get", "/x/f.txt", "d"], { answers, cwd: folder })).status, 0);
    assert.deepEqual(await readdir(join(folder, "d")), ["f.txt"]);
    assert.equal((await run(["get", "/f", "none/f"], { answers, cwd: folder })).status, 3);
  });

  it("get keeps a time before 1970", async () => {
    const mtime = Date.UTC(1955, 10, 5);
    const answers = serving(numbered(9), { stat: () => fileStat(9, { mtime }) });
    assert.equal((await run(["get", "/f", "old"], { answers, cwd: folder })).status, 0);
    assert.equal((await stat(join(folder, "old"))).mtimeMs, mtime);
  });

  it("get writes nothing into the data folder", async () => {
    const home = join(folder, "home");
    await mkdir(join(home, "segments"), { recursive: true });
    await writeFile(join(home, "keystore"), "secret");
    await symlink(home, join(folder, "link"));
    const answers = serving(numbered(9));
    for (const dest of ["home", "home/keystore", "home/segments/x", "link", "link/keystore"]) {
      const { status } = await run(["get", "/keystore", dest], { answers, cwd: folder, home });
      assert.equal(status, 2, dest);
    }
    assert.equal(await readFile(join(home, "keystore"), "utf8"), "secret");
    assert.deepEqual((await readdir(home)).sort(), ["keystore", "segments"]);
  });

  it("get writes into a pipe that stands there, and leaves it one", async function () {
    if (process.platform === "win32") this.skip();
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const content = numbered(MiB);
    const reading = readFile(pipe);
    const ran = await run(["get", "/f", pipe], { answers: serving(content) });
    assert.deepEqual([ran.status, ran.stdout], [0, ""]);
    assert.equal(sha256(await reading), sha256(content));
    assert.ok((await stat(pipe)).isFIFO());
  });

  it("get takes what ends with a slash for a folder", async () => {
    const answers = serving(numbered(9));
    await writeFile(join(folder, "file"), "");
    for (const [dest, exit] of [
      ["none/", 3],
      ["file/", 5],
      ["./", 0],
    ] as const) {
      assert.equal((await run(["get", "/f", dest], { answers, cwd: folder })).status, exit, dest);
    }
    assert.deepEqual((await readdir(folder)).sort(), ["f", "file"]);
  });
});
