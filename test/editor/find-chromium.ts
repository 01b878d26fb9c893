import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { programOnPath } from "./program-on-path.ts";
import { runProgram } from "./run-program.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const elsewhere = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/**
 * Finds a Chromium, or installs Debian's when that can be done without asking anybody.
 * @throws Error, one sentence that says what is missing and how to get it.
 */
export async function findChromium(say: (line: string) => void): Promise<string> {
  const found = installedChromium();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && programOnPath("apt-get") !== undefined) {
    say("Installing chromium by apt-get, once.");
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await runProgram({ command: "apt-get", args: ["update", "-qq"], env });
    await runProgram({ command: "apt-get", args: ["install", "-y", "-qq", "chromium"], env });
    const installed = installedChromium();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    "Chromium is missing, which the tests inside the editor need: install it by the system's package manager or `npx playwright-core install chromium`, or name one in CHROMIUM.",
  );
}

function installedChromium(): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named !== undefined && named !== "") return named;
  for (const name of names) {
    const path = programOnPath(name);
    if (path !== undefined) return path;
  }
  return [...elsewhere, chromium.executablePath()].find((path) => existsSync(path));
}
