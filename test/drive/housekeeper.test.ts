import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { Housekeeper } from "../../src/node/drive/housekeeper.ts";

const minute = 60_000;

/** A house that tells what is done in it; each keeping goes on until it is ended or let end. */
function createHouse() {
  const house = { due: true, begun: 0, ended: 0, finish: (): void => undefined };
  const keeper = new Housekeeper({
    isDue: () => house.due,
    keep: ({ signal }) => {
      house.begun++;
      return new Promise((resolve, reject) => {
        house.finish = () => {
          resolve(undefined);
        };
        signal.addEventListener("abort", () => {
          house.ended++;
          reject(signal.reason as Error);
        });
      });
    },
  });
  return { house, keeper };
}

describe("housekeeping", () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  it("begins once nobody has come for as long as is set, counted from the last request's end", async () => {
    const { house, keeper } = createHouse();
    keeper.start(2);
    mock.timers.tick(minute);
    const request = Promise.withResolvers<undefined>();
    const served = keeper.use(() => request.promise);
    mock.timers.tick(30 * minute);
    assert.equal(house.begun, 0);
    request.resolve(undefined);
    await served;
    mock.timers.tick(2 * minute - 1);
    assert.equal(house.begun, 0);
    mock.timers.tick(1);
    assert.equal(house.begun, 1);
    await keeper.stop();
  });

  it("ends at once when somebody comes, who does not wait for it, and begins again later", async () => {
    const { house, keeper } = createHouse();
    keeper.start(2);
    mock.timers.tick(2 * minute);
    const served = keeper.use(() => Promise.resolve(house.ended));
    assert.equal(house.ended, 1);
    assert.equal(await served, 1);
    await nextTurn();
    mock.timers.tick(2 * minute);
    assert.equal(house.begun, 2);
    await keeper.stop();
    assert.equal(house.ended, 2);
  });

  it("has ended once that was asked for, for who can't work beside it", async () => {
    const { house, keeper } = createHouse();
    keeper.start(2);
    mock.timers.tick(2 * minute);
    await keeper.use(async () => {
      await keeper.end();
      assert.deepEqual([house.ended, keeper.isBusy], [1, false]);
    });
    await keeper.stop();
  });

  it("rests for ten minutes after it was done, and begins only where there is something to do", async () => {
    const { house, keeper } = createHouse();
    keeper.start(2);
    mock.timers.tick(2 * minute);
    house.finish();
    await nextTurn();
    for (let minutes = 0; minutes < 9; minutes++) mock.timers.tick(minute);
    assert.equal(house.begun, 1);
    for (let minutes = 0; minutes < 3; minutes++) mock.timers.tick(minute);
    assert.equal(house.begun, 2);
    house.finish();
    await nextTurn();
    house.due = false;
    for (let minutes = 0; minutes < 60; minutes++) mock.timers.tick(minute);
    assert.equal(house.begun, 2);
    await keeper.stop();
  });

  it("tries again only the next day what failed, and keeps no node awake for it", async () => {
    let tries = 0;
    const keeper = new Housekeeper({
      isDue: () => true,
      keep: () => {
        tries++;
        return Promise.reject(new CloudError("damaged", "a block can't be read"));
      },
    });
    keeper.start(2);
    mock.timers.tick(2 * minute);
    assert.equal(keeper.isBusy, true);
    await nextTurn();
    assert.deepEqual([tries, keeper.isBusy], [1, false]);
    for (let hours = 0; hours < 23; hours++) mock.timers.tick(60 * minute);
    assert.equal(tries, 1);
    for (let minutes = 0; minutes < 70; minutes++) mock.timers.tick(minute);
    assert.equal(tries, 2);
    await keeper.stop();
  });

  it("waits as long as is set, also longer than a timer of Node does", async () => {
    const { house, keeper } = createHouse();
    keeper.start(100_000);
    for (let minutes = 0; minutes < 99_000; minutes += 1000) mock.timers.tick(1000 * minute);
    assert.equal(house.begun, 0);
    for (let minutes = 0; minutes < 5000; minutes += 1000) mock.timers.tick(1000 * minute);
    assert.equal(house.begun, 1);
    await keeper.stop();
  });

  it("is tried again soon where something else was at work that passes, such as a backup", async () => {
    let tries = 0;
    const keeper = new Housekeeper({
      isDue: () => true,
      keep: () => {
        tries++;
        return Promise.reject(new CloudError("storage-busy", "a backup is under way"));
      },
    });
    keeper.start(2);
    mock.timers.tick(2 * minute);
    await nextTurn();
    for (let minutes = 0; minutes < 13; minutes++) mock.timers.tick(minute);
    assert.equal(tries, 2);
    await keeper.stop();
  });

  it("never begins if it is off", async () => {
    const { house, keeper } = createHouse();
    keeper.start(0);
    await keeper.use(() => Promise.resolve());
    mock.timers.tick(1000 * minute);
    assert.deepEqual([house.begun, keeper.isBusy], [0, false]);
    await keeper.stop();
  });
});
