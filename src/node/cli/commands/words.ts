import { resolve } from "node:path";
import { confirmWords } from "../confirm-words.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { askPassphrase, passphraseOfEnvironment } from "../obtain-passphrase.ts";
import type { Session } from "../session.ts";
import { showWordsOnce } from "../show/show-words.ts";
import { canAsk } from "../terminal.ts";
import { wordsIntoFile } from "../words-file.ts";

interface WordsOptions {
  readonly out?: string;
}

async function showWords(session: Session, { out }: WordsOptions): Promise<void> {
  const { terminal, output } = session;
  const passphrase =
    (await passphraseOfEnvironment(terminal)) ?? (await askPassphrase(terminal, "Passphrase: "));
  const secret = { passphrase };
  const fetch = () => session.requestPlain("words", { secret });
  const file = out === undefined ? undefined : resolve(terminal.cwd, out);
  const { words, account } = file === undefined ? await fetch() : await wordsIntoFile(file, fetch);
  const onTerminal = file === undefined && canAsk(terminal);
  if (onTerminal) await showWordsOnce(terminal, words);
  const shown = file === undefined && !onTerminal ? { words } : {};
  await output.result({ account, ...shown, ...(file === undefined ? {} : { file }) }, function* () {
    if (file !== undefined) yield `words    in ${output.name(file)}; move them off this machine`;
    if (shown.words !== undefined) yield `words    ${shown.words}`;
  });
  // Whoever ran it has them now.
  await confirmWords(session, secret, account);
}

/** `ipcloud words`: shows the words of an account again, until somebody has confirmed to have them. */
export const defineWords: DefineCommand = (session) =>
  newCommand("words", "Show the 24 words again, until they are confirmed", [
    ["ipcloud words", "asks for the passphrase, shows them and asks for three of them"],
    ["ipcloud words --out words.txt", "writes them to a new file that only you can read"],
  ])
    .option("--out <file>", "write the words to a new file (0600) instead of showing them")
    .action((options: WordsOptions) => showWords(session, options));
