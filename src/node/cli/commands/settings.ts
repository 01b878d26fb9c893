import { CloudError } from "../../core/cloud-error.ts";
import type { Settings } from "../../rpc/contract.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { alignColumns } from "../show/columns.ts";

/** How each setting is read and written. Its name is that of the contract, a dot between levels. */
interface SettingAccess {
  readonly read: (settings: Settings) => number | boolean;
  /** @throws usage, for what it can't be */
  readonly write: (settings: Settings, key: string, typed: string) => Partial<Settings>;
}

const numberSetting = (
  name: "versionWindowSeconds" | "autoLockMinutes" | "housekeepingMinutes",
): SettingAccess => ({
  read: (settings) => settings[name],
  write: (_settings, key, typed) => ({ [name]: parseNumber(key, typed) }),
});

const retentionSetting = (name: keyof Settings["retention"]): SettingAccess => ({
  read: ({ retention }) => retention[name],
  write: ({ retention }, key, typed) => ({
    retention: { ...retention, [name]: parseNumber(key, typed) },
  }),
});

const settingsByName = new Map<string, SettingAccess>([
  ["versionWindowSeconds", numberSetting("versionWindowSeconds")],
  ["autoLockMinutes", numberSetting("autoLockMinutes")],
  ["housekeepingMinutes", numberSetting("housekeepingMinutes")],
  [
    "compression",
    {
      read: ({ compression }) => compression,
      write: (_settings, key, typed) => ({ compression: parseFlag(key, typed) }),
    },
  ],
  ["retention.keepAllDays", retentionSetting("keepAllDays")],
  ["retention.dailyDays", retentionSetting("dailyDays")],
  ["retention.weeklyWeeks", retentionSetting("weeklyWeeks")],
  ["retention.monthlyMonths", retentionSetting("monthlyMonths")],
]);

function accessTo(key: string): SettingAccess {
  const access = settingsByName.get(key);
  if (access !== undefined) return access;
  const known = [...settingsByName.keys()].join(", ");
  throw new CloudError("usage", `there is no setting ${JSON.stringify(key)}; there are ${known}`);
}

function parseFlag(key: string, typed: string): boolean {
  if (typed === "on" || typed === "off") return typed === "on";
  throw new CloudError("usage", `expected on or off for ${key}, got ${JSON.stringify(typed)}`);
}

function showValue(value: number | boolean): string {
  if (typeof value === "number") return value.toString();
  return value ? "on" : "off";
}

function parseNumber(key: string, typed: string): number {
  const value = Number(typed);
  if (typed.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new CloudError(
    "usage",
    `expected a number from 0 for ${key}, got ${JSON.stringify(typed)}`,
  );
}

/** `ipcloud settings`: shows all, shows one, or sets one. */
export const defineSettings: DefineCommand = (session) =>
  newCommand("settings", "Show or change the settings of the drive", [
    ["ipcloud settings", "all of them"],
    ["ipcloud settings versionWindowSeconds 30", "saves within 30 s count as one version"],
    ["ipcloud settings compression off", "lengths tell less of what is put from now on"],
    ["ipcloud settings retention.keepAllDays 90", "keep every version for 90 days"],
  ])
    .argument("[key]", `one of ${[...settingsByName.keys()].join(", ")}`)
    .argument("[value]", "a number from 0; of compression: on or off")
    .action(async (key: string | undefined, value: string | undefined) => {
      const { output } = session;
      const access = key === undefined ? undefined : accessTo(key);
      let settings = await session.request("getSettings", {});
      if (access === undefined) {
        const rows = [...settingsByName].map(([name, { read }]) => [
          name,
          showValue(read(settings)),
        ]);
        await output.result(settings, () => alignColumns(rows, ["left", "right"]));
        return;
      }
      if (key !== undefined && value !== undefined) {
        settings = await session.request("setSettings", {
          settings: access.write(settings, key, value),
        });
      }
      const now = access.read(settings);
      await output.result({ key, value: now }, () => [showValue(now)]);
    });
