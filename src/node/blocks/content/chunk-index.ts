import { concatBytes } from "../../core/bytes.ts";
import { decodeLink, type EncodedLink, type EncodedLinks, type Link, linkBytes } from "../link.ts";
import { indexFanout } from "../record.ts";

/**
 * The content of a record, made while the chunks come: full blocks of the index are sealed at once,
 * so that a file of any size takes little memory. The same links as for chunks known all at once.
 */
export class ChunkIndex {
  readonly #seal: (payload: Uint8Array) => EncodedLink;
  /** For each level, the encoded links that no block of the index above holds yet. */
  readonly #levels: EncodedLink[][] = [[]];

  /** @param seal - seals a block of the index and returns its encoded link. */
  constructor(seal: (payload: Uint8Array) => EncodedLink) {
    this.#seal = seal;
  }

  /** Adds the link of the next chunk, encoded. */
  add(link: EncodedLink): void {
    this.#add(0, link);
  }

  /** The links that the record holds. */
  end(): Link[] {
    for (let level = 0; ; level++) {
      if (level === this.#levels.length - 1) {
        return (this.#levels[level] as EncodedLink[]).map((link) => decodeLink(link));
      }
      this.#close(level);
    }
  }

  #add(level: number, link: EncodedLink): void {
    // Not before one more comes: a full block at the top stays in the record.
    if (this.#levels[level]?.length === indexFanout) this.#close(level);
    (this.#levels[level] ??= []).push(link);
  }

  #close(level: number): void {
    const payload = concatBytes(...(this.#levels[level] as EncodedLink[]));
    this.#levels[level] = [];
    this.#add(level + 1, this.#seal(payload));
  }
}

/** Parts links that stand one after the other, as `encodeLinks` has put them. */
export function* eachLink(links: EncodedLinks): Generator<EncodedLink> {
  for (let at = 0; at < links.length; at += linkBytes) {
    yield links.slice(at, at + linkBytes) as EncodedLink;
  }
}
