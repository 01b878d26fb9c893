// The program `ipcloud`. It is built for old versions of Node, so that they too can say what is
// missing; the command line itself is in cli.mjs.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The oldest Node that has all that is used: zstd, and SQLite without a flag. */
const needed = [22, 15] as const;

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

/** The Node of the npm package `node`, which a clone has among its development dependencies. */
const packagedNode = fileURLToPath(
  new URL(
    `../node_modules/node/bin/node${process.platform === "win32" ? ".exe" : ""}`,
    import.meta.url,
  ),
);

if (isNewEnough(process.versions.node)) {
  const commandLine = new URL("./cli.mjs", import.meta.url).href;
  await import(commandLine);
} else if (existsSync(packagedNode)) {
  const self = fileURLToPath(import.meta.url);
  const child = spawn(packagedNode, [self, ...process.argv.slice(2)], { stdio: "inherit" });
  // Ctrl-C reaches the child by itself; this process only passes on how it ended.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("error", (error) => {
    process.stderr.write(`ipcloud: can't run ${packagedNode}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
} else {
  process.stderr.write(
    `ipcloud: needs Node ${needed.join(".")} or newer, and this is ${process.versions.node}.\n`,
  );
  process.exitCode = 1;
}
