import { stripVTControlCharacters, styleText } from "node:util";
import { CloudError } from "../core/cloud-error.ts";
import { localError } from "./local-error.ts";
import { escapeControl } from "./show/show-text.ts";
import type { Terminal } from "./terminal.ts";

/** What colours are used for. */
export type Paint = "bold" | "dim" | "magenta" | "red" | "green" | "yellow" | "blue" | "cyan";

/** The reader of standard output went away (`ipcloud cat x | head`): no fault, and nothing to say. */
export class ReaderGone extends Error {}

/** Where the result of a command goes. */
export interface Output {
  /** Whether `--json` was given. */
  readonly json: boolean;
  /**
   * Writes to standard output and waits until that is done.
   * @throws ReaderGone
   */
  write(chunk: string | Uint8Array): Promise<void>;
  /** Writes the one JSON value of a command, or else its lines for people. */
  result(value: unknown, lines: () => Iterable<string>): Promise<void>;
  /** A name or path: on a terminal with its control characters shown, elsewhere as it is. */
  name(text: string): string;
  /** Colour, on a terminal and without `NO_COLOR`. */
  paint(style: Paint, text: string): string;
  /** One line beside the result, to standard error; nothing with `--json`. */
  note(text: string): void;
}

function hasColour({ stdout, env }: Terminal): boolean {
  const refused = env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "";
  return stdout.isTTY === true && !refused && env["TERM"] !== "dumb";
}

function outputError(error: Error & { code?: string }): Error {
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") return new ReaderGone();
  const told = localError(error, "write", "standard output");
  return told instanceof Error ? told : error;
}

/**
 * Makes the {@link Output} of one run.
 * @param signal - ends the wait for a reader that takes nothing.
 */
export function makeOutput(terminal: Terminal, json: boolean, signal: AbortSignal): Output {
  const { stdout, stderr } = terminal;
  const colour = hasColour(terminal);
  // Each write hears of its own error; without a listener the event would end the process.
  stdout.on("error", () => undefined);

  const write = (chunk: string | Uint8Array): Promise<void> =>
    new Promise((settle, fail) => {
      const cancel = (): void => {
        fail(new CloudError("cancelled", "cancelled while writing the output"));
      };
      signal.addEventListener("abort", cancel, { once: true });
      stdout.write(chunk, (error) => {
        signal.removeEventListener("abort", cancel);
        if (error) fail(outputError(error));
        else settle();
      });
    });

  return {
    json,
    write,
    async result(value, lines) {
      if (json) {
        await write(`${JSON.stringify(value)}\n`);
        return;
      }
      let pending = "";
      for (const line of lines()) {
        pending += `${line}\n`;
        if (pending.length >= 0x1_0000) {
          await write(pending);
          pending = "";
        }
      }
      if (pending !== "") await write(pending);
    },
    name: (text) => (stdout.isTTY === true ? escapeControl(text) : text),
    paint: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
    note(text) {
      if (!json) stderr.write(`${escapeControl(stripVTControlCharacters(text))}\n`);
    },
  };
}
