import ignore, { type Ignore } from "ignore";
import { CloudError } from "../../core/cloud-error.ts";

/** The file whose rules leave paths out of an import. */
export const ignoreFileName = ".ipcloudignore";

/** The longest rule file in bytes. */
export const maxRulesBytes = 1024 * 1024;
/** As many rules as hold in one folder; the first path that they are asked about takes 0.1 ms each. */
const maxRules = 10_000;
/** Each place takes as many times longer as a path has names: with three one path can take seconds. */
const maxPlaces = 2;
/** As many rules as may have so many places: below a thousand folders each takes 10 ms for a path. */
const maxWideRules = 64;
/** Of a rule that is refused. */
const shownCharacters = 60;

/** Checks the length of a rule file in bytes before it is read. @throws usage */
export function checkRulesLength(bytes: number): void {
  if (bytes <= maxRulesBytes) return;
  throw new CloudError(
    "usage",
    `they have ${bytes.toLocaleString("en-US")} bytes; the longest allowed is ${maxRulesBytes.toLocaleString("en-US")}`,
  );
}

/**
 * The rules that hold in a folder: those of its own `.ipcloudignore` before those of the folders
 * above, as git has it with `.gitignore`.
 */
export interface IgnoreRules {
  readonly above: IgnoreRules | undefined;
  readonly rules: Ignore;
  /** How many there are, with those above. */
  readonly count: number;
  /** How many of these pass over folders at as many places as one may. */
  readonly wide: number;
  /** The folder that they are relative to: its names below the source, joined by slashes. */
  readonly base: string;
  /** The folder last asked about that these rules leave out and inner ones brought back. */
  reopened: { readonly folder: string; readonly rules: Ignore } | undefined;
}

/**
 * Adds the rules of one folder to those of the folders above.
 * @param text - lines in the syntax of gitignore(5).
 * @param base - the folder below the source, names joined by slashes; empty for the source itself.
 * @throws usage, if there are too many, or some that take too long to follow.
 */
export function withRules(above: IgnoreRules | undefined, text: string, base: string): IgnoreRules {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  const count = (above?.count ?? 0) + lines.length;
  if (count > maxRules) {
    throw new CloudError(
      "usage",
      `there are ${count.toLocaleString("en-US")} rules, with those of the folders above; at most ${maxRules.toLocaleString("en-US")} are followed`,
    );
  }
  const wide = (above?.wide ?? 0) + countWide(lines);
  if (wide > maxWideRules) {
    throw new CloudError(
      "usage",
      `${wide.toString()} rules have "**" before a slash at ${maxPlaces.toString()} places, with those of the folders above; at most ${maxWideRules.toString()} are followed`,
    );
  }
  return { above, rules: newIgnore().add(lines), count, wide, base, reopened: undefined };
}

/** How many rules pass over folders at as many places as one may. @throws usage, if one does at more. */
function countWide(lines: readonly string[]): number {
  const places = lines.map(placesOf);
  const most = Math.max(0, ...places);
  if (most > maxPlaces) {
    const rule = JSON.stringify(lines[places.indexOf(most)]?.slice(0, shownCharacters));
    throw new CloudError(
      "usage",
      `${rule} has "**" before a slash at ${most.toString()} places; at most ${maxPlaces.toString()} are followed`,
    );
  }
  return places.filter((count) => count === maxPlaces).length;
}

/** At how many places a rule passes over any number of folders; at its end that takes no time. */
function placesOf(rule: string): number {
  const segments = rule.replace(/^!/, "").split("/").slice(0, -1);
  return segments.filter((segment) => /^\*{2,}$/.test(segment)).length;
}

/**
 * Whether something is left out. The innermost file that has a rule for it decides. What lies below
 * a folder that is left out is not asked about: it can't be brought back.
 * @param path - below the source, names joined by slashes.
 */
export function isIgnored(
  innermost: IgnoreRules | undefined,
  path: string,
  isFolder: boolean,
): boolean {
  for (let at = innermost; at !== undefined; at = at.above) {
    const below = at.base === "" ? path : path.slice(at.base.length + 1);
    const { ignored, unignored } = rulesBelow(at, below).test(isFolder ? `${below}/` : below);
    if (ignored || unignored) return ignored;
  }
  return false;
}

function newIgnore(): Ignore {
  return ignore({ ignorecase: false });
}

/**
 * The rules of one file for what lies in a folder. They would leave out all of a folder that they
 * leave out; but whoever asks is in it, so an inner file has brought it back.
 */
function rulesBelow(from: IgnoreRules, path: string): Ignore {
  const folder = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
  if (folder === "" || !from.rules.test(`${folder}/`).ignored) return from.rules;
  if (from.reopened?.folder !== folder) {
    const rules = newIgnore().add(from.rules).add(backAgain(folder));
    from.reopened = { folder, rules };
  }
  return from.reopened.rules;
}

/** Rules that bring back a folder and those that it stands in, and nothing that is in them. */
function backAgain(folder: string): string[] {
  const names = folder.split("/").map((name) => name.replace(/[\\*?[\]]| $/g, "\\$&"));
  return names.map((_, i) => `!/${names.slice(0, i + 1).join("/")}/`);
}
