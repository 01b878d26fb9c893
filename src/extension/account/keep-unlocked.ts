import * as vscode from "vscode";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { askNewPassphrase, askPassphrase } from "./ask-passphrase.ts";
import type { UnlockKey } from "./unlock-key.ts";

/** Lets this editor unlock the drive by itself, once the person knows what that means. */
export async function keepUnlocked(node: NodeClient, key: UnlockKey): Promise<void> {
  const status = await node.request("status", {});
  const keep = "Keep Unlocked";
  const choice = await vscode.window.showWarningMessage(
    "Keep the drive unlocked on this computer?",
    {
      modal: true,
      detail:
        "The editor then holds a key to the drive and asks for no passphrase. How well it is guarded depends on the system's keychain: on a Linux desktop without one it lies almost in the open, and any program that runs as you can fetch it. You can take it away again at any time.",
    },
    keep,
  );
  if (choice !== keep) return;
  const question = {
    title: "Keep the Drive Unlocked",
    prompt: "The passphrase, to show that it is you",
  };
  const kept = await askPassphrase(question, (passphrase) => key.keep(node, status, passphrase));
  if (kept) {
    void vscode.window.showInformationMessage(
      'This editor unlocks the drive by itself now. "IPCloud: Ask for the Passphrase Again" undoes it.',
    );
  }
}

/** Takes the editor's key away again. */
export async function askAgain(node: NodeClient, key: UnlockKey): Promise<void> {
  await key.forget(node, await node.request("status", {}));
  void vscode.window.showInformationMessage(
    "The drive asks for its passphrase again when it is locked.",
  );
}

/** Replaces the passphrase. */
export async function changePassphrase(node: NodeClient): Promise<void> {
  const title = "Change the Passphrase";
  let current = "";
  const question = { title, prompt: "The passphrase as it is now" };
  const known = await askPassphrase(question, async (passphrase) => {
    await node.request("unlock", { secret: { passphrase } });
    current = passphrase;
  });
  const next = known ? await askNewPassphrase(title) : undefined;
  if (next === undefined) return;
  await node.request("setSecret", {
    current: { passphrase: current },
    next: { passphrase: next },
  });
  void vscode.window.showInformationMessage(
    "The passphrase was changed. Copies of the keystore made before, in backups for instance, still open by the old one.",
  );
}
