// Runs the workload in FOLDER and ends itself by SIGKILL at write point number KILL_AT (0: never).
// Prints a line for each acknowledged commit and, at the end, the names of all write points.
import { writeSync } from "node:fs";
import { runWorkload } from "./crash-workload.ts";

const [folder = "", killAt = "0"] = process.argv.slice(2);
const points: string[] = [];
await runWorkload(
  folder,
  (point) => {
    points.push(point);
    if (points.length === Number(killAt)) process.kill(process.pid, "SIGKILL");
  },
  (number) => {
    writeSync(1, `${number.toString()}\n`);
  },
);
writeSync(1, `${JSON.stringify(points)}\n`);
