import type { ChangeType, JournalItem, PathChange, RevisionInfo } from "../../rpc/contract.ts";
import type { Output, Paint } from "../output.ts";
import { isoTime, showTime } from "./show-time.ts";

const marks: Readonly<Record<ChangeType, readonly [mark: string, paint: Paint]>> = {
  added: ["+", "green"],
  changed: ["~", "yellow"],
  removed: ["-", "red"],
  moved: [">", "cyan"],
};

/** One changed path: `+ /a/b`, `~ /a/b`, `- /a/b`, `> /a/b (from /a/c)`; a slash after a folder. */
export function showChange(
  output: Output,
  { type, kind, path, from, restoredFrom }: PathChange,
): string {
  const [mark, paint] = marks[type];
  const before = from === undefined ? "" : ` (from ${output.name(from)})`;
  const restored = restoredFrom === undefined ? "" : ` (restored from ${showTime(restoredFrom)})`;
  return output.paint(
    paint,
    `${mark} ${output.name(path)}${kind === "folder" ? "/" : ""}${before}${restored}`,
  );
}

/** A revision and what it changed, for scripts. */
export function revisionJson<Info extends RevisionInfo & Pick<JournalItem, "changes">>(info: Info) {
  const changes = info.changes.map(({ restoredFrom, ...change }) => ({
    ...change,
    ...(restoredFrom === undefined ? {} : { restoredFrom: isoTime(restoredFrom) }),
  }));
  return { ...info, time: isoTime(info.time), changes };
}

/** A revision and what it changed, for people. */
export function* revisionLines(output: Output, item: JournalItem): Iterable<string> {
  const tags =
    item.tags.length === 0 ? "" : `  [${item.tags.map((tag) => output.name(tag)).join(", ")}]`;
  const head = `${item.revision}  ${showTime(item.time)}  ${output.name(item.device)}`;
  yield `${output.paint("bold", head)}${output.paint("cyan", tags)}`;
  for (const change of item.changes) yield `  ${showChange(output, change)}`;
  if (item.more) yield "  and more; see: ipcloud show";
}
