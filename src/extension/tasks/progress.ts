import * as vscode from "vscode";
import type { ClientRequestName } from "../../node/rpc/client.ts";
import { isCloudError, type Params, type Progress, type Result } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { count, showSize } from "../words.ts";

/**
 * Runs a long request with a notification that tells how far it is and can cancel it.
 * @returns `undefined` if the person cancelled it.
 */
export async function runLong<Name extends ClientRequestName>(
  node: NodeClient,
  title: string,
  name: Name,
  params: Params<Name>,
): Promise<Result<Name> | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (report, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => {
      abort.abort();
    });
    let shown = 0;
    const onProgress = (progress: Progress): void => {
      const { done, total } = progress;
      const percent = total === 0 ? 0 : Math.min(100, (100 * done) / total);
      const increment = Math.max(0, percent - shown);
      shown += increment;
      report.report({ message: showProgress(progress), increment });
    };
    try {
      return await node.request(name, params, { signal: abort.signal, onProgress });
    } catch (error) {
      if (isCloudError(error, "cancelled")) return undefined;
      throw error;
    }
  });
}

/** `reading, 120 of 4,000 files`. */
export function showProgress({ phase, done, total, unit }: Progress): string {
  const one = unit.slice(0, -1);
  const show = (n: number): string => (unit === "bytes" ? showSize(n) : count(n, one));
  if (total === 0) return `${phase}, ${show(done)}`;
  const of = unit === "bytes" ? showSize(done) : new Intl.NumberFormat("en").format(done);
  return `${phase}, ${of} of ${show(total)}`;
}
