import * as vscode from "vscode";
import { driveIsOpen } from "../documents/shown-resource.ts";
import type { DriveSession } from "./drive-session.ts";

const lookEveryMs = 3000;

/**
 * Brings a window back to the node after its connection has ended: as soon as somebody else has
 * started one, since changes would be missed, and when the person comes back to the window. Starts
 * none before: a node that was stopped on purpose stays stopped.
 * @param nodeRuns - looks for a running node and starts none.
 */
export function comeBack(
  session: DriveSession,
  nodeRuns: () => Promise<boolean>,
): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    if (session.state.kind !== "idle") return;
    if (await nodeRuns()) await session.refresh();
    else timer = setTimeout(() => void look(), lookEveryMs);
  };
  return vscode.Disposable.from(
    session.onDidChangeState(({ kind }) => {
      clearTimeout(timer);
      if (kind === "idle" && driveIsOpen()) timer = setTimeout(() => void look(), lookEveryMs);
    }),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused && driveIsOpen() && session.state.kind === "idle") void session.refresh();
    }),
    new vscode.Disposable(() => {
      clearTimeout(timer);
    }),
  );
}
