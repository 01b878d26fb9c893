import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CloudError } from "../core/cloud-error.ts";
import type { Terminal } from "./terminal.ts";

const withdrawn = (): CloudError => new CloudError("cancelled", "cancelled at the question");

/** A place for the echo of a secret. */
const nowhere = (): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });

function ask(terminal: Terminal, question: string, echo: boolean): Promise<string> {
  const { stdin, stderr } = terminal;
  const lines = createInterface({
    input: stdin,
    output: echo ? stderr : nowhere(),
    terminal: true,
    historySize: 0,
  });
  // Not before the terminal is in raw mode, or a quick answer would be shown.
  if (!echo) stderr.write(question);
  return new Promise<string>((settle, fail) => {
    // Ctrl-C arrives as a key here, since the terminal is in raw mode.
    lines.on("SIGINT", () => {
      lines.close();
    });
    lines.on("close", () => {
      fail(withdrawn());
    });
    lines.question(echo ? question : "", (answer) => {
      settle(answer);
      lines.close();
    });
  }).finally(() => {
    if (!echo) stderr.write("\n");
  });
}

/** Asks on the terminal. @throws cancelled, at Ctrl-C or the end of input. */
export function askLine(terminal: Terminal, question: string): Promise<string> {
  return ask(terminal, question, true);
}

/** Asks without showing what is typed. @throws cancelled, at Ctrl-C or the end of input. */
export function askSecret(terminal: Terminal, question: string): Promise<string> {
  return ask(terminal, question, false);
}
