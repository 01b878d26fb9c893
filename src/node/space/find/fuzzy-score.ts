/**
 * How well a path fits what was typed, as people type names of files: any of its letters, in order.
 *
 * 1. What is typed is cut at spaces; every piece has to be found, a piece with a slash in the path,
 *    any other in the name or else in the path.
 * 2. A piece that stands in the name as typed beats one whose letters are strewn over it, and both
 *    beat what is found in the folders above only.
 * 3. Of those alike, beginnings of words count, letters side by side, and shorter names.
 */
export interface FuzzyQuery {
  readonly pieces: readonly string[];
  /** The letters that a path must have: see {@link letterMask}. */
  readonly mask: number;
  /** Whether a piece can only be found in the path. */
  readonly hasSlash: boolean;
}

/** Of a query this much is looked at. */
const maxQueryLength = 256;

const inName = 1_000_000;
const asTyped = 100_000;
const perfect = 50_000;
const atBeginning = 20_000;
const atWord = 10_000;

/** Reads what was typed. */
export function parseFuzzy(typed: string): FuzzyQuery {
  const pieces = typed
    .slice(0, maxQueryLength)
    .toLowerCase()
    .split(/\s+/u)
    .filter((piece) => piece !== "");
  const mask = pieces.reduce((all, piece) => all | letterMask(piece), 0);
  return { pieces, mask, hasSlash: pieces.some((piece) => piece.includes("/")) };
}

/**
 * A set of the letters and digits of a text, in 32 bits: a text whose mask lacks a bit of a query's
 * can't fit it. What is neither has no bit.
 */
export function letterMask(lowered: string): number {
  let mask = 0;
  for (let i = 0; i < lowered.length; i++) {
    const code = lowered.charCodeAt(i);
    if (code >= 97 && code <= 122) mask |= 1 << (code - 97);
    else if (code >= 48 && code <= 57) mask |= 1 << (26 + ((code - 48) % 6));
  }
  return mask;
}

/**
 * How well a path fits; the larger the better, 0: not at all.
 * @param folder - the path of the folder, with a slash at its end.
 */
export function fuzzyScore({ pieces }: FuzzyQuery, folder: string, name: string): number {
  let sum = 1;
  const lowered = name.toLowerCase();
  for (const piece of pieces) {
    const score = piece.includes("/") ? 0 : scoreIn(piece, name, lowered);
    if (score > 0) sum += inName + score;
    else {
      const path = folder + name;
      const below = scoreIn(piece, path, path.toLowerCase());
      if (below === 0) return 0;
      sum += below;
    }
  }
  return sum;
}

function scoreIn(piece: string, text: string, lowered: string): number {
  if (piece.length > lowered.length) return 0;
  const at = lowered.indexOf(piece);
  const shortness = 1000 - Math.min(999, lowered.length - piece.length);
  if (at < 0) {
    const strewn = scoreStrewn(piece, text, lowered);
    return strewn === 0 ? 0 : strewn + shortness;
  }
  if (at === 0) {
    return asTyped + atBeginning + shortness + (piece.length === lowered.length ? perfect : 0);
  }
  const begins = bestStart(piece, text, lowered, at);
  return asTyped + (begins ? atWord : 0) + shortness;
}

/** Whether a piece stands at the beginning of a word, anywhere. */
function bestStart(piece: string, text: string, lowered: string, first: number): boolean {
  for (let at = first; at >= 0; at = lowered.indexOf(piece, at + 1)) {
    if (beginsWord(text, at)) return true;
  }
  return false;
}

function beginsWord(text: string, at: number): boolean {
  if (at === 0) return true;
  const [before, here] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return (
    !isWord(before) || (isUpper(here) && !isUpper(before)) || isDigit(here) !== isDigit(before)
  );
}

const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isWord = (code: number): boolean =>
  isUpper(code) || isDigit(code) || (code >= 97 && code <= 122) || code > 127;

/**
 * Letters of a piece in order, with others between. Where they end first is found from the left, and
 * from there back the place where they stand closest, as fzf does.
 */
function scoreStrewn(piece: string, text: string, lowered: string): number {
  let next = 0;
  let end = -1;
  for (let i = 0; i < lowered.length; i++) {
    if (lowered.charCodeAt(i) !== piece.charCodeAt(next)) continue;
    if (++next < piece.length) continue;
    end = i;
    break;
  }
  if (end < 0) return 0;
  let score = 0;
  let last = end + 2;
  let left = piece.length - 1;
  for (let i = end; left >= 0; i--) {
    if (lowered.charCodeAt(i) !== piece.charCodeAt(left)) continue;
    left--;
    score += 10;
    if (last === i + 1) score += 25;
    if (beginsWord(text, i)) score += 40;
    last = i;
  }
  const spread = end - last + 1 - piece.length;
  return Math.max(1, 20_000 + score - 5 * spread);
}
