import { decodeCanonical, encodeCanonical } from "../../blocks/cbor.ts";
import { asInteger, asRecord } from "../../blocks/shape.ts";
import { toUtf8 } from "../../core/bytes.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { openBox, sealBox } from "../../crypto/box.ts";
import { boxDomains } from "../../crypto/domains.ts";
import type { OpenSpace } from "../open-space.ts";
import { settingsKey } from "../settings-key.ts";

const name = "housekeeping";
const rowVersion = 1;

/** What was freed last, and how much there was afterwards. */
export interface LastHousekeeping {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly freedBytes: number;
  readonly thinnedStates: number;
  /** The largest counter of the drive afterwards. */
  readonly counter: number;
  /** Bytes of all blocks of the store afterwards. */
  readonly blockBytes: number;
}

const keyOf = ({ primitives, keys }: OpenSpace): Uint8Array =>
  settingsKey(primitives, keys.boundaryKey);

/** What was freed last; `undefined` if nothing was, or the row can't be read: it is a help. */
export function readLastHousekeeping(space: OpenSpace): LastHousekeeping | undefined {
  const box = space.store.setting(name, space.id);
  const opened = box && openBox(keyOf(space), boxDomains.localSettings, toUtf8(name), box);
  if (opened === undefined) return undefined;
  const what = "what was freed last";
  const names = ["time", "freedBytes", "thinnedStates", "counter", "blockBytes"] as const;
  try {
    const fields = asRecord(decodeCanonical(opened, what), what, rowVersion, names);
    const [time = 0, freedBytes = 0, thinnedStates = 0, counter = 0, blockBytes = 0] = names.map(
      (field) => asInteger(fields[field], what),
    );
    return { time, freedBytes, thinnedStates, counter, blockBytes };
  } catch (error) {
    if (!isCloudError(error)) throw error;
    return undefined;
  }
}

/** Keeps what was freed. @throws storage-full and its kin */
export async function noteHousekeeping(space: OpenSpace, last: LastHousekeeping): Promise<void> {
  const { store, random, id } = space;
  const payload = encodeCanonical({ version: rowVersion, ...last });
  const value = sealBox(keyOf(space), boxDomains.localSettings, toUtf8(name), payload, random);
  await store.begin().commit({ settings: [{ space: id, name, value }] });
}
