import type { Readable } from "node:stream";
import {
  AbstractMessageReader,
  type DataCallback,
  type Disposable,
  Message,
  type MessageReader,
} from "vscode-jsonrpc/node";
import { CloudError } from "../core/cloud-error.ts";
import { decodeFrame, frameHeaderBytes } from "./framing.ts";

/** The longest frame in bytes, either way: a read of 64 MiB and room for what stands around it. */
export const maxFrameBytes = 96 * 1024 * 1024;

/** The longest text of a request in bytes: a move of one path of 1,024 long names to another. */
export const maxRequestTextBytes = 1024 * 1024;

/** The longest frame in bytes to or from somebody who has proved nothing yet. */
export const greetingBytes = 4096;

/** A frame that is not whole after so many spans of `stallMs` is not waited for any longer. */
const maxSpans = 6;

/** How long a frame is, as its first eight bytes say. */
export interface FrameSize {
  /** Its header included. */
  readonly bytes: number;
  /** Of them its text, which takes far more memory once it is parsed. */
  readonly textBytes: number;
}

/** Gives back what was taken of some bounded room; called once. */
export type GiveBack = () => void;

/** What a {@link FrameReader} asks and tells beside messages. */
export interface FrameReaderEvents {
  /**
   * Asks for room for a frame before memory is taken for it; until there is some, nothing more is
   * read. Without it there is always room.
   */
  takeRoom?(size: FrameSize, signal: AbortSignal): GiveBack | Promise<GiveBack>;
  /**
   * A message came; called before it is delivered. An error means that it is none to be taken.
   * @param giveBack - the room of its frame, which is now the receiver's.
   */
  onFrame?(message: Message, giveBack: GiveBack): void;
  /** What came is no frame, or one that is too long or incomplete for too long. Ends reading. */
  onMalformed(error: CloudError): void;
}

/** What a {@link FrameReader} bears. */
export interface FrameLimits {
  /** The longest frame taken in, its header included. */
  readonly maxBytes: number;
  /** The longest text of one. */
  readonly maxTextBytes: number;
  /** Between two pieces of one frame, in milliseconds. */
  readonly stallMs: number;
}

/**
 * Reads frames from a stream, which for a node is a socket.
 *
 * 1. Lengths are checked against the limits, and room is asked for, before memory is taken.
 * 2. A frame that is incomplete for `stallMs` without a further byte is malformed, and so is one
 *    that is for six times as long. Time in which this side made the other wait doesn't count.
 * 3. Byte arrays of a message share memory with no other message.
 * 4. After the first malformed frame nothing more is read.
 */
export class FrameReader extends AbstractMessageReader implements MessageReader {
  /** The longest frame taken in, its header included. May be raised between frames. */
  maxBytes: number;
  readonly #source: Readable;
  readonly #events: FrameReaderEvents;
  readonly #limits: FrameLimits;
  readonly #ending = new AbortController();
  #callback: DataCallback | undefined;
  readonly #header = Buffer.alloc(frameHeaderBytes);
  #headed = 0;
  #body: { readonly bytes: Buffer; readonly giveBack: GiveBack; filled: number } | undefined;
  /** Read while a frame waits for its room; `undefined` while none does. */
  #waiting: Buffer | undefined;
  #received = 0;
  #span: NodeJS.Timeout | undefined;

  constructor(source: Readable, limits: FrameLimits, events: FrameReaderEvents) {
    super();
    this.#source = source;
    this.#events = events;
    this.#limits = limits;
    this.maxBytes = limits.maxBytes;
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

  override dispose(): void {
    this.#end();
    super.dispose();
  }

  get #ended(): boolean {
    return this.#ending.signal.aborted;
  }

  #take(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#waiting !== undefined) {
      this.#waiting = Buffer.concat([this.#waiting, chunk]);
      return;
    }
    let rest = chunk;
    try {
      while (rest.length > 0 && !this.#ended && !this.#isWaiting()) {
        rest = this.#body === undefined ? this.#takeHeader(rest) : this.#takeBody(rest, this.#body);
      }
    } catch (error) {
      this.#refuse(
        error instanceof CloudError
          ? error
          : new CloudError("damaged", "expected a message, got one that can't be handled", {
              cause: error,
            }),
      );
      return;
    }
    if (this.#isWaiting()) this.#waiting = rest;
    this.#watchSpan();
  }

  /** Asked anew after each frame. */
  #isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** @returns what of the chunk is no part of the header. */
  #takeHeader(chunk: Buffer): Buffer {
    const copied = chunk.copy(this.#header, this.#headed);
    this.#headed += copied;
    if (this.#headed >= 4) this.#checkLength(this.#header.readUInt32BE(0) + 4);
    if (this.#headed === frameHeaderBytes) this.#askForRoom();
    return chunk.subarray(copied);
  }

  #checkLength(bytes: number): void {
    if (bytes > frameHeaderBytes && bytes <= this.maxBytes) return;
    throw new CloudError(
      "damaged",
      `expected a message of ${(frameHeaderBytes + 1).toString()} to ${this.maxBytes.toString()} bytes, got one of ${bytes.toString()}`,
    );
  }

  #askForRoom(): void {
    const bytes = this.#header.readUInt32BE(0) + 4;
    const textBytes = this.#header.readUInt32BE(4);
    const most = Math.min(this.#limits.maxTextBytes, bytes - frameHeaderBytes);
    if (textBytes > most) {
      throw new CloudError(
        "damaged",
        `expected a text of at most ${most.toString()} bytes in a message, got one of ${textBytes.toString()}`,
      );
    }
    const room = this.#events.takeRoom?.({ bytes, textBytes }, this.#ending.signal);
    if (room instanceof Promise) this.#waitFor(room);
    else this.#begin(room ?? (() => undefined));
  }

  #waitFor(room: Promise<GiveBack>): void {
    this.#waiting = Buffer.alloc(0);
    this.#source.pause();
    const goOn = (giveBack: GiveBack): void => {
      if (this.#ended) {
        giveBack();
        return;
      }
      const rest = this.#waiting ?? Buffer.alloc(0);
      this.#waiting = undefined;
      this.#received -= rest.length;
      this.#begin(giveBack);
      this.#take(rest);
      if (!this.#isWaiting()) this.#source.resume();
    };
    // Room is refused only to a connection that has ended.
    room.then(goOn, () => undefined);
  }

  /** Begins the body, of which the header holds the first bytes already. */
  #begin(giveBack: GiveBack): void {
    const bytes = Buffer.allocUnsafeSlow(this.#header.readUInt32BE(0));
    const filled = this.#header.copy(bytes, 0, 4);
    this.#headed = 0;
    this.#body = { bytes, giveBack, filled };
  }

  /** @returns what of the chunk is no part of the body. */
  #takeBody(chunk: Buffer, body: { bytes: Buffer; giveBack: GiveBack; filled: number }): Buffer {
    const copied = chunk.copy(body.bytes, body.filled);
    body.filled += copied;
    if (body.filled === body.bytes.length) {
      this.#body = undefined;
      this.#endSpan();
      this.#deliver(body.bytes, body.giveBack);
    }
    return chunk.subarray(copied);
  }

  #deliver(body: Buffer, giveBack: GiveBack): void {
    let message: Message;
    try {
      const decoded = decodeFrame(body);
      if (!isMessage(decoded)) throw new CloudError("damaged", "expected a JSON-RPC message");
      message = decoded;
      this.#events.onFrame?.(message, giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
    if (this.#events.onFrame === undefined) giveBack();
    this.#callback?.(message);
  }

  /** Has the unfinished frame watched, if there is one and it is not this side that waits. */
  #watchSpan(): void {
    const isPartial = this.#body !== undefined || this.#headed > 0;
    if (this.#ended || this.#isWaiting() || !isPartial) this.#endSpan();
    else if (this.#span === undefined) this.#openSpan(maxSpans);
  }

  #openSpan(left: number): void {
    const before = this.#received;
    const judge = (): void => {
      if (this.#span !== span) return;
      if (this.#received > before && left > 1) this.#openSpan(left - 1);
      else {
        this.#refuse(
          new CloudError("damaged", "expected the rest of a message, and it did not come in time"),
        );
      }
    };
    // What came while this process was busy elsewhere is read before it is judged.
    const span = setTimeout(() => setImmediate(judge), this.#limits.stallMs);
    span.unref();
    this.#span = span;
  }

  #endSpan(): void {
    clearTimeout(this.#span);
    this.#span = undefined;
  }

  #refuse(error: CloudError): void {
    this.#end();
    this.#events.onMalformed(error);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ending.abort();
    this.#body?.giveBack();
    this.#body = undefined;
    this.#endSpan();
  }
}

/** A request, a notification or a response; the library writes out whatever else it is given. */
function isMessage(value: unknown): value is Message {
  return (
    typeof value === "object" &&
    value !== null &&
    "jsonrpc" in value &&
    value.jsonrpc === "2.0" &&
    (Message.isRequest(value as Message) ||
      Message.isNotification(value as Message) ||
      Message.isResponse(value as Message))
  );
}
