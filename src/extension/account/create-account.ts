import * as vscode from "vscode";
import { isCloudError } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { sentenceOf } from "../../provider/sentence.ts";
import { askNewPassphrase, askPassphrase } from "./ask-passphrase.ts";
import { showWords } from "./words-panel.ts";

const title = "Create an IPCloud Account";

/**
 * Makes the account of this computer, fresh or from 24 words.
 * @returns whether there is one now.
 * @throws CloudError, exists if there was one before.
 */
export async function createAccount(node: NodeClient): Promise<boolean> {
  const fresh: vscode.QuickPickItem = {
    label: "$(add) New account",
    detail: "Draws 24 words that you write down",
  };
  const known: vscode.QuickPickItem = {
    label: "$(key) I have 24 words",
    detail: "Opens the account that they stand for",
  };
  const choice = await vscode.window.showQuickPick([fresh, known], {
    title,
    placeHolder: "A drive belongs to an account, and an account to nobody but its words",
    ignoreFocusOut: true,
  });
  if (choice === undefined) return false;
  const words = choice === known ? await askWords() : "";
  if (words === undefined) return false;
  const passphrase = await askNewPassphrase(title);
  if (passphrase === undefined) return false;
  return make(node, passphrase, words);
}

async function make(node: NodeClient, passphrase: string, words: string): Promise<boolean> {
  try {
    const progress = {
      location: vscode.ProgressLocation.Notification,
      title: "Making the account",
    };
    const made = await vscode.window.withProgress(progress, () =>
      node.request("createAccount", {
        secret: { passphrase },
        ...(words === "" ? {} : { words }),
      }),
    );
    if (made.words !== undefined) await handOver(node, passphrase, made.words, made.account);
    return true;
  } catch (error) {
    if (words === "" || !isCloudError(error, "usage")) throw error;
    // The node says which word is misspelled: ask again, with what was typed gone.
    const again = "Try Again";
    const options = { modal: true, detail: sentenceOf(error) };
    const choice = await vscode.window.showErrorMessage(
      "These words open no account.",
      options,
      again,
    );
    const corrected = choice === again ? await askWords() : undefined;
    return corrected !== undefined && make(node, passphrase, corrected);
  }
}

/** Shows the words of an account again, while nobody has confirmed to have them. */
export async function showWordsAgain(node: NodeClient): Promise<void> {
  let found:
    | { readonly passphrase: string; readonly words: string; readonly account: string }
    | undefined;
  const question = {
    title: "Show the Recovery Words",
    prompt: "The passphrase, to show that it is you",
  };
  await askPassphrase(question, async (passphrase) => {
    found = { passphrase, ...(await node.request("words", { secret: { passphrase } })) };
  });
  if (found !== undefined) await handOver(node, found.passphrase, found.words, found.account);
}

/** Shows words, and has the node forget them once they are confirmed. */
async function handOver(
  node: NodeClient,
  passphrase: string,
  words: string,
  account: string,
): Promise<void> {
  if (!(await showWords(words.split(" ")))) return;
  await node.request("confirmWords", { secret: { passphrase }, account });
}

async function askWords(): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: "The 24 words in their order, with spaces between",
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => {
      const number = wordsOf(value).length;
      return number === 24 ? undefined : `${String(number)} of 24 words`;
    },
  });
  return typed === undefined ? undefined : wordsOf(typed).join(" ");
}

function wordsOf(text: string): string[] {
  return text
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}
