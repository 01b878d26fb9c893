import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { holds, manifest } from "./manifest.ts";

const states = ["idle", "connecting", "unavailable", "no-account", "locked", "unlocked"];

describe("what package.json says to the editor", () => {
  it("welcomes in each state of the drive by one text", () => {
    for (const state of states) {
      const context = { "ipcloud.state": state };
      const texts = manifest.contributes.viewsWelcome.filter(
        ({ view, when }) => view !== "ipcloud.find" && holds(when, context),
      );
      assert.equal(texts.length, 1, state);
    }
  });

  it("offers to start a node that has stopped", () => {
    const context = { "ipcloud.state": "idle" };
    const text = manifest.contributes.viewsWelcome.find(
      ({ view, when }) => view !== "ipcloud.find" && holds(when, context),
    );
    assert.match(text?.contents ?? "", /has stopped.*\(command:ipcloud\.retry\)/s);
  });

  it("keeps what can be done in the palette while the node is stopped or the drive locked", () => {
    const names = ["importFolder", "exportFolder", "verify", "showJournal", "showRemovedFiles"];
    for (const name of names) {
      const entry = manifest.contributes.menus["commandPalette"]?.find(
        ({ command }) => command === `ipcloud.${name}`,
      );
      for (const state of states) {
        const isOffered = holds(entry?.when ?? "", { "ipcloud.state": state });
        assert.equal(isOffered, state !== "no-account", `${name} ${state}`);
      }
    }
  });

  it("leads a beginner by commands and pictures that there are", () => {
    const known = new Set(manifest.contributes.commands.map(({ command }) => command));
    const steps = manifest.contributes.walkthroughs.flatMap((each) => each.steps);
    assert.ok(steps.length > 0);
    for (const { description, media, completionEvents } of steps) {
      const named = [...description.matchAll(/command:([\w.]+)/gu)].map(([, name = ""]) => name);
      assert.ok(named.length > 0, description);
      const awaited = completionEvents.flatMap(
        (event) => /^onCommand:(.*)$/u.exec(event)?.[1] ?? [],
      );
      for (const command of [...named, ...awaited]) assert.ok(known.has(command), command);
      assert.ok(existsSync(join(import.meta.dirname, "../..", media.markdown)), media.markdown);
    }
  });

  it("names in its menus only commands that there are", () => {
    const known = new Set(manifest.contributes.commands.map(({ command }) => command));
    for (const { command } of Object.values(manifest.contributes.menus).flat())
      assert.ok(known.has(command), command);
  });
});
