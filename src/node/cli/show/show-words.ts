import { randomInt } from "node:crypto";
import { askLine } from "../ask.ts";
import type { Terminal } from "../terminal.ts";

/** How many words are asked for, to see that they were written down. */
const asked = 3;
const columns = 4;

function wordTable(words: readonly string[]): string {
  const cells = words.map((word, i) => `${(i + 1).toString().padStart(2)}. ${word.padEnd(10)}`);
  const rows: string[] = [];
  for (let i = 0; i < cells.length; i += columns) rows.push(cells.slice(i, i + columns).join("  "));
  return rows.join("\n");
}

function drawPlaces(count: number): number[] {
  const places = new Set<number>();
  while (places.size < Math.min(asked, count)) places.add(randomInt(count));
  return [...places].sort((a, b) => a - b);
}

async function knows(terminal: Terminal, words: readonly string[]): Promise<boolean> {
  for (const place of drawPlaces(words.length)) {
    const answer = await askLine(terminal, `Word ${(place + 1).toString()}: `);
    if (answer.trim().toLowerCase() !== words[place]) return false;
  }
  return true;
}

/**
 * Shows the words of an account on the terminal's alternate screen, so that they are not left in
 * its scrollback, and asks for three of them; a wrong answer shows them again.
 * @throws cancelled, at Ctrl-C: the account stays, and its words can be shown again.
 */
export async function showWordsOnce(terminal: Terminal, phrase: string): Promise<void> {
  const words = phrase.split(" ");
  const { stderr } = terminal;
  for (;;) {
    stderr.write("\u001b[?1049h\u001b[H\u001b[2J");
    try {
      stderr.write(
        `These ${words.length.toString()} words are the account. Nothing else brings it back when every device is\n` +
          `lost, whoever has them has everything, and IPCloud forgets them once you have confirmed them.\n` +
          `Write them on paper, in this order:\n\n${wordTable(words)}\n\n`,
      );
      await askLine(terminal, "Press Enter when they are written down. ");
    } finally {
      stderr.write("\u001b[?1049l");
    }
    if (await knows(terminal, words)) return;
    stderr.write("That is not the word; look once more.\n");
    await askLine(terminal, "Press Enter to see them again. ");
  }
}
