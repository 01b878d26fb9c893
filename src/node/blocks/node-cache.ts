import { equalBytes, toBinaryString } from "../core/bytes.ts";
import type { Link } from "./link.ts";
import type { MapNode } from "./map-node.ts";

/** What one decoded key or value takes besides its bytes. */
const viewBytes = 104;

/** A node cache that several maps of a space share. */
export interface NodeCache {
  get(link: Link): MapNode | undefined;
  set(link: Link, node: MapNode, bytes: number): void;
}

interface Kept {
  readonly link: Link;
  readonly node: MapNode;
  readonly bytes: number;
}

/**
 * A cache of decoded nodes, of some `maxBytes` of memory: what was not used while half of it was
 * filled anew is forgotten.
 */
export function createNodeCache(maxBytes: number): NodeCache {
  let recent = new Map<string, Kept>();
  let recentBytes = 0;
  let older = new Map<string, Kept>();
  const keep = (name: string, kept: Kept): void => {
    if (recent.has(name) || kept.bytes > maxBytes / 2) return;
    if (recentBytes + kept.bytes > maxBytes / 2) {
      older = recent;
      recent = new Map();
      recentBytes = 0;
    }
    recent.set(name, kept);
    recentBytes += kept.bytes;
  };
  return {
    get(link) {
      const name = toBinaryString(link.id);
      const found = recent.get(name) ?? older.get(name);
      if (found === undefined || !equalBytes(found.link.key, link.key)) return undefined;
      keep(name, found);
      return found.node;
    },
    set(link, node, bytes) {
      keep(toBinaryString(link.id), {
        link,
        node,
        bytes: bytes + viewBytes * 2 * node.keys.length,
      });
    },
  };
}
