// Commits two blocks to a store in FOLDER, the second by way of room that was set aside, but not if there
// is a second argument; sets room aside for a third, says where, and waits to be killed.
import { closeSync, openSync, writeSync } from "node:fs";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Reservation, Store, StoreBatch } from "../../src/node/store/store.ts";
import { seededBlock } from "./blocks.ts";

async function roomFor(batch: StoreBatch, seed: number): Promise<Reservation> {
  const { id, bytes } = seededBlock(seed, 100_000);
  const room = await batch.reserve([{ id, length: bytes.length }]);
  if (room === undefined) throw new Error("no room was set aside");
  return room;
}

const [folder = "", nothingElse] = process.argv.slice(2);
const store = await openStore(folder);
if (nothingElse === undefined) await commitTwo(store);
const { rooms } = await roomFor(store.begin(), 3);
writeSync(1, `${JSON.stringify(rooms[0])}\n`);
setInterval(() => undefined, 60_000);

async function commitTwo(to: Store): Promise<void> {
  const batch = to.begin();
  batch.put(seededBlock(1, 100_000));
  const room = await roomFor(batch, 2);
  for (const { path, offset } of room.rooms) {
    const file = openSync(path, "r+");
    writeSync(file, seededBlock(2, 100_000).bytes, 0, 100_000, offset);
    closeSync(file);
  }
  room.written();
  await batch.commit();
}
