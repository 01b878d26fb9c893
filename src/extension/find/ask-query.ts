import * as vscode from "vscode";
import { describeQuery, type FindQuery } from "./find-query.ts";

const contextKey = "ipcloud.inFindInDrive";

/** What is on or off, as the editor's own search has it. */
export type Toggle = "matchCase" | "word" | "isRegExp";
type Patterns = "include" | "exclude";

const toggles: readonly (readonly [name: Toggle, icon: string, label: string, key: string])[] = [
  ["matchCase", "case-sensitive", "Match Case", "C"],
  ["word", "whole-word", "Match Whole Word", "W"],
  ["isRegExp", "regex", "Use Regular Expression", "R"],
];
const patterns: readonly (readonly [name: Patterns, icon: string, label: string])[] = [
  ["include", "filter", "Files to Include…"],
  ["exclude", "exclude", "Files to Exclude…"],
];

/** The box in which is typed what to find in the files of the drive. */
export class AskQuery implements vscode.Disposable {
  #toggle: ((name: Toggle) => void) | undefined;
  #box: vscode.InputBox | undefined;

  /** Turns something on or off, while the box is shown. */
  toggle(name: Toggle): void {
    this.#toggle?.(name);
  }

  hide(): void {
    this.#box?.hide();
  }

  dispose(): void {
    this.#box?.dispose();
  }

  /** @param before - what is there to begin with. @returns `undefined`: nothing is to be found. */
  async ask(before: FindQuery): Promise<FindQuery | undefined> {
    let query = before;
    for (;;) {
      const done = await this.#askOnce(query);
      if (done === undefined) return undefined;
      ({ query } = done);
      if (done.does === "find") return query;
      const typed = await askPatterns(done.does, query[done.does]);
      if (typed !== undefined) query = { ...query, [done.does]: typed };
    }
  }

  /** Asks until the text is to be found, or patterns are to be typed. */
  #askOnce(before: FindQuery): Promise<{ query: FindQuery; does: "find" | Patterns } | undefined> {
    let query = before;
    this.#box?.dispose();
    const box = vscode.window.createInputBox();
    this.#box = box;
    box.title = "Find in Drive";
    box.placeholder = "Text to find in the files of the drive";
    box.prompt = `Enter finds. ${toggles.map(([, , label, key]) => `${altKey}+${key}: ${label}`).join(", ")}`;
    box.value = query.text;
    box.valueSelection = [0, query.text.length];
    const show = (): void => {
      box.buttons = buttonsOf(query);
      box.validationMessage = noteOn(query);
    };
    this.#toggle = (name) => {
      query = { ...query, [name]: !query[name] };
      show();
    };
    show();
    setContext(true);
    return new Promise<{ query: FindQuery; does: "find" | Patterns } | undefined>((resolve) => {
      const end = (does: "find" | Patterns): void => {
        resolve({ query, does });
        box.hide();
      };
      box.onDidChangeValue((text) => {
        query = { ...query, text };
        show();
      });
      box.onDidTriggerButton((button) => {
        const at = box.buttons.indexOf(button);
        const [toggle] = toggles[at] ?? [];
        const [which] = patterns[at - toggles.length] ?? [];
        if (toggle !== undefined) this.toggle(toggle);
        if (which !== undefined) end(which);
      });
      box.onDidAccept(() => {
        if (query.text !== "" && faultOf(query) === undefined) end("find");
      });
      box.onDidHide(() => {
        resolve(undefined);
      });
      box.show();
    }).finally(() => {
      box.dispose();
      if (this.#box !== box) return;
      this.#box = undefined;
      this.#toggle = undefined;
      setContext(false);
    });
  }
}

const altKey = process.platform === "darwin" ? "Cmd+Alt" : "Alt";

function setContext(isShown: boolean): void {
  void vscode.commands.executeCommand("setContext", contextKey, isShown);
}

function buttonsOf(query: FindQuery): vscode.QuickInputButton[] {
  return [
    ...toggles.map(([name, icon, label, key]) => ({
      iconPath: new vscode.ThemeIcon(icon),
      tooltip: `${label} (${altKey}+${key}): ${query[name] ? "on" : "off"}`,
    })),
    ...patterns.map(([name, icon, label]) => ({
      iconPath: new vscode.ThemeIcon(icon),
      tooltip: query[name] === "" ? label : `${label} ${query[name]}`,
    })),
  ];
}

/** What holds beside the text, or what is wrong with it. */
function noteOn(query: FindQuery): vscode.InputBoxValidationMessage | undefined {
  const fault = faultOf(query);
  if (fault !== undefined) {
    return { message: fault, severity: vscode.InputBoxValidationSeverity.Warning };
  }
  const how = describeQuery(query);
  if (how === "") return undefined;
  return { message: `With: ${how}`, severity: vscode.InputBoxValidationSeverity.Info };
}

/** Why it can't be looked for; it is told while it is typed. */
function faultOf({ text, isRegExp }: FindQuery): string | undefined {
  if (!isRegExp) return undefined;
  try {
    new RegExp(text);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /u, "") : "";
    return `This is no regular expression: ${why}`;
  }
}

function askPatterns(which: Patterns, value: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: which === "include" ? "Files to Include" : "Files to Exclude",
    prompt: "Patterns with commas between: *.ts, src/**, notes. A folder's holds for all below it.",
    placeHolder: which === "include" ? "empty: all files" : "empty: none",
    value,
    ignoreFocusOut: true,
  });
}
