import type { Socket } from "node:net";
import { AbstractMessageWriter, type Message, type MessageWriter } from "vscode-jsonrpc/node";
import { errorNumber, toErrorData } from "./error-data.ts";
import { maxFrameBytes } from "./frame-reader.ts";
import { encodeFrame } from "./framing.ts";

/** Frames up to this size are written from one buffer; longer ones by one vectored write. */
const joinBytes = 16 * 1024;

/** A frame of the message; of a response that can't be one, a frame that says so. */
function encodeAnswerable(message: Message, maxTextBytes: number): Uint8Array[] {
  try {
    return encodeFrame(message, maxFrameBytes, maxTextBytes);
  } catch (error) {
    if (!("id" in message) || "method" in message) throw error;
    const { id, jsonrpc } = message as Message & { readonly id: unknown };
    const data = toErrorData(error);
    const refusal = { jsonrpc, id, error: { code: errorNumber, message: data.message, data } };
    return encodeFrame(refusal, maxFrameBytes);
  }
}

/** Writes each message as one frame by one write. */
export class FrameWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #socket: Socket;
  readonly #maxTextBytes: number;

  /** @param maxTextBytes - the longest text that the other side takes. */
  constructor(socket: Socket, maxTextBytes = maxFrameBytes) {
    super();
    this.#socket = socket;
    this.#maxTextBytes = maxTextBytes;
    socket.on("close", () => {
      this.fireClose();
    });
  }

  /**
   * @returns when the system has taken the whole frame.
   * @throws usage, if the frame is too long and no response; nothing is written then.
   */
  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      const parts = encodeAnswerable(message, this.#maxTextBytes);
      const settle = (error?: Error | null): void => {
        if (error) reject(error);
        else resolve();
      };
      const [first] = parts;
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      if (parts.length === 1 && first !== undefined) {
        this.#socket.write(first, settle);
      } else if (length <= joinBytes) {
        this.#socket.write(Buffer.concat(parts), settle);
      } else {
        this.#socket.cork();
        parts.forEach((part, i) => {
          if (i === parts.length - 1) this.#socket.write(part, settle);
          else this.#socket.write(part);
        });
        this.#socket.uncork();
      }
    });
  }

  end(): void {
    this.#socket.end();
  }
}
