import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Option } from "commander";
import { CloudError } from "../../core/cloud-error.ts";
import { confirmWords, untilForgotten } from "../confirm-words.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { onDisk } from "../local-error.ts";
import { askNewPassphrase, newPassphraseOfEnvironment } from "../obtain-passphrase.ts";
import type { Session } from "../session.ts";
import { showWordsOnce } from "../show/show-words.ts";
import { canAsk } from "../terminal.ts";
import { wordsIntoFile } from "../words-file.ts";

interface InitOptions {
  readonly wordsOut?: string;
  readonly wordsIn?: string;
  readonly device?: string;
}

interface Created {
  readonly words?: string;
  readonly account: string;
}

async function checkNoAccount(session: Session): Promise<string> {
  await session.client(true);
  const { state, account, home, unconfirmed } = await session.requestPlain("status", {});
  if (unconfirmed?.mayBeReplaced === true) {
    session.output.note(
      "There is an account here already, but nobody has confirmed its words and its drive is empty: a new one takes its place.",
    );
  } else if (state !== "no-account") {
    const hint =
      unconfirmed === undefined
        ? ""
        : '; nobody has confirmed the words of this one yet: "ipcloud words" shows them';
    throw new CloudError(
      "exists",
      `there is a drive in ${JSON.stringify(home)} already, of the account ${account ?? "unknown"}; another one needs a data folder of its own, named by IPCLOUD_HOME${hint}`,
    );
  }
  return home;
}

async function init(session: Session, { wordsOut, wordsIn, device }: InitOptions): Promise<void> {
  const { terminal, output } = session;
  const home = await checkNoAccount(session);
  const given =
    wordsIn === undefined
      ? undefined
      : await onDisk("read the words from", wordsIn, () =>
          readFile(resolve(terminal.cwd, wordsIn), "utf8"),
        );
  const passphrase =
    (await newPassphraseOfEnvironment(terminal)) ?? (await askNewPassphrase(terminal));
  const secret = { passphrase };
  const create = (): Promise<Created> =>
    session.requestPlain("createAccount", {
      secret,
      ...(device === undefined ? {} : { device }),
      ...(given === undefined ? {} : { words: given.trim().split(/\s+/).join(" ") }),
    });

  const wordsFile = wordsOut === undefined ? undefined : resolve(terminal.cwd, wordsOut);
  const { account, words } =
    wordsFile === undefined ? await create() : await wordsIntoFile(wordsFile, create);

  // Without a file and without a terminal, whoever ran it finds the words in the result.
  const toShow = wordsFile === undefined && given === undefined ? words : undefined;
  const onTerminal = toShow !== undefined && canAsk(terminal);
  if (onTerminal) await showWordsOnce(terminal, toShow);
  const shown = onTerminal ? undefined : toShow;
  const value = { account, home, ...(shown === undefined ? {} : { words: shown }) };
  await output.result(wordsFile === undefined ? value : { ...value, wordsFile }, function* () {
    yield `account  ${account}`;
    yield `home     ${output.name(home)}`;
    if (wordsFile !== undefined)
      yield `words    in ${output.name(wordsFile)}; move them off this machine`;
    if (shown !== undefined) yield `words    ${shown}`;
  });
  // Whoever ran it has them now. Until here, `ipcloud words` would have shown them again.
  if (words !== undefined) await confirmWords(session, secret, account);
  else await untilForgotten(session);
}

/** `ipcloud init`: makes an account, fresh or from its words, and the drive in the data folder. */
export const defineInit: DefineCommand = (session) =>
  newCommand("init", "Make a drive, with a fresh account or from the 24 words of one", [
    ["ipcloud init", "asks for a passphrase, shows the words until you confirm them"],
    ["ipcloud init --words-out words.txt", "writes them to a new file that only you can read"],
    ["ipcloud init --words-in words.txt", "the account that these words are"],
  ])
    .addOption(
      new Option(
        "--words-out <file>",
        "write the words to a new file (0600) instead of showing them",
      ).conflicts("wordsIn"),
    )
    .addOption(new Option("--words-in <file>", "read the words of the account from a file"))
    .option("--device <name>", "how this device is called in the history; else as the machine is")
    .action((options: InitOptions) => init(session, options));
