import { decodeCanonical, encodeCanonical } from "../../blocks/cbor.ts";
import { asInteger, asList, asRecord } from "../../blocks/shape.ts";
import { toUtf8 } from "../../core/bytes.ts";
import { openBox, sealBox } from "../../crypto/box.ts";
import { boxDomains } from "../../crypto/domains.ts";
import type { OpenSpace } from "../open-space.ts";
import { settingsKey } from "../settings-key.ts";

/** Times that are kept: enough to tell that a clock has gone on steadily for a week. */
const most = 16;
const dayMs = 24 * 3600 * 1000;
const name = "looks";
const rowVersion = 1;

const keyOf = ({ primitives, keys }: OpenSpace): Uint8Array =>
  settingsKey(primitives, keys.boundaryKey);

/**
 * When retention looked at the clock before, ascending: what it knows of the clock where nothing is
 * changed for long. None, if the row can't be read: then it waits a week longer.
 */
export function readLooks(space: OpenSpace): number[] {
  const box = space.store.setting(name, space.id);
  const opened = box && openBox(keyOf(space), boxDomains.localSettings, toUtf8(name), box);
  if (opened === undefined) return [];
  const what = "when retention looked at the clock";
  const fields = asRecord(decodeCanonical(opened, what), what, rowVersion, ["times"]);
  return asList(fields["times"], what).map((time) => asInteger(time, what));
}

/** Notes that retention looked at the clock, at most once a day. @param now - milliseconds since 1970 */
export async function noteLook(space: OpenSpace, now: number): Promise<void> {
  const before = readLooks(space).filter((time) => time <= now);
  if (now - (before.at(-1) ?? 0) < dayMs) return;
  const times = [...before, now].slice(-most);
  const payload = encodeCanonical({ version: rowVersion, times });
  const { store, random, id } = space;
  const value = sealBox(keyOf(space), boxDomains.localSettings, toUtf8(name), payload, random);
  await store.begin().commit({ settings: [{ space: id, name, value }] });
}
