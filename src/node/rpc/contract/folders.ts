import type { ExportReport, ImportReport } from "../../transfer/reports.ts";
import { ofSpace, type Topic, typed } from "./request-spec.ts";

/** Whole folders from and to the local disk, whose paths are absolute there. */
export const folderRequests = {
  import: {
    params: (is) => ({ ...ofSpace(is), source: is.text, dest: is.text }),
    answers: typed<ImportReport>,
    interruptible: true,
  },
  export: {
    params: (is) => ({
      ...ofSpace(is),
      path: is.text,
      dest: is.text,
      at: is.optional(is.text),
      replaceNewer: is.optional(is.flag),
    }),
    answers: typed<ExportReport>,
    interruptible: true,
  },
} satisfies Topic;
