import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { drive, hasDriver, screenshot } from "./driver.ts";
import { answeringModals, driveUri, eventually, extension, ipcloud, show } from "./ipcloud.ts";

const box = ".quick-input-widget";
const passphrase = "correct horse battery staple";
const welcome = ".pane-body .welcome-view-content";

interface Status {
  readonly state: string;
}

async function status(): Promise<Status> {
  return JSON.parse(await ipcloud("--json", "status")) as Status;
}

/** Waits for a question whose box says `prompt`, and answers it. */
async function answer(prompt: RegExp, text: string): Promise<void> {
  await eventually(async () => {
    const text = await drive("text", box);
    assert.ok(prompt.test(text), `the box does not say ${String(prompt)}`);
  });
  await drive("type", text);
  await drive("press", "Enter");
}

async function welcomeSays(words: RegExp): Promise<void> {
  await eventually(async () => {
    assert.match(await drive("text", welcome), words);
  });
}

describe("the first use of a drive", () => {
  before(async function () {
    if (!hasDriver) this.skip();
    await extension();
  });

  it("begins with a word on what an account is", async () => {
    await welcomeSays(/An account is 24 words/);
    await screenshot("welcome-no-account");
  });

  it("shows the words of a new account once and has three of them confirmed", async () => {
    const done = vscode.commands.executeCommand("ipcloud.createAccount");
    await answer(/New account/, "New");
    await answer(/It opens the drive on this computer/, passphrase);
    await answer(/The same passphrase again/, passphrase);
    const words = await eventually(async () => {
      const found = (await drive("frameText", "ol li")).split("\n");
      assert.equal(found.length, 24);
      return found;
    });
    await screenshot("recovery-words");
    await drive("frameClick", "a.button");
    for (let asked = 0, before = 0; asked < 3; asked++) {
      before = await eventually(async () => {
        const number = Number(/Word (\d+) of 24/.exec(await drive("text", box))?.[1]);
        assert.ok(number > before);
        return number;
      });
      await drive("type", words[before - 1] ?? "");
      await drive("press", "Enter");
    }
    await done;
    assert.equal((await status()).state, "unlocked");
    assert.equal(await drive("frameText", "ol li"), "", "the words are gone");
    assert.ok(vscode.window.tabGroups.all.every(({ tabs }) => tabs.length === 0));
  });

  it("goes on with an empty drive that says what to do", async () => {
    await welcomeSays(/The drive is empty/);
    await screenshot("welcome-empty");
    await vscode.workspace.fs.writeFile(
      driveUri("/first.md"),
      new TextEncoder().encode("# First\n"),
    );
    await show("/first.md");
    await eventually(async () => {
      assert.match(await drive("text", ".explorer-folders-view"), /first\.md/);
    });
  });

  it("locks, and shows nothing of the drive until it is unlocked", async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await vscode.commands.executeCommand("ipcloud.lock");
    assert.equal((await status()).state, "locked");
    await welcomeSays(/The drive is locked/);
    await screenshot("welcome-locked");
    await assert.rejects(async () => vscode.workspace.fs.readFile(driveUri("/first.md")), {
      code: "Unavailable",
    });
  });

  it("unlocks by the passphrase, and says when it is another", async () => {
    const done = vscode.commands.executeCommand("ipcloud.unlock");
    await answer(/The passphrase of your drive/, "something else");
    await answer(/not the passphrase/, passphrase);
    assert.equal(await done, undefined);
    assert.equal((await status()).state, "unlocked");
    const bytes = await vscode.workspace.fs.readFile(driveUri("/first.md"));
    assert.equal(new TextDecoder().decode(bytes), "# First\n");
    await eventually(async () => {
      assert.match(await drive("text", ".explorer-folders-view"), /first\.md/);
    });
  });

  it("can be kept unlocked on this computer, and no longer", async () => {
    await answeringModals("Keep Unlocked", async () => {
      const kept = vscode.commands.executeCommand("ipcloud.keepUnlocked");
      await answer(/to show that it is you/, passphrase);
      await kept;
    });
    await ipcloud("lock");
    await eventually(async () => {
      assert.equal((await status()).state, "locked");
    });
    await vscode.commands.executeCommand("ipcloud.unlock");
    assert.equal((await status()).state, "unlocked");
    await vscode.commands.executeCommand("ipcloud.askForPassphraseAgain");
    await ipcloud("lock");
    const done = vscode.commands.executeCommand("ipcloud.unlock");
    await answer(/The passphrase of your drive/, passphrase);
    await done;
    assert.equal((await status()).state, "unlocked");
  });

  it("opens the menu of the status bar", async () => {
    const done = vscode.commands.executeCommand("ipcloud.showMenu");
    await eventually(async () => {
      assert.match(await drive("text", box), /Show Journal/);
    });
    await screenshot("menu");
    await drive("press", "Escape");
    await done;
  });
});
