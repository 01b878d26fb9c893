// Makes an account in HOME and confirms its words, and ends itself by SIGKILL at write point number
// KILL_AT (0: never). Prints the words once they are handed out, `confirmed` at the end, and then the
// names of all write points.
import { writeSync } from "node:fs";
import { tellWritePoints } from "./keystore-points.ts";
import { openVault, testKey } from "./open-vault.ts";

const [home = "", killAt = "0"] = process.argv.slice(2);
const points: string[] = [];
function reach(point: string): void {
  points.push(point);
  if (points.length === Number(killAt)) process.kill(process.pid, "SIGKILL");
}

tellWritePoints(reach);
const opened = await openVault(home, { onWritePoint: reach, confirms: false });
const { vault } = opened;
const { words, account } = await vault.words(testKey);
writeSync(1, `${words}\n`);
await vault.confirmWords(testKey, account);
writeSync(1, "confirmed\n");
await opened.close();
writeSync(1, `${JSON.stringify(points)}\n`);
