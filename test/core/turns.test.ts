import assert from "node:assert/strict";
import { Turns } from "../../src/node/core/turns.ts";

/** Things that can be asked for a turn, begun and ended by hand. */
function makeThings(turns: Turns) {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  return {
    begun,
    ask: (name: string): Promise<string> => {
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return turns.take(() => {
        begun.push(name);
        return end.promise;
      });
    },
    end: (name: string): void => ends.get(name)?.resolve(`${name} done`),
    fail: (name: string): void => ends.get(name)?.reject(new Error(`${name} failed`)),
  };
}

describe("Turns", () => {
  it("begins the first at once and each other when the one before has ended", async () => {
    const turns = new Turns();
    const { begun, ask, end } = makeThings(turns);
    const [a, b, c] = [ask("a"), ask("b"), ask("c")];
    assert.deepEqual(begun, ["a"]);
    end("b"); // done as soon as it is begun
    end("a");
    assert.deepEqual(await Promise.all([a, b]), ["a done", "b done"]);
    assert.deepEqual(begun, ["a", "b", "c"]);
    assert.equal(turns.isIdle, false);
    end("c");
    await c;
    assert.equal(turns.isIdle, true);
  });

  it("lets nobody pass who comes while the place is handed on", async () => {
    const { begun, ask, end } = makeThings(new Turns());
    const a = ask("a");
    const b = ask("b");
    end("a");
    const late = a.then(() => ask("late"));
    end("b");
    end("late");
    await b;
    setImmediate(() => {
      end("late");
    });
    assert.equal(await late, "late done");
    assert.deepEqual(begun, ["a", "b", "late"]);
  });

  it("goes on after a failure, which only who asked for it is told", async () => {
    const turns = new Turns();
    const { ask, end, fail } = makeThings(turns);
    const [a, b] = [ask("a"), ask("b")];
    fail("a");
    end("b");
    await assert.rejects(a, { message: "a failed" });
    assert.equal(await b, "b done");
    await turns.settled();
  });

  it("lets as many be under way as are allowed", async () => {
    const { begun, ask, end } = makeThings(new Turns(2));
    const all = ["a", "b", "c", "d"].map(ask);
    assert.deepEqual(begun, ["a", "b"]);
    end("b");
    await all[1];
    assert.deepEqual(begun, ["a", "b", "c"]);
    for (const name of ["a", "c", "d"]) end(name);
    await Promise.all(all);
    assert.deepEqual(begun, ["a", "b", "c", "d"]);
  });

  it("tells when nothing waits, and when nothing is under way", async () => {
    const turns = new Turns(2);
    const { ask, end } = makeThings(turns);
    const all = ["a", "b", "c"].map(ask);
    const told: string[] = [];
    const room = turns.room().then(() => told.push("room"));
    const settled = turns.settled().then(() => told.push("settled"));
    await new Promise(setImmediate);
    assert.deepEqual(told, []);
    end("b");
    await room;
    assert.deepEqual(told, ["room"]);
    end("a");
    end("c");
    await Promise.all([...all, settled]);
    assert.deepEqual(told, ["room", "settled"]);
    await turns.room();
    await turns.settled();
  });
});
