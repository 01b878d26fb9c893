import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import type { VersionNode } from "../../src/extension/timeline/timeline-nodes.ts";
import { readTimeline, type Timeline } from "../../src/extension/timeline/timeline-source.ts";
import { CachedDrive } from "../../src/provider/memory/cached-drive.ts";
import { fill, MemoryNode } from "../support/memory-node.ts";

let node: MemoryNode;

beforeEach(() => {
  node = new MemoryNode();
  fill(node, "/real", ["a.md"]);
});

function read(path: string): Promise<Timeline> {
  return readTimeline({ node, drive: new CachedDrive(node) }, path, 10);
}

function versions({ items }: Timeline): VersionNode[] {
  return items.map(({ at }) => at("now")).filter((item) => item.type === "version");
}

describe("what a timeline shows", () => {
  it("is the history of a file, newest first", async () => {
    node.put("/real/a.md", "longer text of a.md");
    const timeline = await read("/real/a.md");
    assert.equal(timeline.stands, true);
    assert.deepEqual(
      versions(timeline).map(({ version }) => [version.size, version.current]),
      [
        [19, true],
        [12, false],
      ],
    );
  });

  it("is the history of what a link leads to, at its end and above", async () => {
    node.link("/folder", "real");
    node.link("/file", "real/a.md");
    for (const path of ["/folder/a.md", "/file"]) {
      const timeline = await read(path);
      assert.equal(timeline.place, "/real/a.md");
      assert.deepEqual(
        versions(timeline).map((item) => [item.path, item.place, item.version.path]),
        [[path, "/real/a.md", "/real/a.md"]],
      );
    }
  });

  it("is still there when the file is not", async () => {
    node.remove("/real/a.md");
    const timeline = await read("/real/a.md");
    assert.equal(timeline.stands, false);
    assert.deepEqual(
      versions(timeline).map(({ stands, version }) => [stands, version.current]),
      [[false, false]],
    );
  });
});
