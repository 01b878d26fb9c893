import { CloudError } from "../core/cloud-error.ts";
import type { StateView } from "../tree/state-view.ts";
import type { DriveParts } from "./parts.ts";
import type { ExportReport } from "./types.ts";
import type { WorkCall } from "./upkeep.ts";

export function exportTree(
  _parts: DriveParts,
  _view: StateView,
  _path: string,
  _dest: string,
  _call: WorkCall,
): Promise<ExportReport> {
  return Promise.reject(new CloudError("unexpected", "export is not there yet"));
}
