import * as vscode from "vscode";
import type { DriveState } from "./drive-session.ts";

/** What the status bar says. */
interface Shown {
  readonly icon: string;
  readonly text: string;
  readonly tooltip: string;
  readonly warns?: boolean;
}

function shownState(state: DriveState, saving: boolean): Shown {
  switch (state.kind) {
    case "idle":
      return {
        icon: "circle-outline",
        text: "IPCloud",
        tooltip: "The local node is not connected",
      };
    case "connecting":
      return { icon: "loading~spin", text: "IPCloud", tooltip: "The local node is starting" };
    case "unavailable":
      return {
        icon: "warning",
        text: "IPCloud unavailable",
        tooltip: state.error.message,
        warns: true,
      };
    case "no-account":
      return { icon: "key", text: "IPCloud", tooltip: "There is no account on this computer yet" };
    case "locked": {
      const { notices } = state.status;
      const tooltip = ["The drive is locked", ...notices].join("\n");
      return { icon: "lock", text: "IPCloud locked", tooltip, warns: notices.length > 0 };
    }
    case "unlocked": {
      const { account = "", device = "", notices } = state.status;
      const lines = [`The drive is unlocked`, `Account ${account}`, `Device ${device}`, ...notices];
      const tooltip = lines.join("\n");
      if (saving) return { icon: "sync~spin", text: "IPCloud saving", tooltip };
      return { icon: "unlock", text: "IPCloud", tooltip, warns: notices.length > 0 };
    }
  }
}

/** Tells how the drive stands, and opens the menu of what can be done. */
export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem(
    "ipcloud.status",
    vscode.StatusBarAlignment.Left,
    10,
  );
  #state: DriveState = { kind: "idle" };
  #slowSaves = 0;

  constructor() {
    this.#item.name = "IPCloud";
    this.#item.command = "ipcloud.showMenu";
    this.#show();
    this.#item.show();
  }

  showState(state: DriveState): void {
    this.#state = state;
    this.#show();
  }

  /** @param underway - how many saves take long. */
  showSaves(underway: number): void {
    this.#slowSaves = underway;
    this.#show();
  }

  dispose(): void {
    this.#item.dispose();
  }

  #show(): void {
    const { icon, text, tooltip, warns = false } = shownState(this.#state, this.#slowSaves > 0);
    this.#item.text = `$(${icon}) ${text}`;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: `${text}. ${tooltip}`, role: "button" };
    this.#item.backgroundColor = warns
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
  }
}
