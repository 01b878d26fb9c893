import { CloudError } from "../core/cloud-error.ts";

// A frame: length of what follows (4 B, big endian) ‖ length of the text (4 B) ‖ text ‖ bytes.
// The text is JSON, `{"message", "bytes"?}`; `bytes` tells where the byte arrays that follow it
// belong. JSON with bytes beside it takes a quarter of the time of CBOR in both directions, and
// the receiving side is the thread that the editor's extensions share.

/** Bytes before the text. */
export const frameHeaderBytes = 8;

/** Items of an answer that are encoded at once. */
const pieceItems = 1024;

type Place = readonly (string | number)[];

interface Envelope {
  readonly message: unknown;
  /** In the order in which they stand behind the text. */
  readonly bytes?: readonly { readonly at: Place; readonly length: number }[];
}

interface Found {
  readonly at: Place;
  readonly bytes: Uint8Array;
}

/**
 * One message as a frame. `undefined` members are left out, as JSON does.
 * @param maxBytes - the longest frame allowed, its header included.
 * @param maxTextBytes - the longest text allowed in it.
 * @returns parts to be written one after the other. Byte arrays of the message are among them as
 * they are, not copied.
 * @throws usage, if the frame or its text would be longer.
 */
export function encodeFrame(
  message: unknown,
  maxBytes: number,
  maxTextBytes = maxBytes,
): Uint8Array[] {
  const found: Found[] = [];
  const plain = withoutBytes(message, [], found);
  const envelope: Envelope =
    found.length === 0
      ? { message: plain }
      : {
          message: plain,
          bytes: found.map(({ at, bytes }) => ({ at, length: bytes.length })),
        };
  const texts = encodeText(envelope);
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  let length = frameHeaderBytes + textBytes;
  for (const { bytes } of found) length += bytes.length;
  if (length > maxBytes) throw tooLong("a message", length, maxBytes);
  if (textBytes > maxTextBytes) throw tooLong("the text of a message", textBytes, maxTextBytes);
  const [first, ...rest] = texts;
  const head = Buffer.allocUnsafe(frameHeaderBytes + Buffer.byteLength(first));
  head.writeUInt32BE(length - 4, 0);
  head.writeUInt32BE(textBytes, 4);
  head.write(first, frameHeaderBytes, "utf8");
  return [head, ...rest, ...found.map(({ bytes }) => bytes)];
}

/** The text, that of a long list in pieces: as a whole it would be in memory three times. */
function encodeText(envelope: Envelope): [string, ...Buffer[]] {
  const { message, ...more } = envelope;
  if (!isLongAnswer(message)) return [JSON.stringify(envelope)];
  const { result, ...rest } = message;
  const pieces: [string, ...Buffer[]] = [
    `${JSON.stringify({ ...more, message: rest }).slice(0, -2)},"result":[`,
  ];
  for (let at = 0; at < result.length; at += pieceItems) {
    const piece = JSON.stringify(result.slice(at, at + pieceItems)).slice(1, -1);
    pieces.push(Buffer.from(at === 0 ? piece : `,${piece}`));
  }
  pieces.push(Buffer.from("]}}"));
  return pieces;
}

function isLongAnswer(message: unknown): message is { jsonrpc: string; result: unknown[] } {
  if (typeof message !== "object" || message === null || !("jsonrpc" in message)) return false;
  return "result" in message && Array.isArray(message.result) && message.result.length > pieceItems;
}

function tooLong(what: string, bytes: number, most: number): CloudError {
  return new CloudError(
    "usage",
    `${what} has ${bytes.toString()} bytes; the longest allowed is ${most.toString()}`,
  );
}

/**
 * The message of a frame.
 * @param body - the frame without its first four bytes.
 * @returns the message; its byte arrays are views of `body`.
 * @throws damaged, if lengths, text or places don't fit one another.
 */
export function decodeFrame(body: Buffer): unknown {
  const textBytes = body.length < 4 ? undefined : body.readUInt32BE(0);
  if (textBytes === undefined || textBytes > body.length - 4) refuse("a text within the frame");
  let offset = 4 + textBytes;
  const envelope = parseEnvelope(body.toString("utf8", 4, offset));
  for (const { at, length } of envelope.bytes ?? []) {
    if (length > body.length - offset) refuse("bytes within the frame");
    const view = new Uint8Array(body.buffer, body.byteOffset + offset, length);
    placeBytes(envelope, at, view);
    offset += length;
  }
  if (offset !== body.length) refuse("nothing after the last bytes");
  return envelope.message;
}

function refuse(expected: string): never {
  throw new CloudError("damaged", `a message of the node's socket: expected ${expected}`);
}

/** The same value with `null` for each byte array; copies only what stands above one. */
function withoutBytes(value: unknown, at: (string | number)[], found: Found[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) {
    found.push({ at: [...at], bytes: value });
    return null;
  }
  const source: object = value;
  let copy: object | undefined;
  const keys = Array.isArray(source) ? source.keys() : Object.keys(source);
  for (const key of keys) {
    const member: unknown = Reflect.get(source, key);
    if (typeof member !== "object" || member === null) continue;
    at.push(key);
    const plain = withoutBytes(member, at, found);
    at.pop();
    if (plain === member) continue;
    copy ??= Array.isArray(source) ? [...(source as unknown[])] : { ...source };
    Reflect.set(copy, key, plain);
  }
  return copy ?? source;
}

function parseEnvelope(text: string): Envelope {
  let envelope: unknown;
  try {
    envelope = JSON.parse(text);
  } catch {
    refuse("JSON");
  }
  if (!isEnvelope(envelope)) refuse("a message and the places of its bytes");
  return envelope;
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== "object" || value === null || !("message" in value)) return false;
  const bytes = "bytes" in value ? value.bytes : [];
  return Array.isArray(bytes) && bytes.every(isPlaced);
}

function isPlaced(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!("at" in value && "length" in value)) return false;
  const { at, length } = value;
  return (
    Array.isArray(at) &&
    at.every((key) => typeof key === "string" || typeof key === "number") &&
    Number.isSafeInteger(length) &&
    (length as number) >= 0
  );
}

/** Puts bytes where the message holds the `null` that stands for them, and nowhere else. */
function placeBytes(envelope: Envelope, at: Place, bytes: Uint8Array): void {
  let parent: object = envelope;
  let key: string | number = "message";
  for (const next of at) {
    const member: unknown = Object.hasOwn(parent, key) ? Reflect.get(parent, key) : undefined;
    if (typeof member !== "object" || member === null) refuse("a place for the bytes");
    parent = member;
    key = next;
  }
  if (!Object.hasOwn(parent, key) || Reflect.get(parent, key) !== null) {
    refuse("an empty place for the bytes");
  }
  Reflect.set(parent, key, bytes);
}
