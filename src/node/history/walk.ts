import { beyondPack } from "../blocks/pack.ts";
import { openBlock } from "../blocks/seal.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import type { CloudError } from "../core/cloud-error.ts";
import { IdMap } from "../core/id-map.ts";
import type { BlockId } from "../core/ids.ts";
import {
  type Children,
  childrenOf,
  isBlockFault,
  type MapPart,
  type PackPart,
  type Part,
} from "./children.ts";

/** What a walk tells its caller. */
export interface Visitor {
  /** Met a link to a block. @returns whether to go into it: false stops there. */
  enter(part: Part): boolean;
  /** Went through an item of a map that makes sense. */
  item?(map: MapPart, key: Uint8Array, value: Uint8Array): void;
  /** A block is missing, damaged or not what it should be, or an item in it is. */
  damaged(part: Part, error: CloudError): void;
  /** Called now and then, so that a caller can report progress, yield or stop by throwing. */
  step(): Promise<void>;
}

/** How far a walk goes, and how many blocks it asks for at a time. */
export interface WalkOptions {
  /** Whether content blocks are read and opened too, or only named. */
  readonly content: boolean;
  /** Of a pack: whether all its records are looked into, or only the one that a link names. */
  readonly packs: "whole" | "own";
  /** Blocks that are being read at once, 1 or more. With 1 they come in the order of the links. */
  readonly concurrency: number;
  /** Instead of asking the reader: the payload of a block. */
  readonly open?: (part: Part) => Promise<Uint8Array>;
}

/**
 * Walks every block that some lead to: of a revision its tree, its versions, the states in its log
 * and tags. What can't be read is told and passed over.
 * @throws what the visitor or the source of blocks throws, once nothing is being read any more
 */
export async function walk(
  reader: Pick<MapReader, "primitives" | "blocks">,
  from: readonly Part[],
  visitor: Visitor,
  options: WalkOptions,
): Promise<void> {
  await new Walk(reader, visitor, options).walk(from);
}

class Walk {
  readonly #visitor: Visitor;
  readonly #options: WalkOptions;
  readonly #open: (part: Part) => Promise<Uint8Array>;
  /** What was met and not looked into yet; its end comes first. */
  readonly #frontier: Part[] = [];
  /** For each pack met, of the links to it the one that leads farthest into it. */
  readonly #farthest = new IdMap<BlockId, PackPart>();
  /** For each pack opened, how many records it holds. */
  readonly #records = new IdMap<BlockId, number>();

  constructor(
    { blocks, primitives }: Pick<MapReader, "primitives" | "blocks">,
    visitor: Visitor,
    options: WalkOptions,
  ) {
    this.#visitor = visitor;
    this.#options = options;
    this.#open =
      options.open ??
      (async ({ link, kind }) => openBlock(primitives, link, kind, await blocks.get(link.id)));
  }

  async walk(from: readonly Part[]): Promise<void> {
    this.#add(from);
    const reading = new Set<Promise<void>>();
    // Kept by themselves: several may end before this goes on, and each is forgotten when it ends.
    const failures: unknown[] = [];
    const begin = (part: Part): void => {
      const read = this.#read(part)
        .catch((error: unknown) => failures.push(error))
        .then(() => void reading.delete(read));
      reading.add(read);
    };
    try {
      while (failures.length === 0) {
        while (reading.size < this.#options.concurrency) {
          const part = this.#next();
          if (part === undefined) break;
          begin(part);
        }
        if (reading.size === 0) break;
        await Promise.race(reading);
      }
    } finally {
      await Promise.all(reading);
    }
    if (failures.length > 0) throw failures[0];
    this.#checkPlaces();
  }

  #add(parts: readonly Part[]): void {
    for (let i = parts.length - 1; i >= 0; i--) this.#frontier.push(parts[i] as Part);
  }

  /** The next one to be read. */
  #next(): Part | undefined {
    for (let part = this.#frontier.pop(); part !== undefined; part = this.#frontier.pop()) {
      if (part.kind === "pack") this.#met(part);
      if (this.#visitor.enter(part) && (part.kind !== "content" || this.#options.content)) {
        return part;
      }
    }
    return undefined;
  }

  async #read(part: Part): Promise<void> {
    await this.#visitor.step();
    let children: Children;
    try {
      children = childrenOf(part, await this.#open(part), this.#options.packs);
    } catch (error) {
      if (!isBlockFault(error)) throw error;
      this.#visitor.damaged(part, error);
      return;
    }
    for (const fault of children.faults) this.#visitor.damaged(part, fault);
    if (part.kind === "mapNode") {
      for (const [key, value] of children.items) this.#visitor.item?.(part, key, value);
    }
    if (part.kind === "pack") this.#records.set(part.link.id, children.records);
    this.#add(children.parts);
  }

  /** Notes a link to a pack, which is opened once however many lead to it. */
  #met(part: PackPart): void {
    const before = this.#farthest.get(part.link.id);
    if (before === undefined || placeOf(before) < placeOf(part)) {
      this.#farthest.set(part.link.id, part);
    }
  }

  #checkPlaces(): void {
    for (const part of this.#farthest.values()) {
      const records = this.#records.get(part.link.id);
      if (records === undefined || placeOf(part) < records) continue;
      this.#visitor.damaged(part, beyondPack(placeOf(part), records));
    }
  }
}

function placeOf({ link }: PackPart): number {
  return link.place ?? 0;
}
