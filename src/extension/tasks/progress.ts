import * as vscode from "vscode";
import type { ClientRequestName } from "../../node/rpc/client.ts";
import { isCloudError, type Params, type Result } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { sentenceOf } from "../../provider/sentence.ts";
import { type Activity, type Ended, showProgress } from "./activity.ts";

/** Where long requests go, and where they are seen. */
export interface Tasks {
  readonly node: NodeClient;
  readonly activity: Activity;
}

/** What came of a long request; `cancelled`: the person ended it, and the node says what it left. */
export type Came<Answer> = { readonly result: Answer } | { readonly cancelled: string };

/**
 * Runs a long request with a notification that tells how far it is and can cancel it; the view
 * "Activity" shows it too.
 * @param told - what came of it.
 */
export async function runLong<Name extends ClientRequestName>(
  { node, activity }: Tasks,
  title: string,
  name: Name,
  params: Params<Name>,
  told: (result: Result<Name>) => Ended,
): Promise<Came<Result<Name>>> {
  const abort = new AbortController();
  const task = activity.begin(title, () => {
    abort.abort();
  });
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (report, token) => {
    token.onCancellationRequested(() => {
      activity.cancel(task.id);
    });
    let shown = 0;
    try {
      const result = await node.request(name, params, {
        signal: abort.signal,
        onProgress: (progress) => {
          task.progress(progress);
          const { done, total } = progress;
          const percent = total === 0 ? 0 : Math.min(100, (100 * done) / total);
          const increment = Math.max(0, percent - shown);
          shown += increment;
          report.report({ message: showProgress(progress), increment });
        },
      });
      task.end(told(result));
      return { result };
    } catch (error) {
      const isCancelled = isCloudError(error, "cancelled");
      const text = sentenceOf(error);
      task.end({ state: isCancelled ? "cancelled" : "failed", text });
      if (isCancelled) return { cancelled: text };
      throw error;
    }
  });
}
