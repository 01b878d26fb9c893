import { writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import { isCloudError } from "../../../src/node/core/cloud-error.ts";
import { bootId } from "../../../src/node/platform/boot-id.ts";
import { nodeFiles } from "../../../src/node/platform/data-folder.ts";
import { fileIdentity } from "../../../src/node/platform/private-folder.ts";
import { isRequestName } from "../../../src/node/rpc/contract.ts";
import { readEndpoint, readProcess, tokenBytes } from "../../../src/node/rpc/endpoint.ts";
import { fromErrorData, toErrorData } from "../../../src/node/rpc/error-data.ts";
import { FrameReader } from "../../../src/node/rpc/frame-reader.ts";
import { decodeFrame, encodeFrame } from "../../../src/node/rpc/framing.ts";
import { parseParams } from "../../../src/node/rpc/params.ts";
import { decodeHandedOver, encodeHandedOver } from "../../../src/node/rpc/succession/hand-over.ts";
import { bytesParser, Flaw, jsonParser, type Parser } from "../parser.ts";
import { scratchFolder } from "../scratch-folder.ts";

const maxBytes = 64 * 1024;
const bytes = Uint8Array.of(1, 2, 3);
const key = new Uint8Array(32);
const space = "0a".repeat(32);

/** Parameters that requests take, each kind of field among them. */
const requests: readonly (readonly [name: string, params: unknown])[] = [
  ["stat", { path: "/a", at: "now", version: "1-a1b2c3d4", space }],
  ["write", { path: "/a", content: "bytes", base: null, mode: 0o644, mtime: 1.5, parents: true }],
  ["read", { path: "/a", offset: 0, length: 1 }],
  ["unlock", { secret: { passphrase: "x" } }],
  ["unlock", { secret: { key: "key" } }],
  [
    "setSettings",
    { settings: { autoLockMinutes: 1, retention: { dailyDays: 2, weeklyWeeks: 3 } } },
  ],
  ["status", {}],
  ["lock", {}],
  ["symlink", { path: "/a", target: "../b" }],
  ["challenge", { nonce: "key" }],
  ["initialize", { protocol: 1, build: "0.1.0", proof: "key" }],
  ["list", { path: "/" }],
];
const messages: readonly unknown[] = [
  { jsonrpc: "2.0", id: 1, method: "stat", params: [{ path: "/a" }] },
  { jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 1 } },
  { jsonrpc: "2.0", id: 1, result: [bytes, { a: bytes, b: new Uint8Array(0) }] },
  { jsonrpc: "2.0", id: "a", method: "write", params: [{ path: "/a", content: bytes }] },
  {
    jsonrpc: "2.0",
    id: 1,
    error: { code: 1, message: "no", data: { code: "damaged", message: "no" } },
  },
];

const frameOf = (message: unknown): Uint8Array => Buffer.concat(encodeFrame(message, maxBytes));
const frames = messages.map(frameOf);
const decode = (body: Uint8Array): unknown => decodeFrame(Buffer.from(body));

/** Puts a text before some bytes as a frame's body has them. */
function bodyOf(text: string): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([head, Buffer.from(text), bytes, bytes]);
}

/** Gives a stream to a reader of frames in pieces. @returns the messages; `undefined` if it ended reading. */
function readStream(stream: Uint8Array, pieceBytes: number): unknown[] | undefined {
  const source = new Readable({ read: () => undefined });
  const found: unknown[] = [];
  const room = { taken: 0 };
  const faults: Error[] = [];
  const limits = { maxBytes, maxTextBytes: maxBytes, stallMs: 1000 };
  const reader = new FrameReader(source, limits, {
    takeRoom: ({ bytes: taken, textBytes }) => {
      if (taken > maxBytes || textBytes > taken) throw new Flaw("room for more than may come");
      room.taken++;
      return () => room.taken--;
    },
    onMalformed: (error) => {
      faults.push(error);
      if (!isCloudError(error, "damaged")) throw new Flaw("a stream ends by another error");
    },
  });
  reader.listen((message) => {
    found.push(message);
  });
  for (let at = 0; at < stream.length; at += pieceBytes) {
    source.emit("data", Buffer.from(stream.subarray(at, at + pieceBytes)));
  }
  reader.dispose();
  if (room.taken !== 0) throw new Flaw("room was taken and not given back");
  return faults.length > 0 || found.length === 0 ? undefined : found;
}

/** As deep as parameters have members; `JSON.parse` bears what is deeper, and a function of ours does not. */
const memberDepth = 3;

/** A value with bytes in the place of the words that stand for them. */
function withBytes(value: unknown, depth = 0): unknown {
  if (value === "bytes") return bytes;
  if (value === "key") return key;
  if (typeof value !== "object" || value === null || depth > memberDepth) return value;
  for (const [name, member] of Object.entries(value)) {
    Reflect.set(value, name, withBytes(member, depth + 1));
  }
  return value;
}

const home = scratchFolder();
/** Stands for what only this folder and this start of the machine have. */
const placeholders = { folder: "FOLDER", boot: "BOOT" };

function writeEndpointFile(text: string): void {
  const own = text
    .replace(placeholders.folder, fileIdentity(home) ?? "")
    .replace(placeholders.boot, bootId());
  writeFileSync(nodeFiles(home).endpoint, own);
}

const endpointFile = JSON.stringify({
  address: "node.sock",
  token: "0a".repeat(tokenBytes),
  ...placeholders,
  process: { pid: 1, start: "1" },
});

/** What crosses the socket, and how it is found. */
export const rpcParsers: readonly Parser[] = [
  bytesParser("what a node hands over", {
    samples: () => [encodeHandedOver({ token: new Uint8Array(tokenBytes), parts: bytes })],
    // It zeroes what it was given.
    parse: (handed) => decodeHandedOver(handed.slice()),
    encode: encodeHandedOver,
    share: 0.2,
  }),
  bytesParser("a frame", {
    samples: () => frames.map((frame) => frame.subarray(4)),
    parse: (body) => ({ message: decode(body) }),
    check: ({ message }) => {
      frameOf(message);
    },
  }),
  jsonParser("the text of a frame", {
    samples: () => [
      '{"message":[null,{"a":null}],"bytes":[{"at":[0],"length":3},{"at":[1,"a"],"length":3}]}',
      '{"message":null,"bytes":[{"at":[],"length":6}]}',
      '{"message":{"__proto__":null},"bytes":[{"at":["__proto__"],"length":6}]}',
    ],
    parse: (text) => ({ message: decode(bodyOf(text)) }),
  }),
  bytesParser("a stream of frames", {
    samples: () => [...frames, Buffer.concat(frames)],
    parse: (stream) => readStream(stream, 4096),
    check: (messagesAtOnce, stream) => {
      const byPieces = readStream(stream, 7);
      if (byPieces?.length !== messagesAtOnce.length)
        throw new Flaw("other messages piece by piece");
    },
    share: 0.3,
  }),
  jsonParser("the parameters of a request", {
    samples: () => requests.map((request) => JSON.stringify(request)),
    codes: ["usage"],
    parse: (text) => {
      const [name, params] = asPair(text);
      return isRequestName(name) ? { name, params: parseParams(name, params) } : undefined;
    },
    check: ({ name, params }) => {
      const again = JSON.stringify(parseParams(name, params));
      if (again !== JSON.stringify(params)) throw new Flaw("read again it is another");
    },
  }),
  jsonParser("an error that crossed the socket", {
    samples: () => ['{"code":"damaged","message":"no"}', "null"],
    parse: (text) => fromErrorData(valueOf(text)),
    check: (error) => {
      const data = toErrorData(error);
      if (typeof data.message !== "string" || typeof data.code !== "string")
        throw new Flaw("no error");
    },
  }),
  jsonParser("the endpoint that a node left", {
    samples: () => [endpointFile],
    parse: (text) => {
      writeEndpointFile(text);
      const endpoint = readEndpoint(home);
      readProcess(home);
      return endpoint;
    },
    check: ({ token, address }) => {
      if (token.length !== tokenBytes || address === "") throw new Flaw("no endpoint");
    },
    share: 0.05,
  }),
];

function asPair(text: string): [name: string, params: unknown] {
  const value = valueOf(text);
  const [name, params] = Array.isArray(value) ? (value as unknown[]) : [];
  return [typeof name === "string" ? name : "", params];
}

/** What is no JSON never gets so far. */
function valueOf(text: string): unknown {
  try {
    return withBytes(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
