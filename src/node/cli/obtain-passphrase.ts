import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CloudError } from "../core/cloud-error.ts";
import { askSecret } from "./ask.ts";
import { onDisk } from "./local-error.ts";
import { canAsk, type Terminal } from "./terminal.ts";

/** Names the file that holds the passphrase, so that scripts are not asked. */
const passphraseFileVariable = "IPCLOUD_PASSPHRASE_FILE";

/**
 * The passphrase in a file, without the one line break at its end.
 * @throws not-found and others of the local disk; usage, if it is empty.
 */
export async function readPassphraseFile(terminal: Terminal, file: string): Promise<string> {
  const path = resolve(terminal.cwd, file);
  const text = await onDisk("read the passphrase file", path, () => readFile(path, "utf8"));
  const passphrase = text.replace(/\r?\n$/, "");
  if (passphrase === "") {
    throw new CloudError(
      "usage",
      `expected a passphrase in ${JSON.stringify(path)}, got an empty file`,
    );
  }
  return passphrase;
}

const namedFile = ({ env }: Terminal): string => env[passphraseFileVariable] ?? "";

/** Whether the environment names a file that holds the passphrase. */
export const namesPassphraseFile = (terminal: Terminal): boolean => namedFile(terminal) !== "";

/** The passphrase of the file named by the environment; `undefined` if none is named. */
export async function passphraseOfEnvironment(terminal: Terminal): Promise<string | undefined> {
  if (!namesPassphraseFile(terminal)) return undefined;
  return readPassphraseFile(terminal, namedFile(terminal));
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
    if (first === "") terminal.stderr.write("An empty passphrase protects nothing; try again.\n");
    else if (first === (await askSecret(terminal, "The same again: "))) return first;
    else terminal.stderr.write("The two differ; try again.\n");
  }
}
