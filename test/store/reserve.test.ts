import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type {
  FilePlace,
  Reservation,
  Room,
  Store,
  StoreBatch,
} from "../../src/node/store/store.ts";
import { inTemporaryFolder, seededBlock } from "./blocks.ts";
import { putAll, refuses } from "./checks.ts";

const bytesEach = 100_000;
const [one, two, three] = [1, 2, 3].map((seed) => seededBlock(seed, bytesEach)) as [
  SealedBlock,
  SealedBlock,
  SealedBlock,
];

function reserve(
  batch: StoreBatch,
  ...blocks: readonly SealedBlock[]
): Promise<Reservation | undefined> {
  return batch.reserve(blocks.map(({ id, bytes }) => ({ id, length: bytes.length })));
}

/** Sets room aside for blocks that are not there. */
async function roomFor(batch: StoreBatch, ...blocks: readonly SealedBlock[]): Promise<Reservation> {
  const room = await reserve(batch, ...blocks);
  assert.ok(room !== undefined, "no room was set aside");
  return room;
}

/** Writes into files that are there, as another process does: the blocks as they were asked about. */
function write({ wanted, rooms }: Pick<Reservation, "wanted" | "rooms">, ...blocks: SealedBlock[]) {
  const parts = Array.from(wanted, (i) => (blocks[i] as SealedBlock).bytes);
  for (const room of rooms) {
    const file = openSync(room.path, "r+");
    let { offset } = room;
    for (const bytes of parts.splice(0, room.blocks)) {
      offset += writeSync(file, bytes, 0, bytes.length, offset);
    }
    closeSync(file);
  }
}

/** The one room of blocks that are alike in length. */
function onlyRoom({ rooms }: Reservation): Room {
  assert.equal(rooms.length, 1);
  return rooms[0] as Room;
}

async function withStore(work: (store: Store, folder: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const store = await openStore(folder);
    try {
      await work(store, folder);
    } finally {
      await store.close();
    }
  });
}

function bytesAt({ path, offset, length }: FilePlace): Uint8Array {
  return new Uint8Array(readFileSync(path).subarray(offset, offset + length));
}

/** Commits blocks that another process wrote. @returns where. */
async function putByRoom(store: Store, ...blocks: readonly SealedBlock[]): Promise<Room> {
  const batch = store.begin();
  const room = await roomFor(batch, ...blocks);
  write(room, ...blocks);
  room.written();
  await batch.commit();
  return onlyRoom(room);
}

/** Has another process set room aside in a store and be killed. @returns the room. */
async function roomOfKilled(folder: string, ...more: readonly "nothing else"[]): Promise<Room> {
  const path = fileURLToPath(new URL("reserving-child.ts", import.meta.url));
  const child = spawn(process.execPath, [path, folder, ...more], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGKILL");
  await once(child, "exit");
  return JSON.parse(line.toString()) as Room;
}

describe("room in a segment for what another process writes", () => {
  it("becomes blocks once it is said to be filled, and not before", async () => {
    await inTemporaryFolder(async (folder) => {
      let store = await openStore(folder);
      const batch = store.begin();
      const room = await roomFor(batch, one, two);
      write(room, one, two);
      batch.put(three);
      let committed = false;
      const commit = batch.commit().then(() => {
        committed = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual([committed, store.has(one.id)], [false, false]);
      room.written();
      await commit;
      for (let i = 0; i < 2; i++) {
        for (const { id, bytes } of [one, two, three]) {
          assert.deepEqual(await store.get(id), bytes);
          const place = store.locate(id);
          assert.deepEqual(place && bytesAt(place), bytes);
        }
        await store.close();
        store = await openStore(folder);
      }
      await store.close();
    });
  });

  it("is set aside only for what the store lacks and nobody else writes", async () => {
    await withStore(async (store) => {
      await putAll(store, one);
      const batch = store.begin();
      const room = await roomFor(batch, one, two, two);
      assert.deepEqual([...room.wanted], [1]);
      assert.deepEqual([...((await reserve(batch, one, two))?.wanted ?? [9])], []);
      write(room, one, two);
      room.written();
      batch.put(two);
      await batch.commit();
      assert.equal(store.usage().blocks, 2);
    });
  });

  it("is not set aside for a little, which is put", async () => {
    await withStore(async (store) => {
      assert.equal(await reserve(store.begin(), seededBlock(4, 20_000)), undefined);
    });
  });

  it("is set aside for each length by itself, so that nothing tells in which order blocks came", async () => {
    await withStore(async (store) => {
      const blocks = [90_000, 100_000, 90_000, 110_000, 100_000, 90_000].map((length, i) =>
        seededBlock(20 + i, length),
      );
      const batch = store.begin();
      for (const some of [blocks.slice(0, 4), blocks.slice(4)]) {
        const room = await roomFor(batch, ...some);
        write(room, ...some);
        room.written();
      }
      await batch.commit();
      const places = blocks.map(({ id }) => store.locate(id) ?? assert.fail());
      const lengthsIn = new Map<string, number[]>();
      for (const { path, length } of places) {
        lengthsIn.set(path, [...(lengthsIn.get(path) ?? []), length]);
      }
      assert.equal(lengthsIn.size, 3);
      for (const lengths of lengthsIn.values()) assert.equal(new Set(lengths).size, 1);
      for (const [i, { bytes }] of blocks.entries()) {
        assert.deepEqual(bytesAt(places[i] as FilePlace), bytes);
      }
      assert.deepEqual(await store.check(), { blocks: 6, damaged: [], problems: [] });
    });
  });

  it("fails the batch if it is not filled, and the store goes on", async () => {
    await withStore(async (store) => {
      const batch = store.begin();
      const room = await roomFor(batch, one);
      room.lost(new Error("its process ended"));
      await assert.rejects(batch.commit(), /its process ended/);
      await putAll(store, one, two);
      assert.deepEqual(await store.get(one.id), one.bytes);
      assert.deepEqual((await store.check()).damaged, []);
    });
  });

  it("keeps its segment from a collection until it is over", async () => {
    await withStore(async (store) => {
      const batch = store.begin();
      const room = await roomFor(batch, one);
      await store.collect().sweep();
      write(room, one);
      room.written();
      await store.collect().sweep();
      await batch.commit();
      assert.deepEqual(await store.get(one.id), one.bytes);
    });
  });

  it("is written by nobody else, also if the process that fills it outlives its node", async () => {
    await inTemporaryFolder(async (folder) => {
      const room = await roomOfKilled(folder);
      for (let i = 0; i < 2; i++) {
        const store = await openStore(folder);
        const other = seededBlock(10 + i, bytesEach);
        await putAll(store, other);
        write({ wanted: Uint32Array.of(0), rooms: [room] }, three);
        assert.deepEqual((await store.check()).damaged, []);
        for (const { id, bytes } of [one, two, other]) {
          assert.deepEqual(await store.get(id), bytes);
        }
        await store.close();
      }
    });
  });

  it("is written by nobody else, also if its segment went and the node was started twice", async () => {
    await inTemporaryFolder(async (folder) => {
      const room = await roomOfKilled(folder, "nothing else");
      for (let i = 0; i < 2; i++) await (await openStore(folder)).close();
      const store = await openStore(folder);
      await putAll(store, one);
      assert.notEqual(store.locate(one.id)?.path, room.path);
      await store.close();
    });
  });

  it("lets the next start go on with the same segments if all came to its end", async () => {
    await inTemporaryFolder(async (folder) => {
      let store = await openStore(folder);
      const { path } = await putByRoom(store, one, two);
      const longer = [30, 31].map((seed) => seededBlock(seed, bytesEach + 1));
      const { path: ofLonger } = await putByRoom(store, ...longer);
      await store.close();
      store = await openStore(folder);
      assert.equal((await putByRoom(store, three)).path, path);
      assert.equal((await putByRoom(store, seededBlock(32, bytesEach + 1))).path, ofLonger);
      assert.deepEqual([statSync(path).size, statSync(ofLonger).size], [300_000, 300_003]);
      await store.close();
    });
  });

  it("has the next start begin a new segment if somebody may still be writing", async () => {
    await inTemporaryFolder(async (folder) => {
      let store = await openStore(folder);
      const four = seededBlock(4, bytesEach);
      const { path } = await putByRoom(store, one, two);
      const room = await roomFor(store.begin(), three);
      assert.equal(onlyRoom(room).path, path);
      room.lost(new Error("it does not answer"), true);
      await store.close();
      store = await openStore(folder);
      assert.notEqual((await putByRoom(store, four)).path, path);
      await store.close();
    });
  });

  it("is waited for when the store is closed, also if its batch has ended", async () => {
    await inTemporaryFolder(async (folder) => {
      let store = await openStore(folder);
      const four = seededBlock(4, bytesEach);
      await putByRoom(store, one, two);
      const batch = store.begin();
      const room = await roomFor(batch, three);
      batch.abandon();
      const closing = store.close();
      await new Promise((resolve) => setTimeout(resolve, 50));
      room.lost(new Error("it does not answer"), true);
      await closing;
      store = await openStore(folder);
      await putByRoom(store, four);
      write(room, three);
      assert.deepEqual(await store.get(four.id), four.bytes);
      await store.close();
    });
  });

  it("is refused once the batch has ended", async () => {
    await withStore(async (store) => {
      const batch = store.begin();
      await batch.commit();
      await refuses("usage", () => reserve(batch, one));
    });
  });
});
