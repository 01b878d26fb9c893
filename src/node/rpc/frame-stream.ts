import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/node";
import { CloudError } from "../core/cloud-error.ts";
import { errorNumber, toErrorData } from "./error-data.ts";
import { decodeFrame, encodeFrame, frameHeaderBytes } from "./framing.ts";

/** The longest frame in bytes, either way: a read of 64 MiB and room for what stands around it. */
export const maxFrameBytes = 96 * 1024 * 1024;

/** Frames up to this size are written from one buffer; longer ones by one vectored write. */
const joinBytes = 16 * 1024;

/** What a {@link FrameReader} tells beside messages. */
export interface FrameReaderEvents {
  /** A message came in a frame of so many bytes; called before the message is delivered. */
  onFrame?(message: Message, bytes: number): void;
  /** What came is no frame, or one that is too long or incomplete for too long. Ends reading. */
  onMalformed(error: CloudError): void;
}

/**
 * Reads frames from a stream, which for a node is a socket.
 *
 * 1. A length is checked against the limit before memory is taken for it.
 * 2. A frame that is incomplete for `stallMs` without a further byte is malformed.
 * 3. Byte arrays of a message share memory with no other message.
 * 4. After the first malformed frame nothing more is read.
 */
export class FrameReader extends AbstractMessageReader implements MessageReader {
  /** The longest frame taken in, its header included. May be raised between frames. */
  maxBytes: number;
  readonly #source: Readable;
  readonly #events: FrameReaderEvents;
  readonly #stallMs: number;
  #callback: DataCallback | undefined;
  #lengthBytes: Buffer = Buffer.alloc(0);
  #body: Buffer | undefined;
  #filled = 0;
  #stall: NodeJS.Timeout | undefined;
  #ended = false;
  #paused = false;

  constructor(
    source: Readable,
    limits: { readonly maxBytes: number; readonly stallMs: number },
    events: FrameReaderEvents,
  ) {
    super();
    this.#source = source;
    this.#events = events;
    this.maxBytes = limits.maxBytes;
    this.#stallMs = limits.stallMs;
  }

  listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    const onData = (chunk: Buffer): void => {
      this.#take(chunk);
    };
    this.#source.on("data", onData);
    this.#source.on("error", (error) => {
      this.fireError(error);
    });
    this.#source.on("close", () => {
      this.#end();
      this.fireClose();
    });
    return { dispose: () => this.#source.off("data", onData) };
  }

  /** Stops taking bytes from the stream, so that the other side has to wait. */
  pause(): void {
    this.#paused = true;
    this.#source.pause();
    clearTimeout(this.#stall);
  }

  /** Takes bytes again. */
  resume(): void {
    this.#paused = false;
    this.#source.resume();
    if (this.#isPartial()) this.#watchStall();
  }

  override dispose(): void {
    this.#end();
    super.dispose();
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    try {
      while (rest.length > 0 && !this.#ended) rest = this.#takeSome(rest);
    } catch (error) {
      this.#end();
      this.#events.onMalformed(
        error instanceof CloudError
          ? error
          : new CloudError("damaged", "expected a message, got one that can't be handled", {
              cause: error,
            }),
      );
      return;
    }
    if (this.#isPartial()) this.#watchStall();
    else clearTimeout(this.#stall);
  }

  /** Takes what belongs to the current frame. @returns the rest. */
  #takeSome(chunk: Buffer): Buffer {
    if (this.#body === undefined) {
      const missing = 4 - this.#lengthBytes.length;
      const head = chunk.subarray(0, missing);
      this.#lengthBytes =
        this.#lengthBytes.length === 0 ? head : Buffer.concat([this.#lengthBytes, head]);
      if (this.#lengthBytes.length < 4) return chunk.subarray(missing);
      const length = this.#lengthBytes.readUInt32BE(0);
      if (length + 4 > this.maxBytes || length + 4 < frameHeaderBytes) {
        throw new CloudError(
          "damaged",
          `expected a message of ${frameHeaderBytes.toString()} to ${this.maxBytes.toString()} bytes, got one of ${(length + 4).toString()}`,
        );
      }
      this.#lengthBytes = Buffer.alloc(0);
      this.#body = Buffer.allocUnsafeSlow(length);
      this.#filled = 0;
      return chunk.subarray(missing);
    }
    const copied = chunk.copy(this.#body, this.#filled);
    this.#filled += copied;
    if (this.#filled === this.#body.length) {
      const body = this.#body;
      this.#body = undefined;
      this.#deliver(body);
    }
    return chunk.subarray(copied);
  }

  #deliver(body: Buffer): void {
    const message = decodeFrame(body);
    if (!isMessage(message)) throw new CloudError("damaged", "expected a JSON-RPC message");
    this.#events.onFrame?.(message, body.length + 4);
    this.#callback?.(message);
  }

  #isPartial(): boolean {
    return !this.#ended && (this.#body !== undefined || this.#lengthBytes.length > 0);
  }

  #watchStall(): void {
    clearTimeout(this.#stall);
    if (this.#paused) return; // it is this side that makes the other wait
    this.#stall = setTimeout(() => {
      this.#end();
      this.#events.onMalformed(
        new CloudError("damaged", "expected the rest of a message, got nothing for too long"),
      );
    }, this.#stallMs);
    this.#stall.unref();
  }

  #end(): void {
    this.#ended = true;
    this.#body = undefined;
    clearTimeout(this.#stall);
  }
}

function isMessage(value: unknown): value is Message {
  return (
    typeof value === "object" && value !== null && "jsonrpc" in value && value.jsonrpc === "2.0"
  );
}

/** A frame of the message; of a response that can't be one, a frame that says so. */
function encodeAnswerable(message: Message): Uint8Array[] {
  try {
    return encodeFrame(message, maxFrameBytes);
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

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
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
      const parts = encodeAnswerable(message);
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
