// Uses the data folders in FOLDER, which is mounted read-only: "home" has a drive, "fresh" is not there.
import assert from "node:assert/strict";
import { join } from "node:path";
import { openBuiltDrives } from "./built-drives.ts";

const [folder = ""] = process.argv.slice(2);
const cli = await openBuiltDrives();
try {
  const asked = { home: [["status"], ["ls"], ["init"]], fresh: [["node", "start"], ["init"]] };
  for (const [name, commands] of Object.entries(asked)) {
    const home = join(folder, name);
    for (const args of commands) {
      const env = { IPCLOUD_HOME: home };
      const { status, stderr } = await cli.run(name, [...args, "--json"], { env });
      const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
      assert.deepEqual([status, error.code], [7, "storage-read-only"], error.message);
      assert.ok(error.message.includes(home), error.message);
    }
  }
} finally {
  await cli.remove();
}
