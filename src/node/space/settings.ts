import { decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBoolean, asInteger, asRecord, asTuple } from "../blocks/shape.ts";
import { CloudError } from "../core/cloud-error.ts";
import { openBox, sealBox } from "../crypto/box.ts";
import { boxDomains } from "../crypto/domains.ts";
import type { OpenSpace } from "./open-space.ts";
import { settingsKey } from "./settings-key.ts";
import type { Settings } from "./types.ts";

/** What a drive does until its owner says otherwise. */
export const defaultSettings: Settings = {
  versionWindowSeconds: 10,
  autoLockMinutes: 0,
  housekeepingMinutes: 2,
  compression: true,
  retention: { keepAllDays: 90, dailyDays: 365, weeklyWeeks: 156, monthlyMonths: 120 },
};

const settingsVersion = 1;
const rowName = "settings";
const most = 1_000_000;
const nothing = new Uint8Array(0);

const keyOf = ({ primitives, keys }: OpenSpace): Uint8Array =>
  settingsKey(primitives, keys.boundaryKey);

/** The settings of a space that its store keeps, sealed; the default ones before any were set. @throws damaged */
export function readSettings(space: OpenSpace): Settings {
  const box = space.store.setting(rowName, space.id);
  if (box === undefined) return defaultSettings;
  const what = "the settings";
  const opened = openBox(keyOf(space), boxDomains.localSettings, nothing, box);
  if (opened === undefined) throw new CloudError("damaged", `${what} of the drive can't be opened`);
  const fields = asRecord(decodeCanonical(opened, what), what, settingsVersion, [
    "window",
    "autoLock",
    "retention",
    "housekeeping?",
    "compression?",
  ]);
  const [keepAllDays, dailyDays, weeklyWeeks, monthlyMonths] = asTuple(
    fields["retention"] ?? null,
    4,
    what,
  ).map((value) => asInteger(value, what));
  return {
    versionWindowSeconds: asInteger(fields["window"], what),
    autoLockMinutes: asInteger(fields["autoLock"], what),
    housekeepingMinutes:
      fields["housekeeping"] === undefined
        ? defaultSettings.housekeepingMinutes
        : asInteger(fields["housekeeping"], what),
    compression: fields["compression"] === undefined || asBoolean(fields["compression"], what),
    retention: {
      keepAllDays: keepAllDays ?? 0,
      dailyDays: dailyDays ?? 0,
      weeklyWeeks: weeklyWeeks ?? 0,
      monthlyMonths: monthlyMonths ?? 0,
    },
  };
}

/** Replaces the settings. @throws usage, for a value that is no whole number from 0 to a million */
export async function writeSettings(space: OpenSpace, settings: Settings): Promise<void> {
  const { versionWindowSeconds, autoLockMinutes, housekeepingMinutes, compression, retention } =
    settings;
  const { keepAllDays, dailyDays, weeklyWeeks, monthlyMonths } = retention;
  const kept = [keepAllDays, dailyDays, weeklyWeeks, monthlyMonths];
  for (const value of [versionWindowSeconds, autoLockMinutes, housekeepingMinutes, ...kept]) {
    if (Number.isSafeInteger(value) && value >= 0 && value <= most) continue;
    throw new CloudError(
      "usage",
      `expected a whole number from 0 to ${most.toString()}, got ${String(value)}`,
    );
  }
  const payload = encodeCanonical({
    version: settingsVersion,
    window: versionWindowSeconds,
    autoLock: autoLockMinutes,
    housekeeping: housekeepingMinutes,
    compression,
    retention: kept,
  });
  const box = sealBox(keyOf(space), boxDomains.localSettings, nothing, payload, space.random);
  await space.store.begin().commit({
    settings: [{ space: space.id, name: rowName, value: box }],
  });
}
