import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import { dataFolder } from "../node/rpc/client.ts";
import type { NodeClient } from "../provider/node-client.ts";
import { asSettings, type SettingValues, settingNames, valuesToTell } from "./setting-names.ts";

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
export class NodeSettings {
  #told: SettingValues = chosenValues();

  /** Call it when the drive is unlocked, and when the person has changed a setting. */
  async tell(node: NodeClient): Promise<void> {
    const now = chosenValues();
    const values = valuesToTell(now, this.#told, defaultValues());
    if (Object.keys(values).length === 0) return;
    const settings = asSettings(values, await node.request("getSettings", {}));
    await node.request("setSettings", { settings });
    this.#told = now;
  }
}

/** What the person has set: a default is not. */
function chosenValues(): SettingValues {
  return valuesOf((name) => inspect(name)?.globalValue);
}

function defaultValues(): SettingValues {
  return valuesOf((name) => inspect(name)?.defaultValue);
}

function inspect(name: string): { globalValue?: unknown; defaultValue?: unknown } | undefined {
  return vscode.workspace.getConfiguration("ipcloud").inspect(name);
}

function valuesOf(find: (name: string) => unknown): SettingValues {
  const found = settingNames.map((name) => [name, find(name)] as const);
  return Object.fromEntries(found.filter(([, value]) => typeof value === "number"));
}
