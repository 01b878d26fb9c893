import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Option } from "commander";
import { CloudError } from "../../core/cloud-error.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { onDisk } from "../local-error.ts";
import { askNewPassphrase, newPassphraseOfEnvironment } from "../obtain-passphrase.ts";
import type { Session } from "../session.ts";
import { showWordsOnce } from "../show/show-words.ts";
import { canAsk } from "../terminal.ts";

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
  const { state, account, home } = await session.requestPlain("status", {});
  if (state !== "no-account") {
    throw new CloudError(
      "exists",
      `there is a drive in ${JSON.stringify(home)} already, of the account ${account ?? "unknown"}; another one needs a data folder of its own, named by IPCLOUD_HOME`,
    );
  }
  return home;
}

async function writeWords(file: FileHandle, words: string): Promise<void> {
  await file.writeFile(`${words}\n`);
  await file.sync();
}

/** Makes the account and hands its words to a file that nobody else can read. */
async function createIntoFile(session: Session, path: string, create: () => Promise<Created>) {
  const file = await onDisk("write the words to", path, () => open(path, "wx", 0o600));
  try {
    const created = await create().catch(async (error: unknown) => {
      await rm(path, { force: true });
      throw error;
    });
    const words = created.words ?? "";
    await onDisk("write the words to", path, () => writeWords(file, words)).catch(
      // The account exists now, and nobody else keeps its words.
      async (error: unknown) => {
        await session.output.write(`${words}\n`);
        throw error;
      },
    );
    return created;
  } finally {
    await file.close();
  }
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
  const create = (): Promise<Created> =>
    session.requestPlain("createAccount", {
      secret: { passphrase },
      ...(device === undefined ? {} : { device }),
      ...(given === undefined ? {} : { words: given.trim().split(/\s+/).join(" ") }),
    });

  const wordsFile = wordsOut === undefined ? undefined : resolve(terminal.cwd, wordsOut);
  const { account, words } =
    wordsFile === undefined ? await create() : await createIntoFile(session, wordsFile, create);

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
}

/** `ipcloud init`: makes an account, fresh or from its words, and the drive in the data folder. */
export const defineInit: DefineCommand = (session) =>
  newCommand("init", "Make a drive, with a fresh account or from the 24 words of one", [
    ["ipcloud init", "asks for a passphrase, shows the words once"],
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
