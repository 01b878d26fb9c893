import assert from "node:assert/strict";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import type { FileVersion, ListItem, Status } from "../../src/node/rpc/contract.ts";
import { run } from "./run-in-test.ts";

const noon = Date.UTC(2026, 2, 1, 12, 0, 0, 123);

const item = (name: string, more: Partial<ListItem> = {}): ListItem => ({
  name,
  kind: "file",
  size: 1536,
  mtime: noon + 0.456,
  ctime: noon,
  mode: 0o644,
  version: "12-a1b2c3d4",
  ...more,
});

const version = (number: number, more: Partial<FileVersion> = {}): FileVersion => ({
  version: `${number.toString()}-a1b2c3d4`,
  time: noon + number,
  device: "laptop",
  size: number,
  path: "/a.txt",
  current: false,
  saves: 1,
  ...more,
});

const status: Status = {
  pid: 4711,
  home: "/home/of/test",
  state: "unlocked",
  account: "ipc-abc",
  device: "laptop",
  revision: "12-a1b2c3d4",
  version: "0.1.0",
  notices: [],
};

describe("looking at the drive", () => {
  it("ls --json has names, kinds, sizes and ISO times with milliseconds", async () => {
    const items = [item("a.txt"), item("sub", { kind: "folder", size: 0, version: "" })];
    const { stdout, calls } = await run(["ls", "--json", "/x", "--at", "2 days ago"], {
      answers: { list: () => items },
    });
    assert.deepEqual(calls[0]?.params, { path: "/x", at: "2 days ago" });
    const shared = { ctime: "2026-03-01T12:00:00.123Z", mtime: "2026-03-01T12:00:00.123Z" };
    assert.deepEqual(JSON.parse(stdout), [
      {
        name: "a.txt",
        kind: "file",
        size: 1536,
        mode: "0644",
        version: "12-a1b2c3d4",
        conflict: false,
        ...shared,
      },
      {
        name: "sub",
        kind: "folder",
        size: 0,
        mode: "0644",
        version: null,
        conflict: false,
        ...shared,
      },
    ]);
  });

  it("ls aligns sizes and marks folders and links", async () => {
    const items = [
      item("a"),
      item("b", { size: 10 }),
      item("c", { kind: "folder" }),
      item("d", { kind: "link" }),
    ];
    const { stdout } = await run(["ls"], { answers: { list: () => items } });
    const lines = stdout
      .split("\n")
      .map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, "TIME"));
    assert.deepEqual(lines, [
      "1.5 KiB  TIME  a",
      "   10 B  TIME  b",
      "      -  TIME  c/",
      "      -  TIME  d@",
      "",
    ]);
  });

  it("ls of a file lists that one file", async () => {
    const answers = {
      list: () => {
        throw new CloudError("not-a-folder", "/d/a.txt is a file");
      },
      stat: () => item("a.txt"),
    };
    const { stdout } = await run(["ls", "--json", "/d/a.txt"], { answers });
    assert.equal((JSON.parse(stdout) as ListItem[])[0]?.name, "a.txt");
  });

  it("a name can't command the terminal, and reaches a pipe as it is", async () => {
    const name = "a\u001b]0;owned\u0007\n\u202etxt.\u200b\u0085b";
    const answers = { list: () => [item(name)] };
    const shown = await run(["ls", "-1"], { answers, terminalOut: true });
    assert.equal(shown.stdout, "a\\x1b]0;owned\\x07\\n\\u{202e}txt.\\u{200b}\\x85b\n");
    assert.equal((await run(["ls", "-1"], { answers })).stdout, `${name}\n`);
  });

  it("an error's sentence can't command the terminal either", async () => {
    const answers = {
      list: () => {
        throw new CloudError("not-found", "no \u001b[2Jx");
      },
    };
    assert.equal((await run(["ls"], { answers })).stderr, "ipcloud: no \\x1b[2Jx\n");
  });

  it("colours are for terminals, and not with NO_COLOR", async () => {
    const answers = { list: () => [item("sub", { kind: "folder" })] };
    const coloured = await run(["ls", "-1"], { answers, terminalOut: true });
    assert.equal(coloured.stdout, "sub\n");
    const long = await run(["ls"], { answers, terminalOut: true });
    assert.match(long.stdout, /\u001b\[34msub\u001b\[39m\//);
    const env = { NO_COLOR: "1" };
    assert.match((await run(["ls"], { answers, terminalOut: true, env })).stdout, / {2}sub\/\n$/);
    assert.match((await run(["ls"], { answers })).stdout, / {2}sub\/\n$/);
  });

  it("tree draws a folder and what is below it, to a depth", async () => {
    const answers = {
      list: ({ path }: { path: string }) =>
        path === "/" ? [item("a", { kind: "folder" }), item("z")] : [item("b", { kind: "folder" })],
    };
    const { stdout } = await run(["tree", "--depth", "2"], { answers });
    assert.equal(stdout, "/\n├── a/\n│   └── b/\n└── z\n\n2 folders, 1 file\n");
    const json = JSON.parse(
      (await run(["tree", "--json", "--depth", "2"], { answers })).stdout,
    ) as {
      name: string;
      children?: { name: string; children?: unknown }[];
    }[];
    assert.deepEqual(
      json.map(({ name, children }) => [
        name,
        children?.map((child) => [child.name, child.children]),
      ]),
      [
        ["a", [["b", undefined]]],
        ["z", undefined],
      ],
    );
  });

  it("log --json keeps the node's order and gives times that --at understands", async () => {
    const versions = [version(3, { current: true, saves: 4 }), version(2)];
    const { stdout, calls } = await run(["log", "a.txt", "--json"], {
      answers: { log: () => versions },
    });
    // The node's own limit must not cut what a script asked for.
    assert.deepEqual(calls[0]?.params, { path: "/a.txt", limit: Number.MAX_SAFE_INTEGER });
    const shared = { device: "laptop", path: "/a.txt" };
    assert.deepEqual(JSON.parse(stdout), [
      {
        version: "3-a1b2c3d4",
        time: "2026-03-01T12:00:00.126Z",
        size: 3,
        current: true,
        saves: 4,
        ...shared,
      },
      {
        version: "2-a1b2c3d4",
        time: "2026-03-01T12:00:00.125Z",
        size: 2,
        current: false,
        saves: 1,
        ...shared,
      },
    ]);
  });

  it("status --json tells of a drive that is open, locked or not there", async () => {
    const json = async (answer: Status): Promise<Record<string, unknown>> => {
      const { stdout, status: exit } = await run(["status", "--json"], {
        answers: { status: () => answer },
      });
      assert.equal(exit, 0);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const open = await json(status);
    assert.equal(open["locked"], false);
    assert.equal(open["account"], "ipc-abc");
    assert.equal(open["revision"], "12-a1b2c3d4");
    assert.equal(open["pid"], 4711);
    assert.equal(open["home"], "/home/of/test");
    const { pid, home, version: build } = status;
    const none = await json({ pid, home, version: build, notices: [], state: "no-account" });
    assert.equal(none["account"], null);
    assert.equal(none["revision"], null);
    assert.equal(none["locked"], true);
  });

  it("status never unlocks", async () => {
    const env = { IPCLOUD_PASSPHRASE_FILE: "/nowhere" };
    const answers = { status: () => ({ ...status, state: "locked" as const }) };
    const { status: exit, calls } = await run(["status"], { answers, env });
    assert.equal(exit, 0);
    assert.deepEqual(
      calls.map(({ name }) => name),
      ["status"],
    );
  });

  it("verify ends with 6 unless all is sound, and still prints its one value", async () => {
    const sound = { ok: true, blocks: 7, damaged: [], problems: [] };
    const fine = await run(["verify", "--json"], { answers: { verify: () => sound } });
    assert.equal(fine.status, 0);
    assert.deepEqual(JSON.parse(fine.stdout), sound);
    const broken = { ...sound, ok: false, damaged: [{ cid: "bafk", paths: ["/a"] }] };
    const bad = await run(["verify", "--json"], { answers: { verify: () => broken } });
    assert.equal(bad.status, 6);
    assert.deepEqual(JSON.parse(bad.stdout), broken);
    assert.equal(bad.stderr, "");
    const told = await run(["verify"], { answers: { verify: () => broken } });
    assert.equal(told.stdout, "damaged bafk\n  /a\n7 blocks, not all sound\n");
  });

  it("gc --json has the freed bytes and blocks", async () => {
    const report = {
      freedBytes: 10,
      freedBlocks: 2,
      droppedVersions: 1,
      droppedRevisions: 0,
      thinnedStates: 0,
    };
    const { stdout, calls } = await run(["gc", "--json", "-n"], { answers: { gc: () => report } });
    assert.deepEqual(calls[0]?.params, { dryRun: true });
    assert.deepEqual(JSON.parse(stdout), report);
  });

  it("says once, beside the result, which state a moment shows if its own is not kept", async () => {
    const changed = { revision: "9-a1b2c3d4", time: Date.UTC(2026, 2, 1, 12, 3) };
    const shown = { revision: "5-a1b2c3d4", time: Date.UTC(2026, 2, 1, 11, 59) };
    const answers = { list: () => [item("a.txt")], shownAt: () => [{ changed, shown }] };
    const { stdout, stderr, calls } = await run(["ls", "/x", "--at", "2026-03-01T12:04"], {
      answers,
    });
    assert.match(stdout, /a\.txt/u);
    assert.match(stderr, /shown is that of 2026-03-01T11:59:00\.000Z \(5-a1b2c3d4\)/u);
    assert.equal(calls.filter(({ name }) => name === "shownAt").length, 1);
    const tagged = await run(["ls", "/x", "--at", "release"], { answers });
    assert.equal(tagged.stderr, "");
  });

  it("status tells what was freed last, and about what there is to be freed", async () => {
    const time = Date.UTC(2026, 2, 1, 12, 3);
    const last = { time, freedBytes: 5_242_880, thinnedStates: 7 };
    const kept = { ...status, housekeeping: { last, wouldFreeBytes: 2048 } };
    const answers = { status: () => kept };
    const { stdout } = await run(["status"], { answers });
    assert.match(stdout, /upkeep +freed 5\.0 MiB at 2026-03-01 .*; would free about 2\.0 KiB now/u);
    const json = JSON.parse((await run(["status", "--json"], { answers })).stdout) as {
      housekeeping: unknown;
    };
    const shown = { ...last, time: "2026-03-01T12:03:00.000Z" };
    assert.deepEqual(json.housekeeping, { last: shown, wouldFreeBytes: 2048 });
    const never = { ...status, housekeeping: { wouldFreeBytes: 0 } };
    const fresh = await run(["status"], { answers: { status: () => never } });
    assert.match(fresh.stdout, /upkeep +nothing freed yet; would free about 0 B now/u);
  });

  it("diff shows what was added, changed, removed and moved", async () => {
    const answers = {
      diff: () => [
        { type: "added", kind: "folder", path: "/n" } as const,
        { type: "changed", kind: "file", path: "/c" } as const,
        { type: "removed", kind: "file", path: "/r" } as const,
        { type: "moved", kind: "file", path: "/t", from: "/f" } as const,
      ],
    };
    const { stdout, calls } = await run(["diff", "a", "b", "--path", "x"], { answers });
    assert.deepEqual(calls[0]?.params, { from: "a", to: "b", path: "/x" });
    assert.equal(stdout, "+ /n/\n~ /c\n- /r\n> /t (from /f)\n");
  });

  it("show finds a revision by its id, a tag or any time", async () => {
    const revisions = [5, 4, 3, 2, 1].map((number) => ({
      revision: `${number.toString()}-a1b2c3d4`,
      time: noon + number * 1000,
      device: "laptop",
      tags: [],
    }));
    const after = (before?: string) => {
      const from = revisions.findIndex(({ revision }) => revision === before) + 1;
      return revisions.slice(from);
    };
    const tagged = (name: string, revision: string) => ({ name, revision, time: noon });
    const answers = {
      tags: () => [
        tagged("release-1", "2-a1b2c3d4"),
        tagged("merged", "4-a1b2c3d4+3-0badcafe"),
        tagged("gone", "9-0badcafe"),
      ],
      revisions: ({ before }: { before?: string }) => after(before).slice(0, 2),
      journal: ({ before }: { before?: string }) =>
        after(before)
          .slice(0, 1)
          .map((info) => ({ ...info, changes: [], more: false })),
    };
    const shown = async (...args: string[]): Promise<unknown> => {
      const { stdout } = await run(["show", "--json", ...args], { answers });
      return (JSON.parse(stdout) as { revision: string }).revision;
    };
    assert.equal(await shown(), "5-a1b2c3d4");
    assert.equal(await shown("5-a1b2c3d4"), "5-a1b2c3d4");
    assert.equal(await shown("3-a1b2c3d4"), "3-a1b2c3d4");
    assert.equal(await shown("release-1"), "2-a1b2c3d4");
    assert.equal(await shown("merged"), "4-a1b2c3d4");
    assert.equal(await shown("2026-03-01T12:00:03Z"), "3-a1b2c3d4");
    assert.equal(await shown("2026-03-01T12:00Z"), "5-a1b2c3d4");
    assert.equal(await shown("2026-03-02"), "5-a1b2c3d4");
    assert.equal(await shown("1 second ago"), "5-a1b2c3d4");
    const refused = async (wanted: string): Promise<string> => {
      const { status, stderr } = await run(["show", wanted], { answers });
      assert.equal(status, 3);
      return stderr;
    };
    assert.match(await refused("release-9"), /there is no revision "release-9"/);
    assert.match(await refused("2026-02-01"), /no revision is kept from before "2026-02/);
    assert.match(await refused("gone"), /the tag "gone" stands, but what its revision 9-0badcafe/);
  });

  it("a time without a zone is that of the command, not of the node", async () => {
    const answers = { list: () => [], diff: () => [], tag: () => ({ revision: "1-a1b2c3d4" }) };
    const zone = process.env["TZ"];
    process.env["TZ"] = "America/New_York";
    const sent = async (...args: string[]): Promise<unknown> =>
      (await run(args, { answers })).calls[0]?.params;
    try {
      for (const [typed, at] of [
        ["2026-01-31 12:00:05", "2026-01-31T17:00:05.999Z"],
        ["2026-07-31", "2026-08-01T03:59:59.999Z"],
        ["2026-01-31T12:00:05Z", "2026-01-31T12:00:05Z"],
        ["2026-02-30", "2026-02-30"],
        ["2 days ago", "2 days ago"],
        ["12-a1b2c3d4", "12-a1b2c3d4"],
        ["a tag", "a tag"],
      ]) {
        assert.deepEqual(await sent("ls", "--at", typed ?? ""), { path: "/", at });
      }
      assert.deepEqual(await sent("diff", "2026-01-31", "2026-02-01"), {
        from: "2026-02-01T04:59:59.999Z",
        to: "2026-02-02T04:59:59.999Z",
      });
      const { at } = (await sent("tag", "x", "--at", "yesterday")) as { at: string };
      assert.match(at, /T0[34]:59:59\.999Z$/);
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
  });

  it("settings shows all, shows one, and sets one among its neighbours", async () => {
    const settings = {
      versionWindowSeconds: 10,
      autoLockMinutes: 0,
      housekeepingMinutes: 2,
      compression: true,
      retention: { keepAllDays: 30, dailyDays: 90, weeklyWeeks: 52, monthlyMonths: 0 },
    };
    const answers = {
      getSettings: () => settings,
      setSettings: (params: { settings: object }) => ({ ...settings, ...params.settings }),
    };
    assert.deepEqual(JSON.parse((await run(["settings", "--json"], { answers })).stdout), settings);
    assert.equal((await run(["settings", "retention.keepAllDays"], { answers })).stdout, "30\n");
    const set = await run(["settings", "retention.keepAllDays", "90", "--json"], { answers });
    assert.deepEqual(JSON.parse(set.stdout), { key: "retention.keepAllDays", value: 90 });
    const retention = { ...settings.retention, keepAllDays: 90 };
    assert.deepEqual(set.calls.at(-1)?.params, { settings: { retention } });
    assert.equal((await run(["settings", "compression"], { answers })).stdout, "on\n");
    const off = await run(["settings", "compression", "off"], { answers });
    assert.equal(off.stdout, "off\n");
    assert.deepEqual(off.calls.at(-1)?.params, { settings: { compression: false } });
    const wrong = [["nope"], ["autoLockMinutes", "-1"], ["autoLockMinutes", "soon"]];
    for (const args of [...wrong, ["compression", "1"]]) {
      assert.equal((await run(["settings", "--", ...args], { answers })).status, 2);
    }
  });
});
