import { join } from "node:path";
import { format } from "node:util";
import Mocha from "mocha";
import { drive, hasDriver } from "./driver.ts";

/**
 * Entry of the extension tests, called by the extension host: runs the files that
 * IPCLOUD_EDITOR_SUITE names, with commas between, and writes mocha's lines to the driver, or to the console.
 * @throws Error with the number of failed tests.
 */
export async function run(): Promise<void> {
  const names = (process.env["IPCLOUD_EDITOR_SUITE"] ?? "").split(",");
  let sent: Promise<unknown> = Promise.resolve();
  Mocha.reporters.Base.useColors = false;
  Mocha.reporters.Base.consoleLog = (...args: unknown[]): void => {
    const line = format(...args);
    if (hasDriver) sent = sent.then(() => drive("line", line));
    else console.log(line);
  };
  const mocha = new Mocha({ timeout: 60_000, failZero: true });
  for (const name of names) mocha.addFile(join(import.meta.dirname, `${name}.test.mjs`));
  await mocha.loadFilesAsync();
  const failures = await new Promise<number>((settle) => mocha.run(settle));
  await sent;
  if (failures > 0) throw new Error(`${String(failures)} tests failed.`);
}
