import * as vscode from "vscode";
import { isCloudError } from "../../node/rpc/contract.ts";
import { passphraseStrength } from "./passphrase-strength.ts";

/** What to ask. */
export interface PassphraseQuestion {
  readonly title: string;
  readonly prompt: string;
}

/**
 * Asks for the passphrase until `accept` takes it; the box stays open meanwhile and says what was
 * wrong.
 * @param accept - throws wrong-passphrase to be asked again; any other error ends the question.
 * @param needless - aborted when nobody needs to be asked any more: counts as accepted.
 * @returns whether it was accepted; false if the person gave up.
 */
export function askPassphrase(
  question: PassphraseQuestion,
  accept: (passphrase: string) => Promise<void>,
  needless?: AbortSignal,
): Promise<boolean> {
  const box = vscode.window.createInputBox();
  Object.assign(box, question, { password: true, ignoreFocusOut: true });
  return new Promise<boolean>((resolve, reject) => {
    const tryIt = async (): Promise<void> => {
      if (box.busy || box.value === "") return;
      box.busy = true;
      box.enabled = false;
      box.validationMessage = "";
      try {
        await accept(box.value);
        resolve(true);
        box.hide();
      } catch (error) {
        if (isCloudError(error, "wrong-passphrase")) {
          box.value = "";
          box.validationMessage = "That is not the passphrase of this drive.";
        } else {
          reject(error instanceof Error ? error : new Error(String(error)));
          box.hide();
        }
      } finally {
        box.busy = false;
        box.enabled = true;
      }
    };
    box.onDidAccept(() => void tryIt());
    box.onDidChangeValue(() => {
      box.validationMessage = "";
    });
    box.onDidHide(() => {
      resolve(false);
    });
    needless?.addEventListener("abort", () => {
      resolve(true);
      box.hide();
    });
    if (needless?.aborted === true) resolve(true);
    else box.show();
  }).finally(() => {
    box.dispose();
  });
}

/**
 * Asks for a new passphrase, twice, with a hint on its strength.
 * @returns `undefined` if the person gave up.
 */
export async function askNewPassphrase(title: string): Promise<string | undefined> {
  const options = { title, password: true, ignoreFocusOut: true };
  const first = await vscode.window.showInputBox({
    ...options,
    prompt: "It opens the drive on this computer. It can't be looked up or reset by anybody.",
    placeHolder: "New passphrase",
    validateInput: (value) => {
      const { enough, words } = passphraseStrength(value);
      const { Error: refused, Info: told } = vscode.InputBoxValidationSeverity;
      return { message: words, severity: enough ? told : refused };
    },
  });
  if (first === undefined) return undefined;
  const second = await vscode.window.showInputBox({
    ...options,
    prompt: "The same passphrase again, so that a slip of a finger does not lock you out.",
    placeHolder: "New passphrase again",
    validateInput: (value) =>
      first === value ? undefined : "This is not what you typed the first time.",
  });
  return second === undefined ? undefined : first;
}
