// C0, DEL, C1; the characters that turn the direction of writing around or break lines; and what
// shows as nothing. All of them can make a name look like another, or command the terminal.
const unsafe = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return short[character] ?? `\\x${code.toString(16).padStart(2, "0")}`;
  return `\\u{${code.toString(16)}}`;
}

/**
 * A name as it may be written to a terminal: control characters, line breaks, invisible ones and
 * those that change the direction of writing are shown as `\n`, `\x1b`, `\u{202e}`.
 */
export function escapeControl(text: string): string {
  return text.replace(unsafe, escapeCharacter);
}
