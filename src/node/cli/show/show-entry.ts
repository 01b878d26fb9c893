import { showSize } from "../../core/show-size.ts";
import type { ListItem, Stat } from "../../rpc/contract.ts";
import type { Output } from "../output.ts";
import { isoTime, showTime } from "./show-time.ts";

const showMode = (mode: number): string => mode.toString(8).padStart(4, "0");

/**
 * What stands at a path, for scripts: times as ISO 8601, the mode in octal digits.
 * @param names - what goes before it: `{name}`, `{path}`.
 */
export function entryJson<Names extends object>(names: Names, entry: Stat) {
  const { kind, size, mtime, ctime, mode, version, conflict = false, damaged = false } = entry;
  return {
    ...names,
    kind,
    size,
    mtime: isoTime(mtime),
    ctime: isoTime(ctime),
    mode: showMode(mode),
    version: version === "" ? null : version,
    conflict,
    ...(damaged ? { damaged } : {}),
  };
}

/** A name as a list shows it: coloured by kind, a slash after a folder. */
export function showName(output: Output, { name, kind }: ListItem): string {
  const shown = output.name(name);
  if (kind === "folder") return `${output.paint("blue", shown)}/`;
  return kind === "link" ? `${output.paint("cyan", shown)}@` : shown;
}

/** The cells of one line of a list: size, time, name, and with `long` the mode and the version. */
export function entryCells(output: Output, item: ListItem, long: boolean): string[] {
  const mark = (text: string): string => output.paint("red", `  (${text})`);
  const conflict = item.conflict === true ? mark("conflict: two contents") : "";
  const damaged = item.damaged === true ? mark("damaged; see: ipcloud verify") : "";
  const shared = [item.kind === "file" ? showSize(item.size) : "-", showTime(item.mtime)];
  const name = `${showName(output, item)}${conflict}${damaged}`;
  return long ? [showMode(item.mode), ...shared, item.version || "-", name] : [...shared, name];
}
