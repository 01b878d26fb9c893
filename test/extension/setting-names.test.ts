import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  aboutRefused,
  asSettings,
  flagNames,
  largestValues,
  numberNames,
  readSettings,
  valuesInForce,
  valuesToTell,
} from "../../src/extension/session/setting-names.ts";
import { defaultSettings } from "../../src/node/space/settings.ts";
import { manifest } from "./manifest.ts";

const { properties } = manifest.contributes.configuration;

const defaults = Object.fromEntries(
  [...numberNames, ...flagNames].map((name) => [name, properties[`ipcloud.${name}`]?.default]),
);

describe("the settings of the node in the editor", () => {
  it("have the node's own defaults", () => {
    assert.deepEqual(asSettings(defaults), defaultSettings);
  });

  it("have the ranges that package.json tells the editor", () => {
    for (const name of numberNames) {
      const { minimum, maximum } = properties[`ipcloud.${name}`] ?? {};
      assert.deepEqual([minimum, maximum], [0, largestValues[name]], name);
    }
  });

  it("are true or false where they have no range", () => {
    for (const name of flagNames) assert.equal(properties[`ipcloud.${name}`]?.type, "boolean");
    const { values, refused } = readSettings((name) => (name === "compression" ? 0 : undefined));
    assert.deepEqual([values, refused], [{}, ["compression"]]);
    assert.match(aboutRefused(refused) ?? "", /^"ipcloud.compression" takes true or false\. /);
    assert.deepEqual(valuesInForce({ values, refused }, { compression: false }), {
      compression: false,
    });
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

  it("leave the rest of the retention as anybody has set it", () => {
    const settings = asSettings({ "retention.keepAllDays": 30 });
    assert.deepEqual(settings, { retention: { keepAllDays: 30 } });
  });

  it("are left out one by one where the node would refuse them", () => {
    const written: Readonly<Record<string, unknown>> = {
      versionWindowSeconds: 1.5,
      autoLockMinutes: 5,
      "retention.dailyDays": -1,
      "retention.weeklyWeeks": "7",
      "retention.monthlyMonths": 1_000_001,
    };
    const { values, refused } = readSettings((name) => written[name]);
    assert.deepEqual(values, { autoLockMinutes: 5 });
    assert.deepEqual(refused, [
      "versionWindowSeconds",
      "retention.dailyDays",
      "retention.weeklyWeeks",
      "retention.monthlyMonths",
    ]);
  });

  it("say which were left out, and what they take", () => {
    assert.equal(aboutRefused([]), undefined);
    assert.match(
      aboutRefused(["autoLockMinutes", "retention.dailyDays"]) ?? "",
      /^"ipcloud.autoLockMinutes" takes a whole number from 0 to 10080; "ipcloud.retention.dailyDays" takes .*1000000\. /,
    );
  });

  it("stay what they were where the new value can't be taken", () => {
    const before = { autoLockMinutes: 5 };
    const read = readSettings(
      (name) => ({ autoLockMinutes: -1, versionWindowSeconds: 60 })[name as "autoLockMinutes"],
    );
    const now = valuesInForce(read, before);
    assert.deepEqual(valuesToTell(now, before, defaults), {
      autoLockMinutes: 5,
      versionWindowSeconds: 60,
    });
  });
});
