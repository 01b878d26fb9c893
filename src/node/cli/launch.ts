// First code of the `ipcloud` command. Any Node may start it, so it stays within what Node 18 knows
// and loads the rest only once a Node runs it that has `node:sqlite`, zstd and what Helia needs.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const leastNode = [22, 15] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]))
  await import(new URL("./cli.mjs", import.meta.url).href);
else handOver();

/** Runs the same command on the Node of the npm package `node`, which a clone has. */
function handOver(): void {
  const binary = packagedNode();
  if (binary === undefined) {
    process.stderr.write(
      `ipcloud needs Node ${leastNode.join(".")} or newer, but this is ${process.versions.node}.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(binary, process.argv.slice(1), { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`ipcloud could not start ${binary}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}

function packagedNode(): string | undefined {
  try {
    const found = createRequire(import.meta.url).resolve("node/package.json");
    return join(dirname(found), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return undefined;
  }
}
