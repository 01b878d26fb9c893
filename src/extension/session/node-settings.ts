import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import { dataFolder } from "../../node/rpc/client.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import {
  aboutRefused,
  asSettings,
  type ReadSettings,
  readSettings,
  type SettingValues,
  valuesInForce,
  valuesToTell,
} from "./setting-names.ts";

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
  #told: SettingValues = chosenSettings().values;
  #warned: string | undefined;

  /** Call it when the drive is unlocked, and when the person has changed a setting. */
  async tell(node: NodeClient): Promise<void> {
    const chosen = chosenSettings();
    this.#warn(aboutRefused(chosen.refused));
    const now = valuesInForce(chosen, this.#told);
    const values = valuesToTell(now, this.#told, defaultSettings().values);
    if (Object.keys(values).length === 0) return;
    await node.request("setSettings", { settings: asSettings(values) });
    this.#told = now;
  }

  /** Says the same once. */
  #warn(sentence: string | undefined): void {
    if (sentence !== undefined && sentence !== this.#warned)
      void vscode.window.showWarningMessage(sentence);
    this.#warned = sentence;
  }
}

/** What the person has set: a default is not. */
function chosenSettings(): ReadSettings {
  return readSettings((name) => inspect(name)?.globalValue);
}

function defaultSettings(): ReadSettings {
  return readSettings((name) => inspect(name)?.defaultValue);
}

function inspect(name: string): { globalValue?: unknown; defaultValue?: unknown } | undefined {
  return vscode.workspace.getConfiguration("ipcloud").inspect(name);
}
