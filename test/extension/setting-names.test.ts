import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { asSettings, settingNames, valuesToTell } from "../../src/extension/setting-names.ts";
import { defaultSettings } from "../../src/node/drive/settings.ts";
import { manifest } from "./manifest.ts";

const defaults = Object.fromEntries(
  settingNames.map((name) => [
    name,
    Number(manifest.contributes.configuration.properties[`ipcloud.${name}`]?.default),
  ]),
);

describe("the settings of the node in the editor", () => {
  it("have the node's own defaults", () => {
    assert.deepEqual(asSettings(defaults, defaultSettings), defaultSettings);
  });

  it("tell the node what is set, and nothing of what is not", () => {
    assert.deepEqual(valuesToTell({ autoLockMinutes: 5 }, {}, defaults), { autoLockMinutes: 5 });
    assert.deepEqual(valuesToTell({}, {}, defaults), {});
  });

  it("tell the node the default of what is no longer set", () => {
    const before = { autoLockMinutes: 5, versionWindowSeconds: 60, "retention.dailyDays": 7 };
    assert.deepEqual(valuesToTell({ versionWindowSeconds: 60 }, before, defaults), {
      autoLockMinutes: 0,
      versionWindowSeconds: 60,
      "retention.dailyDays": 365,
    });
  });

  it("leave the rest of the retention as the command line has set it", () => {
    const retention = { ...defaultSettings.retention, weeklyWeeks: 1 };
    const settings = asSettings({ "retention.keepAllDays": 30 }, { ...defaultSettings, retention });
    assert.deepEqual(settings, { retention: { ...retention, keepAllDays: 30 } });
  });
});
