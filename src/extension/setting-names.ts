import type { Settings } from "../node/rpc/contract.ts";

/** The settings of the node that can be made in the editor, as `ipcloud.NAME`. */
export const settingNames = [
  "versionWindowSeconds",
  "autoLockMinutes",
  "retention.keepAllDays",
  "retention.dailyDays",
  "retention.weeklyWeeks",
  "retention.monthlyMonths",
] as const;

type SettingName = (typeof settingNames)[number];

/** Values by name; what is absent was not set. */
export type SettingValues = Readonly<Partial<Record<SettingName, number>>>;

/**
 * What the node has to be told: all that is set now, and the default of what is not set any more.
 * @param before - what was set when the node was last told.
 */
export function valuesToTell(
  now: SettingValues,
  before: SettingValues,
  defaults: SettingValues,
): SettingValues {
  const gone = settingNames.filter((name) => name in before && !(name in now));
  return { ...Object.fromEntries(gone.map((name) => [name, defaults[name]])), ...now };
}

/** The same as the node takes it. @param current - what it has: retention is replaced as a whole. */
export function asSettings(values: SettingValues, current: Settings): Partial<Settings> {
  const { versionWindowSeconds, autoLockMinutes, ...retention } = values;
  const kept = { ...current.retention };
  for (const name of ["keepAllDays", "dailyDays", "weeklyWeeks", "monthlyMonths"] as const)
    kept[name] = retention[`retention.${name}`] ?? kept[name];
  return {
    ...(versionWindowSeconds === undefined ? {} : { versionWindowSeconds }),
    ...(autoLockMinutes === undefined ? {} : { autoLockMinutes }),
    ...(Object.keys(retention).length === 0 ? {} : { retention: kept }),
  };
}
