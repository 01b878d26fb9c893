import * as vscode from "vscode";

/** The one thing that the panel's page can do. */
const continueCommand = "ipcloud.internal.wordsWritten";

/**
 * Shows the 24 words of an account, and has three of them typed back.
 *
 * They leave no trace: the page has no scripts and no state, is drawn anew from memory, is not
 * restored, and can't be searched or copied by a button. The words go with the panel.
 * @returns whether the person has confirmed them; false: has put it off.
 */
export async function showWords(words: readonly string[]): Promise<boolean> {
  for (;;) {
    const written = await showPanel(words);
    if (written && (await confirmWords(words))) return true;
    const again = "Show Them Again";
    const choice = await vscode.window.showWarningMessage(
      "The 24 words are not confirmed.",
      {
        modal: true,
        detail:
          "Without them nobody can open this account if this computer or its passphrase is lost. Until they are confirmed this computer keeps them, sealed by the passphrase, and the status bar reminds you.",
      },
      again,
      "Later",
    );
    if (choice !== again) return false;
  }
}

async function showPanel(words: readonly string[]): Promise<boolean> {
  const panel = vscode.window.createWebviewPanel(
    "ipcloud.words",
    "Recovery Words",
    vscode.ViewColumn.Active,
    { enableScripts: false, enableCommandUris: [continueCommand], enableFindWidget: false },
  );
  panel.webview.html = page(words);
  const registration = { command: undefined as vscode.Disposable | undefined };
  const written = await new Promise<boolean>((resolve) => {
    registration.command = vscode.commands.registerCommand(continueCommand, () => {
      resolve(true);
    });
    panel.onDidDispose(() => {
      resolve(false);
    });
  });
  registration.command?.dispose();
  panel.dispose();
  return written;
}

/** @returns false if the person gives up. */
async function confirmWords(words: readonly string[]): Promise<boolean> {
  for (const place of threePlaces(words.length)) {
    const expected = words[place] ?? "";
    const typed = await vscode.window.showInputBox({
      title: "Confirm the Recovery Words",
      prompt: `Word ${String(place + 1)} of ${String(words.length)}`,
      placeHolder: "As you have written it down",
      ignoreFocusOut: true,
      validateInput: (value) =>
        value.trim().toLowerCase() === expected
          ? undefined
          : {
              message: `Type word ${String(place + 1)}.`,
              severity: vscode.InputBoxValidationSeverity.Error,
            },
    });
    if (typed === undefined) return false;
  }
  return true;
}

/** Three different places, in their order. */
function threePlaces(length: number): number[] {
  const places = new Set<number>();
  while (places.size < 3) places.add(Math.floor(Math.random() * length));
  return [...places].sort((a, b) => a - b);
}

function page(words: readonly string[]): string {
  const items = words.map((word) => `<li>${word}</li>`).join("");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { max-width: 46rem; margin: 2.5rem auto; padding: 0 1.5rem; line-height: 1.5; font-size: 14px;
  user-select: none; }
h1 { font-size: 1.7em; font-weight: 600; margin: 0 0 .5em; }
ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem;
  list-style: none; counter-reset: word; padding: 0; margin: 1.75rem 0; }
li { counter-increment: word; padding: .55rem .75rem; border-radius: 5px;
  border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
  background: var(--vscode-editorWidget-background);
  font-family: var(--vscode-editor-font-family); font-size: 1.1em; }
li::before { content: counter(word); display: inline-block; width: 1.9em;
  color: var(--vscode-descriptionForeground); font-size: .85em; }
a.button { display: inline-block; padding: .5rem 1.1rem; border-radius: 3px; text-decoration: none;
  color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
a.button:hover { background: var(--vscode-button-hoverBackground); }
p.small { color: var(--vscode-descriptionForeground); }
</style>
</head>
<body>
<h1>Write down these 24 words</h1>
<p>They are your account. With them you open it on another computer, and when the passphrase is
forgotten. IPCloud forgets them as soon as you have confirmed them. Whoever has them has everything
in your drive: paper in a safe place is better than a picture or a file.</p>
<ol>${items}</ol>
<p><a class="button" href="command:${continueCommand}">I have written them down</a></p>
<p class="small">Next, three of them are asked for.</p>
</body>
</html>`;
}
