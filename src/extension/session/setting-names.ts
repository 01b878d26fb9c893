import type { Settings, SettingsChange } from "../../node/rpc/contract.ts";

/**
 * The settings of the node that can be made in the editor, as `ipcloud.NAME`, and are whole numbers
 * from 0 on, with the largest value of each as package.json has it.
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

/** Those that are on or off. */
export const flagNames = ["compression"] as const;

type NumberName = keyof typeof largestValues;
type FlagName = (typeof flagNames)[number];
type SettingName = NumberName | FlagName;

export const numberNames = Object.keys(largestValues) as readonly NumberName[];
const settingNames: readonly SettingName[] = [...numberNames, ...flagNames];

/** Values by name; what is absent was not set. */
export type SettingValues = Readonly<
  Partial<Record<NumberName, number> & Record<FlagName, boolean>>
>;
type OpenValues = { -readonly [Name in keyof SettingValues]: SettingValues[Name] };

/** What stands in the person's settings, good or not. */
export interface ReadSettings {
  readonly values: SettingValues;
  /** The names of those whose value the node would not take. */
  readonly refused: readonly SettingName[];
}

/** @param find - the value of a setting as it was written; `undefined`: not set. */
export function readSettings(find: (name: SettingName) => unknown): ReadSettings {
  const values: OpenValues = {};
  const refused: SettingName[] = [];
  for (const name of numberNames) {
    const value = find(name);
    if (value === undefined) continue;
    if (isValueOf(name, value)) values[name] = value;
    else refused.push(name);
  }
  for (const name of flagNames) {
    const value = find(name);
    if (value === undefined) continue;
    if (typeof value === "boolean") values[name] = value;
    else refused.push(name);
  }
  return { values, refused };
}

function isValueOf(name: NumberName, value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= largestValues[name];
}

/** What holds: a setting whose value can't be taken stays what it was. @param before - told before. */
export function valuesInForce(
  { values, refused }: ReadSettings,
  before: SettingValues,
): SettingValues {
  const last = Object.entries(before).filter(([name]) => refused.some((other) => other === name));
  return { ...values, ...Object.fromEntries(last) };
}

/** A sentence about the values that were not taken, if there are any. */
export function aboutRefused(refused: readonly SettingName[]): string | undefined {
  if (refused.length === 0) return undefined;
  const expected = refused.map((name) => `"ipcloud.${name}" takes ${takenBy(name)}`);
  return `${expected.join("; ")}. What your settings say instead was left out.`;
}

function takenBy(name: SettingName): string {
  if (name === "compression") return "true or false";
  return `a whole number from 0 to ${String(largestValues[name])}`;
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
  const { versionWindowSeconds, autoLockMinutes, housekeepingMinutes, compression, ...rest } =
    values;
  const retention: { -readonly [Name in keyof Settings["retention"]]?: number } = {};
  for (const name of ["keepAllDays", "dailyDays", "weeklyWeeks", "monthlyMonths"] as const) {
    const value = rest[`retention.${name}`];
    if (value !== undefined) retention[name] = value;
  }
  return {
    ...(versionWindowSeconds === undefined ? {} : { versionWindowSeconds }),
    ...(autoLockMinutes === undefined ? {} : { autoLockMinutes }),
    ...(housekeepingMinutes === undefined ? {} : { housekeepingMinutes }),
    ...(compression === undefined ? {} : { compression }),
    ...(Object.keys(retention).length === 0 ? {} : { retention }),
  };
}
