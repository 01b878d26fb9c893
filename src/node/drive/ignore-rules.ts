import ignore, { type Ignore } from "ignore";

/** The file whose rules leave paths out of an import. */
export const ignoreFileName = ".ipcloudignore";

/**
 * The rules that hold in a folder: those of its own `.ipcloudignore` before those of the folders
 * above, as git has it with `.gitignore`.
 */
export interface IgnoreRules {
  readonly above: IgnoreRules | undefined;
  readonly rules: Ignore;
  /** The folder that they are relative to: its names below the source, joined by slashes. */
  readonly base: string;
}

/**
 * Adds the rules of one folder to those of the folders above.
 * @param text - lines in the syntax of gitignore(5).
 * @param base - the folder below the source, names joined by slashes; empty for the source itself.
 */
export function withRules(above: IgnoreRules | undefined, text: string, base: string): IgnoreRules {
  return { above, rules: ignore({ ignorecase: false }).add(text), base };
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
    const { ignored, unignored } = at.rules.test(isFolder ? `${below}/` : below);
    if (ignored || unignored) return ignored;
  }
  return false;
}
