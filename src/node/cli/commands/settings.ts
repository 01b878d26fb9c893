import { CloudError } from "../../core/cloud-error.ts";
import type { Settings } from "../../rpc/contract.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { alignColumns } from "../show/columns.ts";

/** How each setting is read and written. Its name is that of the contract, a dot between levels. */
interface SettingAccess {
  readonly read: (settings: Settings) => number;
  readonly write: (settings: Settings, value: number) => Partial<Settings>;
}

const retentionSetting = (name: keyof Settings["retention"]): SettingAccess => ({
  read: ({ retention }) => retention[name],
  write: ({ retention }, value) => ({ retention: { ...retention, [name]: value } }),
});

const settingsByName = new Map<string, SettingAccess>([
  [
    "versionWindowSeconds",
    {
      read: ({ versionWindowSeconds }) => versionWindowSeconds,
      write: (_settings, versionWindowSeconds) => ({ versionWindowSeconds }),
    },
  ],
  [
    "autoLockMinutes",
    {
      read: ({ autoLockMinutes }) => autoLockMinutes,
      write: (_settings, autoLockMinutes) => ({ autoLockMinutes }),
    },
  ],
  [
    "housekeepingMinutes",
    {
      read: ({ housekeepingMinutes }) => housekeepingMinutes,
      write: (_settings, housekeepingMinutes) => ({ housekeepingMinutes }),
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

function parseValue(key: string, typed: string): number {
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
    ["ipcloud settings retention.keepAllDays 90", "keep every version for 90 days"],
  ])
    .argument("[key]", `one of ${[...settingsByName.keys()].join(", ")}`)
    .argument("[value]", "a number from 0")
    .action(async (key: string | undefined, value: string | undefined) => {
      const { output } = session;
      const access = key === undefined ? undefined : accessTo(key);
      const number = key === undefined || value === undefined ? undefined : parseValue(key, value);
      let settings = await session.request("getSettings", {});
      if (access === undefined) {
        const rows = [...settingsByName].map(([name, { read }]) => [
          name,
          read(settings).toString(),
        ]);
        await output.result(settings, () => alignColumns(rows, ["left", "right"]));
        return;
      }
      if (number !== undefined) {
        settings = await session.request("setSettings", {
          settings: access.write(settings, number),
        });
      }
      const now = access.read(settings);
      await output.result({ key, value: now }, () => [now.toString()]);
    });
