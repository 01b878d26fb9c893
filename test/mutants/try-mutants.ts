// Runs vector tests over changed files, one trial after the other, in a process of its own: what the
// changed file leads to is loaded anew for each, all else once.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import Mocha from "mocha";
import { projectFolder } from "./readers.ts";
import type { Trial, Verdict } from "./trial.ts";

const reloadMark = "?trial=";
const plainSources = new Map<string, string>();
let current: Trial | undefined;
let reloaded: ReadonlySet<string> = new Set();

function fileOf(url: string): string {
  return relative(projectFolder, fileURLToPath(url));
}

function plainSource(file: string): string {
  const known = plainSources.get(file);
  if (known !== undefined) return known;
  const plain = stripTypeScriptTypes(readFileSync(join(projectFolder, file), "utf8"));
  plainSources.set(file, plain);
  return plain;
}

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    if (current === undefined || !resolved.url.startsWith("file:")) return resolved;
    if (!reloaded.has(fileOf(resolved.url)) || resolved.url.includes(reloadMark)) return resolved;
    return { ...resolved, url: `${resolved.url}${reloadMark}${current.number.toString()}` };
  },
  load(url, context, next) {
    if (!url.includes(reloadMark)) return next(url, context);
    const file = fileOf(url);
    const isChanged = file === current?.file;
    const source = isChanged ? stripTypeScriptTypes(current?.text ?? "") : plainSource(file);
    return { format: "module", source, shortCircuit: true };
  },
});

async function firstFailure(trial: Trial): Promise<string | undefined> {
  // Who runs the trials ends one that lasts too long: a busy machine must not seem to notice a change.
  const mocha = new Mocha({ bail: true, timeout: 0, reporter: Mocha.reporters.Base });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  for (const test of trial.tests) {
    try {
      await import(pathToFileURL(join(projectFolder, test)).href);
    } catch (error) {
      return `${test}: ${String(error).slice(0, 200)}`;
    }
  }
  return new Promise((resolve) => {
    let failed: string | undefined;
    const runner = mocha.run(() => {
      resolve(failed);
    });
    runner.on("fail", (test: Mocha.Test) => {
      failed ??= test.fullTitle();
    });
  });
}

process.on("message", (trial: Trial) => {
  current = trial;
  reloaded = new Set(trial.reloaded);
  void firstFailure(trial).then((noticedBy) => {
    const verdict: Verdict = {
      number: trial.number,
      ...(noticedBy === undefined ? {} : { noticedBy }),
      heldBytes: process.memoryUsage().rss,
    };
    process.send?.(verdict);
  });
});
