import type { Settings, SettingsChange } from "../../node/rpc/contract.ts";

/**
 * The settings of the node that can be made in the editor, as `ipcloud.NAME`, with the largest value
 * of each as package.json has it. All are whole numbers from 0 on.
 */
export const largestValues = {
  versionWindowSeconds: 86_400,
  autoLockMinutes: 10_080,
  housekeepingMinutes: 10_080,
  "retention.keepAllDays": 1_000_000,
  "retention.dailyDays": 1_000_000,
  "retention.weeklyWeeks": 1_000_000,
  "retention.monthlyMonths": 1_000_000,
} as const;

type SettingName = keyof typeof largestValues;

export const settingNames = Object.keys(largestValues) as readonly SettingName[];

/** Values by name; what is absent was not set. */
export type SettingValues = Readonly<Partial<Record<SettingName, number>>>;

/** What stands in the person's settings, good or not. */
export interface ReadSettings {
  readonly values: SettingValues;
  /** The names of those whose value the node would not take. */
  readonly refused: readonly SettingName[];
}

/** @param find - the value of a setting as it was written; `undefined`: not set. */
export function readSettings(find: (name: SettingName) => unknown): ReadSettings {
  const values: Partial<Record<SettingName, number>> = {};
  const refused: SettingName[] = [];
  for (const name of settingNames) {
    const value = find(name);
    if (value === undefined) continue;
    if (isValueOf(name, value)) values[name] = value;
    else refused.push(name);
  }
  return { values, refused };
}

function isValueOf(name: SettingName, value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= largestValues[name];
}

/** What holds: a setting whose value can't be taken stays what it was. @param before - told before. */
export function valuesInForce(
  { values, refused }: ReadSettings,
  before: SettingValues,
): SettingValues {
  const now: Partial<Record<SettingName, number>> = { ...values };
  for (const name of refused) {
    const last = before[name];
    if (last !== undefined) now[name] = last;
  }
  return now;
}

/** A sentence about the values that were not taken, if there are any. */
export function aboutRefused(refused: readonly SettingName[]): string | undefined {
  if (refused.length === 0) return undefined;
  const expected = refused.map(
    (name) => `"ipcloud.${name}" takes a whole number from 0 to ${String(largestValues[name])}`,
  );
  return `${expected.join("; ")}. What your settings say instead was left out.`;
}

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

/** The same as the node takes it. */
export function asSettings(values: SettingValues): SettingsChange {
  const { versionWindowSeconds, autoLockMinutes, housekeepingMinutes, ...rest } = values;
  const retention: { -readonly [Name in keyof Settings["retention"]]?: number } = {};
  for (const name of ["keepAllDays", "dailyDays", "weeklyWeeks", "monthlyMonths"] as const) {
    const value = rest[`retention.${name}`];
    if (value !== undefined) retention[name] = value;
  }
  return {
    ...(versionWindowSeconds === undefined ? {} : { versionWindowSeconds }),
    ...(autoLockMinutes === undefined ? {} : { autoLockMinutes }),
    ...(housekeepingMinutes === undefined ? {} : { housekeepingMinutes }),
    ...(Object.keys(retention).length === 0 ? {} : { retention }),
  };
}
