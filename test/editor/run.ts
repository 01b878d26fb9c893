// Runs every scenario, or those named, each in an editor of its own.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { countTests } from "../support/count-tests.ts";
import { backups } from "./backups.ts";
import { buildSuite } from "./build-suite.ts";
import { type DriverVerbs, openDriver } from "./driver.ts";
import { type Editor, type EditorOptions, openEditor } from "./open-editor.ts";
import { editorFolder } from "./project.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

const scenarioTimeoutMs = 5 * 60_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Starts the editor as often as a scenario wants; @returns whether all is well. */
async function runScenario(scenario: Scenario, extensionTests: string): Promise<boolean> {
  const { name, starts } = scenario;
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-editor-"));
  let close: (() => Promise<void>) | undefined;
  try {
    const prepared = await scenario.prepare(folder);
    close = prepared.close;
    const { workspace, env } = prepared;
    const dataFolder = join(folder, "editor");
    let port: number | undefined;
    for (const tests of starts) {
      say(`\n--- editor: ${name}: ${tests.join(", ")} ---`);
      const start = { workspace, extensionTests, dataFolder, env, say };
      port = await runTests(name, tests, port === undefined ? start : { ...start, port });
    }
    return true;
  } catch (error) {
    say(`  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    await close?.();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Runs test files in one start of the editor and shows mocha's lines. A start that fails, a crash
 * and a run without a test get a closing line of their own, so that whoever sums these lines
 * misses nothing.
 * @returns the editor's port.
 * @throws Error, if anything failed.
 */
async function runTests(
  name: string,
  tests: readonly string[],
  options: EditorOptions,
): Promise<number> {
  const lines: string[] = [];
  let editor: Editor | undefined;
  const driver = await openDriver({
    ...editorVerbs(() => editor),
    backups: async () => (await backups(options.dataFolder)).join("\n"),
    line: (line) => {
      lines.push(line);
      say(line);
      return Promise.resolve("");
    },
  });
  const env = {
    ...options.env,
    IPCLOUD_EDITOR_DRIVER: driver.address,
    IPCLOUD_EDITOR_SUITE: tests.join(","),
  };
  try {
    editor = await openEditor({ ...options, env });
    const exit = await Promise.race([editor.exit, deadline()]);
    if (exit !== 0) throw new Error(`the extension tests ended with ${String(exit)}`);
    if (countTests(lines).passed === 0) throw new Error("no test ran");
    return editor.port;
  } catch (error) {
    if (countTests(lines).failed === 0) say("\n  1 failing\n");
    if (editor !== undefined) say(`  See ${await keepTraces(name, editor)}`);
    throw error;
  } finally {
    await editor?.close();
    await driver.close();
  }
}

/** What tests may do to the page: keys and clicks as a user has them, and pictures of it. */
function editorVerbs(editor: () => Editor | undefined): DriverVerbs {
  const open = (): Editor => {
    const opened = editor();
    if (opened === undefined) throw new Error("The editor is not open yet.");
    return opened;
  };
  const nothing = (): string => "";
  return {
    press: (key) => open().page.keyboard.press(key).then(nothing),
    type: (text) => open().page.keyboard.type(text).then(nothing),
    click: (selector) => open().page.click(selector).then(nothing),
    controlClick: (selector) =>
      open()
        .page.click(selector, { modifiers: ["Control"] })
        .then(nothing),
    text: (selector) => open().page.innerText(selector),
    count: async (selector) => String(await open().page.locator(selector).count()),
    // A web view is a frame in a frame.
    frameText: async (selector) => {
      const texts = open()
        .page.frames()
        .map((frame) => frame.locator(selector).allInnerTexts());
      return (await Promise.all(texts)).flat().join("\n");
    },
    frameClick: async (selector) => {
      for (const frame of open().page.frames())
        if ((await frame.locator(selector).count()) > 0) await frame.click(selector);
      return "";
    },
    theme: (theme) => {
      const shown = `.monaco-workbench.${theme === "dark" ? "vs-dark" : "vs"}`;
      return open().page.waitForSelector(shown).then(nothing);
    },
    screenshot: (name) => open().screenshot(name),
  };
}

async function keepTraces(name: string, editor: Editor): Promise<string> {
  const logFile = join(editorFolder, `${name}.log`);
  await writeFile(logFile, editor.log());
  const picture = await editor.screenshot(`failed-${name}`).catch(() => "no screenshot");
  return `${logFile} and ${picture}`;
}

function deadline(): Promise<never> {
  return new Promise((_, fail) => {
    setTimeout(() => {
      fail(new Error(`The tests did not end in ${String(scenarioTimeoutMs / 60_000)} minutes.`));
    }, scenarioTimeoutMs).unref();
  });
}

const { positionals } = parseArgs({ allowPositionals: true });
const chosen = scenarios.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);
await mkdir(editorFolder, { recursive: true });
const extensionTests = await buildSuite(chosen.flatMap(({ starts }) => starts.flat()));
let allWell = chosen.length > 0;
for (const scenario of chosen) allWell = (await runScenario(scenario, extensionTests)) && allWell;
process.exitCode = allWell ? 0 : 1;
