import { CloudError } from "../core/cloud-error.ts";
import type { DriveParts } from "./parts.ts";
import type { ImportReport } from "./types.ts";
import type { WorkCall } from "./upkeep.ts";

export function importTree(
  _parts: DriveParts,
  _source: string,
  _dest: string,
  _call: WorkCall,
): Promise<ImportReport> {
  return Promise.reject(new CloudError("unexpected", "import is not there yet"));
}
