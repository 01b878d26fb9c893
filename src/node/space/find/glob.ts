import { CloudError } from "../../core/cloud-error.ts";

/** Decides by the names from the root of the drive down to a thing. */
export interface Glob {
  /** Whether the pattern is about just this; what lies below a folder is not asked here. */
  matches(names: readonly string[]): boolean;
}

/** One character of a name, as a pattern wants it. */
type CharacterToken =
  | { readonly kind: "one"; readonly character: string }
  | { readonly kind: "any" }
  | {
      readonly kind: "class";
      readonly isNot: boolean;
      readonly ranges: readonly (readonly [from: string, to: string])[];
    };

/** Any number of characters, or of folders. */
const many = { kind: "many" } as const;
type Many = typeof many;

/** One name of a path. */
interface NameToken {
  readonly kind: "name";
  readonly characters: readonly (CharacterToken | Many)[];
}

/** So many patterns come of one by its braces, at most. */
const maxBraces = 256;
const maxPatternLength = 4096;

/**
 * Reads a pattern: `*` and `?` within a name, `**` for any number of folders, `[a-z]`, `[!a-z]`,
 * `{one,other}`, `\` before what is meant as it stands. It is looked for at any depth, unless it
 * begins with a slash. What it takes to match grows with pattern times path and no faster.
 * @throws usage
 */
export function parseGlob(pattern: string, ignoreCase = false): Glob {
  if (pattern.length > maxPatternLength) throw refused(pattern, "is too long");
  const fold = ignoreCase ? (text: string) => text.toLowerCase() : (text: string) => text;
  const paths = expandBraces(fold(pattern), pattern).map((each) => parsePath(each, pattern));
  return {
    matches: (names) => {
      const folded = ignoreCase ? names.map(fold) : names;
      return paths.some((tokens) => matchTokens(tokens, folded, fitsName));
    },
  };
}

/** Whether a text as typed is a pattern, and not a name. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

function refused(pattern: string, why: string): CloudError {
  return new CloudError("usage", `the pattern ${JSON.stringify(pattern.slice(0, 80))} ${why}`);
}

/** All that a pattern stands for, `{a,b}` written out, the inner ones too. */
function expandBraces(text: string, pattern: string): string[] {
  const done: string[] = [];
  const pending = [text];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const found = firstBraces(next);
    if (found === undefined) done.push(next);
    else {
      const [from, to, choices] = found;
      const [before, after] = [next.slice(0, from), next.slice(to)];
      pending.push(...choices.map((choice) => before + choice + after).reverse());
    }
    if (done.length + pending.length > maxBraces) throw refused(pattern, "has too many braces");
  }
  return done;
}

/** Where the first braces with a comma in them begin and end, and what they hold. */
function firstBraces(text: string): [from: number, to: number, choices: string[]] | undefined {
  for (let from = text.indexOf("{"); from >= 0; from = text.indexOf("{", from + 1)) {
    if (isEscaped(text, from)) continue;
    const choices: string[] = [];
    let depth = 1;
    let start = from + 1;
    for (let at = start; at < text.length; at++) {
      const character = text[at];
      if (character === "\\") at++;
      else if (character === "{") depth++;
      else if (character === "}" && --depth === 0) {
        choices.push(text.slice(start, at));
        if (choices.length > 1) return [from, at + 1, choices];
        break;
      } else if (character === "," && depth === 1) {
        choices.push(text.slice(start, at));
        start = at + 1;
      }
    }
  }
  return undefined;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (before > 0 && text[before - 1] === "\\") before--;
  return (at - before) % 2 === 1;
}

function parsePath(text: string, pattern: string): (NameToken | Many)[] {
  const isAnchored = /^(?:\.?\/)/.test(text);
  const names = text
    .replace(/^\.?\//, "")
    .split("/")
    .filter((name) => name !== "");
  if (names.length === 0) throw refused(pattern, "names nothing");
  const tokens = names.map((name) =>
    name === "**" ? many : { kind: "name" as const, characters: parseName(name) },
  );
  return isAnchored ? tokens : [many, ...tokens];
}

function parseName(text: string): (CharacterToken | Many)[] {
  const characters = Array.from(text);
  const tokens: (CharacterToken | Many)[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    if (character === "*") tokens.push(many);
    else if (character === "?") tokens.push({ kind: "any" });
    else if (character === "[") {
      const end = classEnd(characters, at);
      if (end === undefined) tokens.push({ kind: "one", character });
      else {
        tokens.push(parseClass(characters.slice(at + 1, end)));
        at = end;
      }
    } else if (character === "\\" && at + 1 < characters.length) {
      tokens.push({ kind: "one", character: characters[++at] as string });
    } else tokens.push({ kind: "one", character });
  }
  return tokens;
}

/** Where a class that begins at `[` ends; a `]` that comes first is one of it. */
function classEnd(characters: readonly string[], at: number): number | undefined {
  const first = /[!^]/.test(characters[at + 1] ?? "") ? at + 2 : at + 1;
  const end = characters.indexOf("]", first + 1);
  return end < 0 ? undefined : end;
}

function parseClass(characters: readonly string[]): CharacterToken {
  const isNot = /[!^]/.test(characters[0] ?? "");
  const inside = isNot ? characters.slice(1) : characters;
  const ranges: [string, string][] = [];
  for (let at = 0; at < inside.length; at++) {
    const from = inside[at] as string;
    if (inside[at + 1] === "-" && at + 2 < inside.length) {
      ranges.push([from, inside[at + 2] as string]);
      at += 2;
    } else ranges.push([from, from]);
  }
  return { kind: "class", isNot, ranges };
}

function fitsName({ characters }: NameToken, name: string): boolean {
  return matchTokens(characters, Array.from(name), fitsCharacter);
}

function fitsCharacter(token: CharacterToken, character: string): boolean {
  switch (token.kind) {
    case "one":
      return token.character === character;
    case "any":
      return true;
    case "class":
      return (
        token.ranges.some(([from, to]) => from <= character && character <= to) !== token.isNot
      );
  }
}

/** Whether tokens, each for one item but {@link many}, take all items: the last of those gives way. */
function matchTokens<Token extends { readonly kind: string }, Item>(
  tokens: readonly (Token | Many)[],
  items: readonly Item[],
  fits: (token: Token, item: Item) => boolean,
): boolean {
  let token = 0;
  let back: { readonly token: number; item: number } | undefined;
  for (let item = 0; item < items.length; ) {
    const wanted = tokens[token];
    if (wanted === many) back = { token: ++token, item };
    else if (wanted !== undefined && fits(wanted as Token, items[item] as Item)) {
      token++;
      item++;
    } else if (back === undefined) return false;
    else {
      item = ++back.item;
      token = back.token;
    }
  }
  return tokens.slice(token).every((left) => left === many);
}
