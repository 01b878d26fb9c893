// `npm run picture`: the picture and the moving picture of the README, taken in a real editor with the
// packaged extension: a text is overwritten by mistake, and brought back from its timeline.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { findChromium } from "../find-chromium.ts";
import { startPackagedEditor } from "../packaged-editor.ts";
import { projectFolder, screenshotFolder } from "../project.ts";
import { quietSettings, themeNames } from "../settings.ts";
import { animatedPng, type Frame } from "./animated-png.ts";
import { lostFile, makePictureDrive } from "./picture-drive.ts";

const viewport = { width: 1120, height: 740 };
const settings = {
  ...quietSettings,
  "files.autoSave": "off",
  "window.commandCenter": false,
  "workbench.layoutControl.enabled": false,
  "workbench.colorTheme": themeNames.light,
  "editor.minimap.enabled": false,
  "editor.wordWrap": "on",
};

/** A busy machine takes long to open an editor for the first time. */
const patienceMs = 180_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Loses a text and brings it back. @param take - takes a picture that is shown so long */
async function play(page: Page, take: (ms: number) => Promise<void>): Promise<void> {
  const row = (name: string) =>
    page.locator(`.explorer-folders-view .monaco-list-row`, { hasText: name });
  await row("thesis").click();
  await row(lostFile).dblclick();
  const title = page.locator(".pane-header", { hasText: "Version Timeline" });
  const timeline = page.locator(".pane", { has: title }).locator(".monaco-list-row");
  const versions = timeline.filter({ hasText: /[\d.]+ (B|KiB)/ });
  await versions.nth(3).waitFor();
  await take(1800);
  const editor = page.locator(".monaco-editor .view-lines").first();
  await editor.click();
  await page.keyboard.press("Control+A");
  await take(900);
  await page.keyboard.type("Ask for the books of 1740.");
  await take(900);
  await page.keyboard.press("Control+S");
  await versions.nth(4).waitFor();
  await take(1800);
  await versions.nth(1).click();
  await page.locator(".monaco-diff-editor").waitFor();
  await page.getByText("What the depths tell").first().waitFor();
  await take(2400);
  await versions.nth(1).hover();
  await take(1200);
  await versions.nth(1).getByRole("button", { name: "Restore This Version" }).click();
  await versions.first().filter({ hasText: "552 B" }).waitFor();
  await page.locator(".tab").first().click();
  await page.getByText("What the depths tell").first().waitFor();
  await take(2600);
}

const folder = await mkdtemp(join(tmpdir(), "ipcloud-picture-"));
const drive = await makePictureDrive(folder);
try {
  const dataFolder = join(folder, "editor");
  const editor = await startPackagedEditor({
    dataFolder,
    settings,
    env: drive.env,
    port: "0",
    say,
  });
  const browser = await chromium.launch({
    executablePath: await findChromium(say),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage({ viewport });
    page.setDefaultTimeout(patienceMs);
    const workspace = join(folder, "Documents.code-workspace");
    await writeFile(
      workspace,
      JSON.stringify({ folders: [{ uri: "ipcloud:/", name: "Documents" }] }),
    );
    const query = new URLSearchParams({ tkn: editor.token, workspace });
    await page.goto(`http://${editor.authority}/?${query.toString()}`);
    const frames: Frame[] = [];
    try {
      await play(page, async (ms) => {
        frames.push({ png: await page.screenshot({ animations: "disabled" }), ms });
      });
    } catch (error) {
      await page.screenshot({ path: join(screenshotFolder, "picture-failed.png") });
      throw error;
    }
    const path = join(projectFolder, "media", "restore.png");
    await writeFile(path, animatedPng(frames));
    say(`${path}: ${frames.length.toString()} pictures`);
  } finally {
    await browser.close();
    await editor.stop();
  }
} finally {
  await drive.close();
  await rm(folder, { recursive: true, force: true });
}
