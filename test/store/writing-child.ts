// Commits two blocks and a head to a store in FOLDER, says so, and waits to be killed.
import { writeSync } from "node:fs";
import { openStore } from "../../src/node/store/open-store.ts";
import { onlyHead, seededBlock } from "./blocks.ts";

const [folder = ""] = process.argv.slice(2);
const store = await openStore(folder);
const batch = store.begin();
batch.put(seededBlock(1, 3000));
batch.put(seededBlock(2, 100_000));
await batch.commit({ head: onlyHead(1) });
writeSync(1, "committed\n");
setInterval(() => undefined, 60_000);
