import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { startEditorServer } from "./editor-server.ts";
import { findChromium } from "./find-chromium.ts";
import { installEditorServer } from "./install-editor-server.ts";
import { projectFolder, screenshotFolder } from "./project.ts";
import { quietSettings, type Theme, themeNames } from "./settings.ts";

/** What to open, and how. */
export interface EditorOptions {
  /** A folder's URI (`ipcloud:/`), or the path of a folder or of a `.code-workspace` file. */
  readonly workspace: string;
  /** Path of a module that exports `run(): Promise<void>`; it runs in the extension host. */
  readonly extensionTests?: string;
  readonly theme?: Theme;
  /** User settings on top of the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment of the server, and so of the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  /** All that this editor and its browser keep: empty for a first start, or kept to come back. */
  readonly dataFolder: string;
  /** To come back, the one of the first start: browsers keep state for each port. Default: free. */
  readonly port?: number;
  /** Told what is being installed. */
  readonly say: (line: string) => void;
}

/** An editor that is open in a browser. */
export interface Editor {
  readonly page: Page;
  readonly port: number;
  /** Exit code of the extension tests. Never settles without any. */
  readonly exit: Promise<number>;
  /** Saves `NAME.png` into the folder of screenshots and returns its path. */
  readonly screenshot: (name: string) => Promise<string>;
  /** What the server, the page and the extension host wrote so far. */
  readonly log: () => string;
  readonly close: () => Promise<void>;
}

const browserArgs = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Starts an editor of its own with our extension under development, and opens it in a headless
 * browser.
 * @throws Error, one sentence, if the editor or Chromium is missing and can't be installed.
 */
export async function openEditor(options: EditorOptions): Promise<Editor> {
  const { theme = "light", settings, env = {}, dataFolder, say } = options;
  const executablePath = await findChromium(say);
  const server = await startEditorServer({
    server: await installEditorServer(say),
    dataFolder,
    settings: {
      ...quietSettings,
      "files.autoSave": "off",
      "workbench.colorTheme": themeNames[theme],
      ...settings,
    },
    env,
    underTest: true,
    port: String(options.port ?? 0),
  });
  let browser: BrowserContext | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    await server.stop();
  };
  try {
    browser = await chromium.launchPersistentContext(join(dataFolder, "browser"), {
      executablePath,
      args: browserArgs,
      viewport: { width: 1360, height: 850 },
    });
    const page = await browser.newPage();
    let pageLog = "";
    const exit = new Promise<number>((settle, fail) => {
      void page.exposeFunction("codeAutomationExit", settle);
      page.on("crash", () => {
        fail(new Error("The page of the editor crashed."));
      });
      void server.ended.then(() => {
        fail(new Error("The editor server ended before its tests."));
      });
    });
    exit.catch(() => undefined);
    await page.exposeFunction("codeAutomationLog", (type: string, args: unknown[]) => {
      pageLog += `${type}: ${args.map(String).join(" ")}\n`;
    });
    await page.goto(editorAddress(server.authority, server.token, options));
    const screenshot = async (name: string): Promise<string> => {
      await mkdir(screenshotFolder, { recursive: true });
      const path = join(screenshotFolder, `${name}.png`);
      await page.screenshot({ path, animations: "disabled" });
      return path;
    };
    const log = (): string => `${server.log()}\n--- page and extension host ---\n${pageLog}`;
    const port = Number(server.authority.split(":")[1]);
    return { page, port, exit, screenshot, log, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function editorAddress(authority: string, token: string, options: EditorOptions): string {
  const { workspace, extensionTests } = options;
  const remote = (path: string): string => `vscode-remote://${authority}${path}`;
  const payload = [
    ["extensionDevelopmentPath", remote(projectFolder)],
    ...(extensionTests === undefined ? [] : [["extensionTestsPath", remote(extensionTests)]]),
    ["skipWelcome", "true"],
  ];
  const kind = workspace.endsWith(".code-workspace") ? "workspace" : "folder";
  const query = new URLSearchParams({
    tkn: token,
    [kind]: workspace,
    payload: JSON.stringify(payload),
  });
  return `http://${authority}/?${query.toString()}`;
}
