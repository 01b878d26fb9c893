import type * as vscode from "vscode";
import type { BaseVersions } from "../provider/documents/base-versions.ts";
import type { UndoableFiles } from "../provider/undo/undoable-files.ts";
import type { FindInDrive } from "./find/find-in-drive.ts";
import type { GoToFile } from "./find/go-to-file.ts";
import type { DriveSession } from "./session/drive-session.ts";
import type { TimelineTree } from "./timeline/timeline-tree.ts";

/** What the tests inside the editor see that the editor itself does not tell; nobody else gets it. */
export interface TestAccess {
  readonly timeline: TimelineTree;
  readonly session: DriveSession;
  readonly bases: Pick<BaseVersions, "base">;
  readonly files: Pick<UndoableFiles, "finishUndos">;
  readonly goToFile: Pick<GoToFile, "shown">;
  readonly finding: Pick<FindInDrive, "tree" | "message" | "find">;
  /** This window has looked for a node that others have started, and told whether one runs. */
  readonly onDidLookForNode: vscode.Event<boolean>;
}
