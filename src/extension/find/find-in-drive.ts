import * as vscode from "vscode";
import { driveUri } from "../../provider/drive-uri.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { sentenceOf } from "../../provider/sentence.ts";
import type { Activity, Ended } from "../tasks/activity.ts";
import { count } from "../words.ts";
import { AskQuery, type Toggle } from "./ask-query.ts";
import { asSearch, describeQuery, emptyQuery, type FindQuery, maxLines } from "./find-query.ts";
import { FindResults, type LineResult, placeOf } from "./find-results.ts";
import { type FindNode, FindTree } from "./find-tree.ts";
import { searchDrive } from "./search-drive.ts";

/** Results that come quickly are shown together; many of them more seldom. */
const refreshMs = 120;
const refreshMsForEach = 0.1;
/** A longer selection is not what somebody wants to find. */
const maxSelection = 200;

/** The view "Find in Drive": what is looked for, and the results as they come. */
export class FindInDrive implements vscode.Disposable {
  readonly tree = new FindTree();
  readonly #node: NodeClient;
  readonly #activity: Pick<Activity, "begin">;
  readonly #asking = new AskQuery();
  readonly #view: vscode.TreeView<FindNode>;
  #query: FindQuery = emptyQuery;
  #running: AbortController | undefined;
  #current: LineResult | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param activity - where a search is seen too; what is looked for is not told there. */
  constructor(node: NodeClient, activity: Pick<Activity, "begin">) {
    this.#node = node;
    this.#activity = activity;
    this.#view = vscode.window.createTreeView("ipcloud.find", {
      treeDataProvider: this.tree,
      showCollapseAll: true,
    });
  }

  /** What the view says above its results. */
  get message(): string {
    return this.#view.message ?? "";
  }

  /** Asks what to find, beginning with what is selected, and finds it. */
  async ask(): Promise<void> {
    const text = selectedText() ?? this.#query.text;
    const query = await this.#asking.ask({ ...this.#query, text });
    if (query !== undefined) await this.find(query);
  }

  /** Turns something on or off while it is asked what to find. */
  toggle(name: Toggle): void {
    this.#asking.toggle(name);
  }

  /** Finds the same again. */
  async again(): Promise<void> {
    if (this.#query.text === "") await this.ask();
    else await this.find(this.#query);
  }

  /** Shows what is found in the view; ends when all is, or it is cancelled. */
  async find(query: FindQuery): Promise<void> {
    this.clear();
    this.#query = query;
    const running = new AbortController();
    this.#running = running;
    const { results } = this.tree;
    const task = this.#activity.begin("Finding in the drive", () => {
      running.abort();
    });
    setContext("finding", true);
    setContext("found", true);
    this.#say("finding…");
    void vscode.commands.executeCommand("ipcloud.find.focus", { preserveFocus: false });
    const progress = { location: { viewId: "ipcloud.find" } };
    let end = "";
    let state: Ended["state"] = "done";
    try {
      await vscode.window.withProgress(progress, async () => {
        for await (const page of searchDrive(this.#node, asSearch(query), running.signal)) {
          if (running.signal.aborted) return;
          results.take(page);
          task.progress({ phase: "searching", done: page.searched, total: 0, unit: "files" });
          this.#showSoon();
        }
      });
    } catch (error) {
      state = "failed";
      end = `${sentenceOf(error)} `;
    }
    if (running.signal.aborted) [state, end] = ["cancelled", "cancelled. "];
    else if (state === "done" && results.failed.length > 0) state = "incomplete";
    task.end({ state, text: state === "failed" ? end.trim() : sumOf(results) });
    // Another one may have begun.
    if (this.tree.results !== results) return;
    this.#running = undefined;
    setContext("finding", false);
    this.#show(end);
  }

  /** Ends what is being found; what was found stays. */
  cancel(): void {
    this.#running?.abort();
  }

  /** Forgets what was found. */
  clear(): void {
    this.#running?.abort();
    this.#running = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#current = undefined;
    this.tree.results = new FindResults();
    this.tree.refresh();
    this.#view.message = "";
    setContext("finding", false);
    setContext("found", false);
  }

  /** Forgets what was looked for, too. */
  forget(): void {
    this.clear();
    this.#asking.hide();
    this.#query = emptyQuery;
  }

  /** Opens the file of a result at its place. */
  async open(line: LineResult, preserveFocus = false): Promise<void> {
    this.#current = line;
    const [from, to] = placeOf(line.found);
    const at = line.found.line - 1;
    const selection = new vscode.Range(at, from, at, to);
    await vscode.commands.executeCommand("vscode.open", driveUri(line.file.path), {
      preview: true,
      preserveFocus,
      selection,
    });
  }

  /** Opens the result after the one that was opened last, or before it. */
  async step(by: 1 | -1): Promise<void> {
    const next = this.tree.results.beside(this.#current, by);
    if (next === undefined) return;
    await this.#view.reveal(next, { select: true, focus: false });
    await this.open(next);
  }

  dispose(): void {
    this.#running?.abort();
    clearTimeout(this.#timer);
    vscode.Disposable.from(this.#asking, this.#view, this.tree).dispose();
  }

  #showSoon(): void {
    if (this.#timer !== undefined) return;
    const waitMs = refreshMs + refreshMsForEach * this.tree.results.lines;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#show("finding… ");
    }, waitMs);
  }

  #show(begin: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.tree.refresh();
    this.#say(begin + sumOf(this.tree.results));
  }

  #say(sentence: string): void {
    const { text } = this.#query;
    const how = describeQuery(this.#query);
    this.#view.message = `"${text}"${how === "" ? "" : `, ${how}`}: ${sentence}`;
  }
}

/** What was found, in words. */
function sumOf({ files, lines, more, binary, failed, searched }: FindResults): string {
  const found =
    lines === 0
      ? `nothing found in ${count(searched, "file")}.`
      : `${count(lines, "line")} in ${count(files.length, "file")}.`;
  const capped = `only the first ${count(maxLines, "line")} are shown: there are more. Look for something narrower to see all.`;
  return [
    more ? capped : found,
    ...(failed.length === 0 ? [] : [`${count(failed.length, "file")} could not be searched.`]),
    ...(binary === 0 ? [] : [`${count(binary, "file")} without text passed over.`]),
  ].join(" ");
}

/** What is selected in the editor that is active, if it is a part of one line. */
function selectedText(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || editor.selection.isEmpty || !editor.selection.isSingleLine) {
    return undefined;
  }
  const text = editor.document.getText(editor.selection);
  return text.trim() === "" || text.length > maxSelection ? undefined : text;
}

function setContext(name: string, value: boolean): void {
  void vscode.commands.executeCommand("setContext", `ipcloud.${name}`, value);
}
