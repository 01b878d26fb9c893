import assert from "node:assert/strict";
import { mock } from "node:test";
import { throttle } from "../../src/node/rpc/throttle.ts";

describe("throttle", () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  it("sends the first value at once and then the newest of each span", () => {
    const sent: number[] = [];
    const values = throttle<number>(100, (value) => sent.push(value));
    for (let value = 0; value < 30; value++) {
      values.push(value);
      mock.timers.tick(10);
    }
    assert.deepEqual(sent, [0, 9, 19, 29]);
    mock.timers.tick(1_000);
    values.push(30);
    assert.deepEqual(sent, [0, 9, 19, 29, 30]);
  });

  it("sends nothing after its end", () => {
    const sent: number[] = [];
    const values = throttle<number>(100, (value) => sent.push(value));
    values.push(1);
    values.push(2);
    values.end();
    values.push(3);
    mock.timers.tick(1_000);
    assert.deepEqual(sent, [1]);
  });
});
