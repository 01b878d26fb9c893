// Runs npm scripts one after another, all of them even if one fails, shows what they write, and
// ends with "N passed, N failed": mocha's closing lines summed, and 1 failed for every step that
// fails without such a line. `node run-steps.ts build test:fast test:editor`
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { countTests, type TestCount } from "./count-tests.ts";

async function runStep(script: string): Promise<TestCount> {
  process.stdout.write(`\n=== ${script} ===\n`);
  const child = spawn("npm", ["run", "-s", script], {
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
  const exit = new Promise<number | undefined>((settle) => {
    child.on("error", () => {
      settle(undefined);
    });
    child.on("close", (code) => {
      settle(code ?? undefined);
    });
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    process.stdout.write(`${line}\n`);
  }
  const counted = countTests(lines);
  if ((await exit) === 0 || counted.failed > 0) return counted;
  process.stdout.write(`${script} failed\n`);
  return { ...counted, failed: counted.failed + 1 };
}

let passed = 0;
let failed = 0;
for (const script of process.argv.slice(2)) {
  const counted = await runStep(script);
  passed += counted.passed;
  failed += counted.failed;
}
process.stdout.write(`\n${String(passed)} passed, ${String(failed)} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
