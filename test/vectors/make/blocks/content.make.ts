import { concatBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { isCloudError } from "../../../../src/node/core/cloud-error.ts";
import { followLinks, type LinkPort } from "../../../../src/node/core/follow-links.ts";
import { ContentReader } from "../../../../src/node/blocks/content/content-reader.ts";
import { encodeLink, encodeRecordLink, type Link, type RecordLink } from "../../../../src/node/blocks/link.ts";
import { encodePack } from "../../../../src/node/blocks/pack.ts";
import { encodeRecord, type VersionRecord } from "../../../../src/node/blocks/record.ts";
import { type BlockKind, blockKinds } from "../../../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../../../src/node/platform/primitives.ts";
import { referencePlaintext, referenceSeal } from "../../../blocks/reference-seal.ts";
import { MemoryBlocks } from "../../../blocks/test-maps.ts";
import { about, type BytesSpec, bytesOf, contentKey, keyFields, ruleNotes } from "../common.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** A block by its kind and payload, not compressed. */
export type BlockSpec = readonly [kind: BlockKind, payload: BytesSpec];

/** Seals a block that is given by a rule. */
export function sealSpec(blocks: MemoryBlocks, [kind, payload]: BlockSpec): Link {
  const plaintext = referencePlaintext(0, bytesOf(payload));
  const { link, bytes } = referenceSeal(contentKey, blockKinds[kind], plaintext);
  blocks.put({ id: link.id, bytes });
  return link;
}

/** A file under construction: its blocks, and the link to its record. */
class Built {
  readonly blocks = new MemoryBlocks();
  readonly specs: BlockSpec[] = [];

  seal(kind: BlockKind, payload: BytesSpec): Link {
    this.specs.push([kind, payload]);
    return sealSpec(this.blocks, [kind, payload]);
  }

  hex(kind: BlockKind, payload: BytesSpec): string {
    return toHex(encodeLink(this.seal(kind, payload)));
  }

  record(size: number, content: VersionRecord["content"]): Link {
    return this.seal("record", toHex(encodeRecord({ size, mtime: 7, mode: 0o644, content })));
  }

  /** A record whose links need not be as many as its size says. */
  recordOf(size: number, ...links: Link[]): Link {
    const content = concatBytes(...links.map(encodeLink));
    return this.seal("record", toHex(encodeRecord({ size, mtime: 7, mode: 0o644, content })));
  }
}

const chunk = 262_144;
const times = (link: string, count: number): BytesSpec => ({ repeat: link, times: count });

type Make = (built: Built) => RecordLink;
type Read = readonly [offset: number, length: number];

const files: [string, Make, Read[]][] = [
  [
    "in its record",
    (built) => built.record(13, bytesOf({ counting: 13 })),
    [[0, 13], [0, 100], [3, 4], [12, 5], [13, 1], [50, 1], [5, 0]],
  ],
  [
    "in a record of a pack, the first",
    (built) => ({ ...built.seal("pack", packOf(3)), place: 0 }),
    [[0, 100]],
  ],
  ["in a record of a pack, the last", (built) => ({ ...built.seal("pack", packOf(3)), place: 2 }), [[0, 100]]],
  [
    "of seven chunks",
    (built) => {
      const links = Array.from({ length: 6 }, (_, i) => built.seal("content", [`0${i.toString()}`, { zeros: chunk - 1 }]));
      return built.record(6 * chunk + 5, [...links, built.seal("content", "0102030405")]);
    },
    [[0, 7 * chunk], [0, 1], [chunk - 1, 2], [chunk, 1], [3 * chunk, chunk], [2 * chunk - 1, chunk + 2], [6 * chunk, 9], [6 * chunk + 4, 1], [6 * chunk + 5, 1]],
  ],
  [
    "of 1,025 chunks, under two blocks of an index",
    (built) => {
      const [zeros, odd] = [built.hex("content", { zeros: chunk }), built.hex("content", { counting: chunk })];
      const first = built.seal("index", [times(zeros, 1023), odd]);
      const second = built.seal("index", built.hex("content", "090807"));
      return built.recordOf(1024 * chunk + 3, first, second);
    },
    [[1023 * chunk - 2, 5], [1024 * chunk - 2, 9], [1024 * chunk, 1], [0, 3], [5 * chunk, 2]],
  ],
  [
    "of 1,048,577 chunks, under three levels",
    (built) => {
      const [zeros, odd] = [built.hex("content", { zeros: chunk }), built.hex("content", { counting: chunk })];
      const full = built.hex("index", times(zeros, 1024));
      const last = built.hex("index", [times(zeros, 1023), odd]);
      const first = built.seal("index", [times(full, 1023), last]);
      const end = built.hex("index", built.hex("content", "0605"));
      return built.recordOf(2 ** 20 * chunk + 2, first, built.seal("index", end));
    },
    [[2 ** 20 * chunk - 2, 4], [(2 ** 20 - 1) * chunk - 1, 3], [2 ** 20 * chunk + 1, 1], [1024 * chunk, 2]],
  ],
];

const refused: [string, Make, Read][] = [
  ["a chunk is a byte too short", (built) => built.recordOf(5000, built.seal("content", { counting: 4999 })), [0, 1]],
  ["a chunk is a byte too long", (built) => built.recordOf(5000, built.seal("content", { counting: 5001 })), [0, 1]],
  [
    "a chunk that is not the last is not full",
    (built) => {
      const short = built.seal("content", { counting: chunk - 1 });
      return built.recordOf(2 * chunk, short, built.seal("content", { zeros: chunk }));
    },
    [0, 1],
  ],
  [
    "a block of the index has a link too few",
    (built) => {
      const zeros = built.hex("content", { zeros: chunk });
      return built.recordOf(1025 * chunk, built.seal("index", times(zeros, 1023)), built.seal("index", zeros));
    },
    [0, 1],
  ],
  [
    "the last block of the index has a link too many",
    (built) => {
      const zeros = built.hex("content", { zeros: chunk });
      return built.recordOf(1025 * chunk, built.seal("index", times(zeros, 1024)), built.seal("index", times(zeros, 2)));
    },
    [1024 * chunk, 1],
  ],
  ["a place beyond the pack", (built) => ({ ...built.seal("pack", packOf(2)), place: 2 }), [0, 1]],
  ["a pack where a record should be", (built) => built.seal("pack", packOf(2)), [0, 1]],
  ["a record where a pack should be", (built) => ({ ...built.record(1, bytesOf("07")), place: 0 }), [0, 1]],
];

function packOf(count: number): string {
  const records = Array.from({ length: count }, (_, i) =>
    encodeRecord({ size: i + 1, mtime: i, mode: 0o644, content: bytesOf({ counting: i + 1 }) }),
  );
  return toHex(encodePack(records));
}

function begin(name: string, make: Make): { shown: Record<string, VectorValue>; read: (at: Read) => Promise<Uint8Array> } {
  const built = new Built();
  const link = encodeRecordLink(make(built));
  const shown = { name, link: toHex(link), blocks: built.specs as VectorValue };
  const reader = new ContentReader({ primitives: nodePrimitives, blocks: built.blocks });
  return { shown, read: async ([offset, length]) => reader.read(await reader.record(link), offset, length) };
}

async function makeFiles(): Promise<VectorValue[]> {
  const made: VectorValue[] = [];
  for (const [name, make, at] of files) {
    const { shown, read } = begin(name, make);
    const reads: VectorValue[] = [];
    for (const each of at) {
      const bytes = await read(each);
      const [offset, length] = each;
      reads.push({ offset, length, bytes: bytes.length, sha256: toHex(nodePrimitives.sha256(bytes)) });
    }
    made.push({ ...shown, reads });
  }
  return made;
}

async function codeOfReading(body: () => Promise<unknown>): Promise<string> {
  try {
    await body();
  } catch (error) {
    if (isCloudError(error)) return error.code;
    throw error;
  }
  throw new Error("it was not refused");
}

async function makeRefused(): Promise<VectorValue[]> {
  const made: VectorValue[] = [];
  for (const [name, make, at] of refused) {
    const { shown, read } = begin(name, make);
    const [offset, length] = at;
    made.push({ ...shown, offset, length, code: await codeOfReading(() => read(at)) });
  }
  return made;
}

/** A drive of links: what each says, a folder or a file. */
const standing: Readonly<Record<string, string | null>> = {
  "/folder": null,
  "/folder/file": "a file",
  "/folder/up": "-> ../other",
  "/folder/here": "-> file",
  "/other": null,
  "/other/file": "a file",
  "/absolute": "-> /folder/here",
  "/toFolder": "-> folder",
  "/toFolderToo": "-> ./toFolder/../folder/.",
  "/away": "-> ../../../other",
  "/dangling": "-> nothing/there",
  "/loop": "-> loop",
  "/root": "-> /",
  ...Object.fromEntries(
    Array.from({ length: 41 }, (_, i) => [`/l${i.toString()}`, i === 0 ? "-> other" : `-> l${(i - 1).toString()}`]),
  ),
};

const ways: [path: string, last: boolean][] = [
  ["/folder/file", true],
  ["/folder/here", true],
  ["/folder/here", false],
  ["/folder/up", true],
  ["/folder/up/file", true],
  ["/folder/up/new", false],
  ["/absolute", true],
  ["/toFolder/here", true],
  ["/toFolder/here", false],
  ["/toFolderToo/file", true],
  ["/toFolder/up/file", false],
  ["/away/file", true],
  ["/dangling", true],
  ["/dangling", false],
  ["/dangling/below", true],
  ["/nothing/below", true],
  ["/folder/file/below", true],
  ["/root/folder/here", true],
  ["/l39", true],
  ["/l40", true],
  ["/l40", false],
  ["/l39/file", true],
  ["/l40/file", true],
  ["/loop", true],
];

/** What stands at the paths of a file of vectors. */
export function portOf(paths: Readonly<Record<string, string | null>>): LinkPort {
  return {
    kindAt: (path) => {
      const found = path === "/" ? null : paths[path];
      if (found === undefined) return Promise.resolve(undefined);
      const kind = found === null ? "folder" : found.startsWith("-> ") ? "link" : "file";
      return Promise.resolve(kind);
    },
    targetOf: (path) => Promise.resolve((paths[path] ?? "").slice(3)),
  };
}

async function makeWays(): Promise<VectorValue[]> {
  const made: VectorValue[] = [];
  for (const [path, last] of ways) {
    const follow = (): Promise<string> => followLinks(portOf(standing), path, last);
    try {
      made.push({ path, last, to: await follow() });
    } catch {
      made.push({ path, last, code: await codeOfReading(follow) });
    }
  }
  return made;
}

/** Contents read from anywhere, and paths through symbolic links. */
export async function makeContent(): Promise<VectorValue> {
  return {
    about: about("§8, content and symbolic links", [
      ...ruleNotes,
      "`blocks`: kind and payload of all that a file is made of, not compressed. A read gives so many",
      "`bytes`, of that SHA-256. `standing`: null for a folder, `-> ` and what it says for a link.",
      "`ways`: where a path leads; `last`: a link at its end is followed too.",
    ]),
    ...keyFields,
    files: await makeFiles(),
    refused: await makeRefused(),
    standing,
    ways: await makeWays(),
  };
}
