import { join, resolve } from "node:path";

/** Root of the project, where package.json lies. */
export const projectFolder: string = resolve(import.meta.dirname, "../..");

/** What the harness downloads, builds and writes: ignored by git, safe to delete. */
export const editorFolder: string = join(projectFolder, ".editor");

/** Where screenshots are saved. */
export const screenshotFolder: string = join(editorFolder, "screenshots");
