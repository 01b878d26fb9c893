import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import { dataFolder } from "../node/rpc/client.ts";
import type { Settings } from "../node/rpc/contract.ts";
import type { NodeClient } from "../provider/node-client.ts";

/**
 * The data folder: the setting `ipcloud.home` if the person has made it, else what the command line
 * takes too (`IPCLOUD_HOME`, or the system's place). A workspace can't make the setting.
 */
export function chosenHome(): string {
  const setting = vscode.workspace.getConfiguration("ipcloud").get<string>("home", "").trim();
  if (setting === "") return dataFolder();
  const path = setting.replace(/^~(?=[/\\]|$)/, homedir());
  return isAbsolute(path) ? path : join(homedir(), path);
}

/**
 * Tells the node what the person has set in the editor; what is not set here stays as the command
 * line or another editor has set it.
 */
export async function applySettings(node: NodeClient): Promise<void> {
  const settings = chosenSettings();
  if (Object.keys(settings).length > 0) await node.request("setSettings", { settings });
}

function chosenSettings(): Partial<Settings> {
  const versionWindowSeconds = chosen("versionWindowSeconds");
  const autoLockMinutes = chosen("autoLockMinutes");
  return {
    ...(versionWindowSeconds === undefined ? {} : { versionWindowSeconds }),
    ...(autoLockMinutes === undefined ? {} : { autoLockMinutes }),
  };
}

/** A number that the person has set, and not the default. */
function chosen(name: string): number | undefined {
  const found = vscode.workspace.getConfiguration("ipcloud").inspect<unknown>(name);
  return typeof found?.globalValue === "number" ? found.globalValue : undefined;
}
