// Runs the workload in HOME and ends itself by SIGKILL at write point number KILL_AT (0: never).
// Prints the number of each acknowledged step and, at the end, the names of all write points.
import { writeSync } from "node:fs";
import { runWorkload } from "./drive-workload.ts";
import { tellWritePoints } from "./keystore-points.ts";

const [home = "", killAt = "0"] = process.argv.slice(2);
const points: string[] = [];
function reach(point: string): void {
  points.push(point);
  if (points.length === Number(killAt)) process.kill(process.pid, "SIGKILL");
}

tellWritePoints(reach);
await runWorkload(home, {
  onWritePoint: reach,
  acknowledge: (done) => {
    writeSync(1, `${done.toString()}\n`);
  },
});
writeSync(1, `${JSON.stringify(points)}\n`);
