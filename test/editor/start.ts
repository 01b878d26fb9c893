// `npm start [-- FOLDER]`: takes a folder into an encrypted drive and opens it in an editor, the
// installed VS Code if there is one (`--browser`: never), else one that runs in the browser.
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { closeDemoDrive, type DemoDrive, openDemoDrive } from "./demo-drive.ts";
import { startPackagedEditor } from "./packaged-editor.ts";
import { programOnPath } from "./program-on-path.ts";
import { projectFolder } from "./project.ts";
import { runProgram } from "./run-program.ts";
import { quietSettings } from "./settings.ts";

/** The browser keeps the editor's state for each port, so each start should find the same. */
const ports = "8347-8399";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * Path of a desktop VS Code that can show a window here. In a terminal of VS Code's remote server
 * `code` is another program, which can't load our extension.
 */
function installedEditor(): string | undefined {
  const { DISPLAY, WAYLAND_DISPLAY, VSCODE_IPC_HOOK_CLI } = process.env;
  if (VSCODE_IPC_HOOK_CLI !== undefined) return undefined;
  if (process.platform === "linux" && DISPLAY === undefined && WAYLAND_DISPLAY === undefined)
    return undefined;
  return programOnPath("code");
}

/** Settles when the user has closed the editor's windows. */
async function openInDesktop(code: string, drive: DemoDrive): Promise<void> {
  say(`Opening   ${drive.workspace} in VS Code, which has settings of its own for this drive.`);
  await runProgram({
    command: code,
    args: [
      ...["--user-data-dir", join(drive.folder, "code")],
      ...["--extensions-dir", join(drive.folder, "code-extensions")],
      `--extensionDevelopmentPath=${projectFolder}`,
      ...["--new-window", "--wait", drive.workspace],
    ],
    env: drive.env,
    show: true,
  });
}

/** Settles when the user has pressed Ctrl+C. */
async function openInBrowser(drive: DemoDrive): Promise<void> {
  const editor = await startPackagedEditor({
    dataFolder: join(drive.folder, "editor"),
    settings: quietSettings,
    env: drive.env,
    port: ports,
    say,
  });
  const query = new URLSearchParams({ tkn: editor.token, workspace: drive.workspace });
  say(`Open      http://${editor.authority}/?${query.toString()}`);
  say("          The address lets whoever has it use this editor. Ctrl+C ends it.");
  await Promise.race([
    editor.ended,
    ...(["SIGINT", "SIGTERM", "SIGHUP"] as const).map(
      (signal) => new Promise((settle) => process.once(signal, settle)),
    ),
  ]);
  await editor.stop();
}

/** Takes the folder in or unlocks its drive, and stays until the editor is closed. */
async function start(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { browser: { type: "boolean", default: false } },
  });
  const source = resolve(process.env["INIT_CWD"] ?? ".", positionals[0] ?? projectFolder);
  if (!statSync(source, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${source} is not a folder.`);
  const drive = await openDemoDrive(source);
  say("");
  say(`Drive     ${drive.folder}/home, encrypted; its passphrase and words lie beside it.`);
  say(
    drive.isNew
      ? `Taken in  ${source}`
      : `Unlocked  The drive made from ${source}, with what was edited since.`,
  );
  const code = values.browser ? undefined : installedEditor();
  try {
    if (code === undefined) await openInBrowser(drive);
    else await openInDesktop(code, drive);
  } finally {
    await closeDemoDrive(drive);
  }
}

await start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
