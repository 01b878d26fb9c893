import * as vscode from "vscode";
import { themeNames } from "../settings.ts";

const address = process.env["IPCLOUD_EDITOR_DRIVER"];

/** Whether keys, pages and screenshots can be had: not in a desktop editor. */
export const hasDriver: boolean = address !== undefined;

/**
 * Asks the world outside the editor for one thing.
 * @param verb - `line`, `press` (a key as Playwright names it), `type` (text), `click` (a
 * selector), `controlClick` (the same with Ctrl held), `text` (a selector; the answer is its text), `count` (a
 * selector; how many there are), `frameText` and `frameClick` (a selector in
 * a web view; the answer of the first is empty if nothing is there), `theme` (waits for `light` or `dark` to show),
 * `screenshot` (a name).
 * @throws Error with what the driver said, or that there is none.
 */
export async function drive(verb: string, argument: string): Promise<string> {
  if (address === undefined) throw new Error(`Nothing drives this editor, so no "${verb}".`);
  const response = await fetch(`${address}/${verb}`, { method: "POST", body: argument });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
}

/** Saves `NAME-light.png` and `NAME-dark.png` of the whole editor, where something drives it. */
export async function screenshot(name: string): Promise<void> {
  if (!hasDriver) return;
  const workbench = vscode.workspace.getConfiguration("workbench");
  for (const theme of ["light", "dark"] as const) {
    await workbench.update("colorTheme", themeNames[theme], vscode.ConfigurationTarget.Global);
    await drive("theme", theme);
    await drive("screenshot", `${name}-${theme}`);
  }
}
