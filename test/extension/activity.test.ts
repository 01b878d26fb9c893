import assert from "node:assert/strict";
import { Activity, type Task } from "../../src/extension/tasks/activity.ts";
import type { Progress } from "../../src/node/rpc/contract.ts";

const bytes = (done: number, total: number): Progress => ({
  phase: "reading",
  done,
  total,
  unit: "bytes",
});

const never = (): never => assert.fail("was asked to give up");

describe("what takes long", () => {
  let now = 0;
  let changes = 0;
  let activity: Activity;
  beforeEach(() => {
    now = 0;
    changes = 0;
    activity = new Activity(
      () => now,
      () => changes++,
    );
  });
  const only = (): Task => activity.tasks[0] ?? assert.fail();

  it("tells how far it is, and how long it may take, until it says what came of it", () => {
    const task = activity.begin("Importing notes", never);
    assert.deepEqual([only().state, only().text, activity.running], ["running", "", 1]);
    task.progress(bytes(0, 0));
    assert.equal(only().text, "reading, 0 B");
    assert.equal(only().share, undefined);
    task.progress(bytes(0, 40 << 20));
    now = 2000;
    task.progress(bytes(10 << 20, 40 << 20));
    assert.equal(only().text, "reading, 10 MiB of 40 MiB, 6 s left");
    assert.equal(only().share, 0.25);
    task.progress(bytes(11 << 20, 0));
    assert.equal(only().share, undefined, "a total that is not known any more");
    task.end({ state: "incomplete", text: "9 files; 1 thing could not be", notes: ["why"] });
    assert.deepEqual([only().state, only().notes, activity.running], ["incomplete", ["why"], 0]);
    assert.equal(changes, 6);
  });

  it("is asked to give up once, and says itself when it has", () => {
    let cancelled = 0;
    const task = activity.begin("Exporting notes", () => cancelled++);
    activity.cancel(task.id);
    assert.deepEqual([only().state, cancelled, activity.running], ["cancelling", 1, 1]);
    task.end({ state: "cancelled", text: "The export was cancelled." });
    activity.cancel(task.id);
    assert.deepEqual([only().state, cancelled], ["cancelled", 1]);
  });

  it("stands newest first, and is forgotten when asked, but for what is under way", () => {
    const titles = (): string[] => activity.tasks.map(({ title }) => title);
    const first = activity.begin("one", never);
    activity.begin("two", never);
    activity.begin("three", never).end({ state: "done", text: "" });
    assert.deepEqual(titles(), ["three", "two", "one"]);
    activity.clear();
    assert.deepEqual(titles(), ["two", "one"]);
    first.end({ state: "failed", text: "" });
    for (let i = 0; i < 60; i++) activity.begin("more", never).end({ state: "done", text: "" });
    assert.equal(activity.tasks.length, 51);
    assert.ok(titles().includes("two"), "what is under way stays");
    assert.ok(!titles().includes("one"));
  });
});
