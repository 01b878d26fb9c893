import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How to start an editor server. */
export interface EditorServerOptions {
  /** The folder that holds `out/server-main.js`. */
  readonly server: string;
  /** Everything that this editor keeps: settings, extensions, logs, token. Created if absent. */
  readonly dataFolder: string;
  /** User settings; written only where the data folder has none yet. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env: NodeJS.ProcessEnv;
  /** Lets a driver load extensions under development and end the run. It hides all toasts. */
  readonly underTest: boolean;
  /** A port, `FIRST-LAST`, or `0` for any free one. */
  readonly port: string;
}

/** A running editor server. */
export interface EditorServer {
  /** `host:port` */
  readonly authority: string;
  readonly token: string;
  /** What the server wrote so far. */
  readonly log: () => string;
  /** Settles when the process ends. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
}

const startTimeoutMs = 60_000;

/**
 * Starts VS Code as a server on the loopback interface. A random token guards it: whoever opens
 * the page can run programs as this user.
 */
export async function startEditorServer(options: EditorServerOptions): Promise<EditorServer> {
  const { server, dataFolder } = options;
  const { token, tokenFile } = await prepareDataFolder(options);
  const child = spawn(
    process.execPath,
    [
      join(server, "out/server-main.js"),
      ...["--host", "127.0.0.1", "--port", options.port],
      ...["--connection-token-file", tokenFile],
      ...["--accept-server-license-terms", "--telemetry-level", "off"],
      ...dataFolderArgs(dataFolder),
      "--disable-workspace-trust",
      ...(options.underTest ? ["--enable-smoke-test-driver"] : []),
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...options.env } },
  );
  let log = "";
  const ended = new Promise<void>((settle) => {
    child.on("close", () => {
      settle();
    });
  });
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  const port = await new Promise<string>((settle, fail) => {
    const failWith = (what: string): void => {
      fail(new Error(`The editor server ${what}.\n${log.slice(-4000)}`));
    };
    const read = (chunk: Buffer): void => {
      log += chunk.toString("utf8");
      const listening = /Extension host agent listening on (\d+)/.exec(log)?.[1];
      if (listening === undefined) return;
      clearTimeout(late);
      settle(listening);
    };
    const late = setTimeout(() => {
      failWith("did not start in a minute");
      child.kill();
    }, startTimeoutMs);
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", fail);
    child.on("close", (code) => {
      clearTimeout(late);
      failWith(`ended with ${String(code)}`);
    });
  });
  return { authority: `127.0.0.1:${port}`, token, log: () => log, ended, stop };
}

/** The arguments that keep everything of an editor server in one folder. */
export function dataFolderArgs(dataFolder: string): string[] {
  return [
    ...["--user-data-dir", dataFolder, "--server-data-dir", dataFolder],
    ...["--extensions-dir", join(dataFolder, "extensions")],
  ];
}

async function prepareDataFolder(
  options: EditorServerOptions,
): Promise<{ token: string; tokenFile: string }> {
  const { dataFolder } = options;
  const settingsFile = join(dataFolder, "User/settings.json");
  const tokenFile = join(dataFolder, "connection-token");
  await mkdir(join(dataFolder, "User"), { recursive: true, mode: 0o700 });
  await chmod(dataFolder, 0o700);
  if (!existsSync(settingsFile))
    await writeFile(settingsFile, `${JSON.stringify(options.settings, undefined, 2)}\n`);
  if (!existsSync(tokenFile))
    await writeFile(tokenFile, randomBytes(16).toString("hex"), { mode: 0o600 });
  return { token: await readFile(tokenFile, "utf8"), tokenFile };
}
