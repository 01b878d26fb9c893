import { decodeRecordLink, sameRecord } from "../blocks/link.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import { toHex } from "../core/bytes.ts";
import { decodeEntry } from "../tree/entry.ts";
import { viewMap } from "../tree/state-view.ts";
import { covers } from "../tree/version-vector.ts";
import { decodeVersion, versionKey } from "./revision.ts";
import type { Tip } from "./tip.ts";

const everything = new Uint8Array(0);

/**
 * Contents of a tree that stand in no version, or in another one than theirs, each in a sentence. A
 * version whose stamp the floor covers may have been purged where its entry was not (FORMAT §13.2).
 * @throws not-found, damaged, newer: of a map that can't be read
 */
export async function* checkVersions(reader: MapReader, tip: Tip): AsyncGenerator<string> {
  const { state, revision } = tip;
  const versions = viewMap(reader, revision.versions);
  for (const map of ["tree", "removed"] as const) {
    for await (const [key, value] of viewMap(reader, state[map]).range(everything)) {
      const { id, name, content } = decodeEntry(key, value, map);
      for (const { stamp, link } of content) {
        const found = await versions.get(versionKey(id, stamp));
        const isRight =
          found === undefined
            ? covers(state.floor, stamp)
            : sameRecord(decodeRecordLink(decodeVersion(found).link), decodeRecordLink(link));
        if (!isRight)
          yield `the entry ${JSON.stringify(name)} (${toHex(id)}) shows no version of its own`;
      }
    }
  }
}
