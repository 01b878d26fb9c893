import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { CloudError } from "../core/cloud-error.ts";
import { checkNewPassphrase, fewestCharacters, isLongEnough } from "../core/passphrase.ts";
import { askSecret } from "./ask.ts";
import { onDisk } from "./local-error.ts";
import { canAsk, type Terminal } from "./terminal.ts";

/** Names the file that holds the passphrase, so that scripts are not asked. */
const passphraseFileVariable = "IPCLOUD_PASSPHRASE_FILE";

/**
 * The passphrase in a file, without the one line break at its end.
 * @throws not-found and others of the local disk; usage, if it is empty or others can read it.
 */
export async function readPassphraseFile(terminal: Terminal, file: string): Promise<string> {
  const path = resolve(terminal.cwd, file);
  const text = await onDisk("read the passphrase file", path, async () => {
    const opened = await open(path);
    try {
      await mustBePrivate(opened, path);
      return await opened.readFile("utf8");
    } finally {
      await opened.close();
    }
  });
  const passphrase = text.replace(/\r?\n$/, "");
  if (passphrase === "") {
    throw new CloudError(
      "usage",
      `expected a passphrase in ${JSON.stringify(path)}, got an empty file`,
    );
  }
  return passphrase;
}

/** A pipe is taken as it is, and so is what belongs to another user, who decides who reads it. */
async function mustBePrivate(file: FileHandle, path: string): Promise<void> {
  const found = await file.stat();
  const isOwn = found.uid === process.getuid?.();
  if (!found.isFile() || !isOwn || (found.mode & 0o077) === 0) return;
  const shown = JSON.stringify(path);
  throw new CloudError(
    "usage",
    `others can read the passphrase file ${shown}; keep it to yourself by: chmod 600 ${shown}`,
  );
}

const namedFile = ({ env }: Terminal): string => env[passphraseFileVariable] ?? "";

/** Whether the environment names a file that holds the passphrase. */
export const namesPassphraseFile = (terminal: Terminal): boolean => namedFile(terminal) !== "";

/** The passphrase of the file named by the environment; `undefined` if none is named. */
export async function passphraseOfEnvironment(terminal: Terminal): Promise<string | undefined> {
  if (!namesPassphraseFile(terminal)) return undefined;
  return readPassphraseFile(terminal, namedFile(terminal));
}

/** The same for a passphrase that is to be set. @throws usage, if it is too short. */
export async function newPassphraseOfEnvironment(terminal: Terminal): Promise<string | undefined> {
  const passphrase = await passphraseOfEnvironment(terminal);
  if (passphrase !== undefined) checkNewPassphrase(passphrase);
  return passphrase;
}

function checkCanAsk(terminal: Terminal): void {
  if (canAsk(terminal)) return;
  throw new CloudError(
    "locked",
    `the passphrase is needed and there is no terminal to ask for it; unlock the drive before, or name a file that holds it in ${passphraseFileVariable}`,
  );
}

/** Asks for a passphrase. @throws locked, if there is no terminal; cancelled. */
export async function askPassphrase(terminal: Terminal, question: string): Promise<string> {
  checkCanAsk(terminal);
  return askSecret(terminal, question);
}

/** Asks for a new passphrase, twice, until both agree. @throws locked, cancelled */
export async function askNewPassphrase(terminal: Terminal): Promise<string> {
  checkCanAsk(terminal);
  for (;;) {
    const first = await askSecret(terminal, "New passphrase: ");
    if (!isLongEnough(first)) {
      const fewest = fewestCharacters.toString();
      terminal.stderr.write(`At least ${fewest} characters, such as four or five random words.\n`);
    } else if (first === (await askSecret(terminal, "The same again: "))) return first;
    else terminal.stderr.write("The two differ; try again.\n");
  }
}
