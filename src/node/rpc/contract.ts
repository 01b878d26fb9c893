// What a client and the node say to each other, and the only door to it: the table of requests, by
// topic, lies in contract/. What the drive tells is passed on as it is, in the drive's own types.
import type { ChangedEvent } from "../space/types.ts";
import type { Status } from "./contract/node.ts";

export { CloudError, type CloudErrorCode, isCloudError } from "../core/cloud-error.ts";
export type {
  ChangedEvent,
  ChangeType,
  EntryKind,
  FileVersion,
  FoundPath,
  JournalItem,
  ListItem,
  PathChange,
  Progress,
  RemovedItem,
  RevisionInfo,
  Settings,
  SettingsChange,
  Stat,
  VerifyReport,
  VersionId,
  When,
} from "../space/types.ts";
export type { ExportReport, ImportReport } from "../transfer/reports.ts";
export type { FoundLine, SearchItem, SearchPage } from "../transfer/search/search-items.ts";
export type { TextQuery } from "../transfer/search/text-query.ts";
export type { Status } from "./contract/node.ts";
export {
  type ErrorData,
  type ProtocolRefusal,
  protocolVersion,
  succeededMessage,
} from "./contract/protocol.ts";
export {
  isRequestName,
  marksOf,
  type Params,
  type RequestName,
  type Result,
  requestNames,
  type UnlockSecret,
} from "./contract/requests.ts";

/** Every notification from the node. */
export interface Events {
  changed: ChangedEvent;
  state: Status;
}
