import assert from "node:assert/strict";
import { showProgress } from "../../src/node/cli/progress-bar.ts";
import { Pace, showSeconds } from "../../src/node/core/pace.ts";
import { showSize } from "../../src/node/core/show-size.ts";
import { type Answers, run } from "./run-in-test.ts";

const report = { files: 1, folders: 0, links: 0, bytes: 1, newer: 0, failed: 0, notes: [] };

describe("progress on the terminal", () => {
  it("shows the phase, a bar, the share and the amounts", () => {
    const files = { phase: "sealing", done: 1204, total: 2408, unit: "files" } as const;
    assert.equal(
      showProgress(files, 80),
      `sealing  [${"#".repeat(15)}${"-".repeat(15)}]  50%  1,204 of 2,408 files`,
    );
    const bytes = { phase: "sending", done: 3 << 20, total: 0, unit: "bytes" } as const;
    assert.equal(showProgress(bytes, 80), "sending  3.0 MiB");
  });

  it("tells how fast it goes on and how long that may take, once that is known", () => {
    const pace = new Pace();
    const at = (seconds: number, done: number, phase = "reading") => {
      const progress = { phase, done, total: 4000, unit: "files" } as const;
      return showProgress(progress, 100, pace.next(progress, 1000 * seconds)).replace(/^.*% /u, "");
    };
    assert.equal(at(0, 0), " 0 of 4,000 files");
    assert.equal(at(0.9, 400), " 400 of 4,000 files");
    assert.equal(at(2, 800), " 800 of 4,000 files  400/s  8 s left");
    assert.equal(
      at(13, 1000),
      " 1,000 of 4,000 files  18/s  3 min left",
      "of the last ten seconds",
    );
    assert.equal(at(30, 1000), " 1,000 of 4,000 files  0/s");
    assert.equal(at(31, 0, "sealing"), " 0 of 4,000 files", "a phase has a pace of its own");
    assert.equal(at(33, 4000, "sealing"), " 4,000 of 4,000 files  2,000/s");
    const bytes = { phase: "sending", done: 3 << 20, total: 0, unit: "bytes" } as const;
    assert.equal(showProgress(bytes, 80, { each: 1 << 20 }), "sending  3.0 MiB  1.0 MiB/s");
    assert.deepEqual([0.2, 59.4, 59.6, 3570, 7500].map(showSeconds), [
      "1 s",
      "59 s",
      "1 min",
      "1 h 0 min",
      "2 h 5 min",
    ]);
  });

  it("never is wider than the terminal, and never beyond 100%", () => {
    for (let columns = 1; columns < 100; columns++) {
      const progress = {
        phase: "checking",
        done: 12_345_678,
        total: 12_345_670,
        unit: "blocks",
      } as const;
      assert.ok(showProgress(progress, columns).length <= columns);
      if (columns > 60) assert.match(showProgress(progress, columns), / 100% /);
    }
  });

  it("is drawn while the node works and wiped before the result", async () => {
    const answers: Answers = {
      export: (_, { onProgress }) => {
        for (const done of [1, 1])
          onProgress?.({ phase: "writing", done, total: 4, unit: "files" });
        return report;
      },
    };
    const { stderr } = await run(["export", "/", "/tmp/x"], { answers, terminal: true });
    assert.match(stderr, /^\r\u001b\[Kwriting {2}\[#+-+\] {2}25% {2}1 of 4 files\r\u001b\[K$/);
    assert.equal((await run(["export", "/", "/tmp/x"], { answers })).stderr, "");
    const json = await run(["export", "/", "/tmp/x", "--json"], { answers, terminal: true });
    assert.equal(json.stderr, "");
    assert.deepEqual(JSON.parse(json.stdout), report);
  });

  it("sizes are told in binary units", () => {
    const sizes = [0, 1, 1023, 1024, 1536, 10 * 1024, 1024 * 1024 - 1, 230 << 20, 5 * 2 ** 40];
    assert.deepEqual(sizes.map(showSize), [
      "0 B",
      "1 B",
      "1023 B",
      "1.0 KiB",
      "1.5 KiB",
      "10 KiB",
      "1.0 MiB",
      "230 MiB",
      "5.0 TiB",
    ]);
  });
});
