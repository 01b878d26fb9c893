// Runs the workload in HOME and ends itself by SIGKILL at write point number KILL_AT (0: never).
// Prints the number of each acknowledged step and, at the end, the names of all write points.
import { writeSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { runWorkload } from "./drive-workload.ts";

const [home = "", killAt = "0"] = process.argv.slice(2);
const points: string[] = [];
function reach(point: string): void {
  points.push(point);
  if (points.length === Number(killAt)) process.kill(process.pid, "SIGKILL");
}

// The keystore is no part of the store, which tells its points: each call that changes it is two.
const { open, rename, rm } = files;
const around = async <Result>(name: string, path: unknown, call: () => Promise<Result>) => {
  const isKeystore = typeof path === "string" && path.includes("keystore");
  if (isKeystore) reach(`before ${name} of the keystore`);
  const result = await call();
  if (isKeystore) reach(`after ${name} of the keystore`);
  return result;
};
files.open = (path, ...rest) => around("open", path, () => open(path, ...rest));
files.rename = (from, to) => around("rename", from, () => rename(from, to));
files.rm = (path, options) => around("rm", path, () => rm(path, options));
syncBuiltinESMExports();

await runWorkload(home, {
  onWritePoint: reach,
  acknowledge: (done) => {
    writeSync(1, `${done.toString()}\n`);
  },
});
writeSync(1, `${JSON.stringify(points)}\n`);
