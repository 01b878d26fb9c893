import { wordlist } from "@scure/bip39/wordlists/english.js";

const suggestions = 3;
/** Beyond so many edits a suggestion only confuses. */
const farthestSuggestion = 3;
const longestShownWord = 20;

/**
 * What people are told of a word that is not in the list.
 * @param place - from 1.
 * @returns a sentence with the word, cut short if it is long, and the nearest of the list.
 */
export function unknownWord(word: string, place: number): string {
  const shown = word.length > longestShownWord ? `${word.slice(0, longestShownWord)}…` : word;
  const near = nearestWords(word);
  const hint = near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
  return `word ${place.toString()}, ${JSON.stringify(shown)}, is not in the list of words${hint}`;
}

/** Words of the list within a few edits, the nearest first, then in the order of the list. */
function nearestWords(word: string): string[] {
  if (word.length > longestShownWord) return [];
  return wordlist
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => {
      return distance <= farthestSuggestion && distance < candidate.length / 2 + 1;
    })
    .sort((a, b) => a.distance - b.distance)
    .slice(0, suggestions)
    .map(({ candidate }) => candidate);
}

/** How many letters must be put in, taken out, changed or swapped with the next (Damerau). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, substituted);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, at(beforeLast, j - 2) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
