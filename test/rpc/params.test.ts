import assert from "node:assert/strict";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { type Fields, fields } from "../../src/node/rpc/contract/fields.ts";
import { specOf } from "../../src/node/rpc/contract/requests.ts";
import { isRequestName, type RequestName, requestNames } from "../../src/node/rpc/contract.ts";
import { parseParams } from "../../src/node/rpc/params.ts";

const key = new Uint8Array(32);
const secretText = "hidden-passphrase";

const query = {
  patterns: ["a"],
  isRegExp: false,
  ignoreCase: true,
  word: false,
  wants: "lines",
  linesEach: 0,
  previewLength: 250,
  context: [0, 1],
  binary: false,
};

/** What each kind of parameter takes, and what it was expected to be where it takes no other. */
const kinds: Readonly<
  Record<
    Exclude<keyof Fields, "optional">,
    {
      readonly takes: readonly unknown[];
      readonly refuses: readonly unknown[];
      readonly what: string;
    }
  >
> = {
  text: { takes: ["", "/a"], refuses: [1, null, true, {}, [secretText], key], what: "a string" },
  flag: { takes: [true, false], refuses: [0, "true", null, {}], what: "true or false" },
  count: {
    takes: [0, 1, Number.MAX_SAFE_INTEGER],
    refuses: [-1, 1.5, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY, "1", null],
    what: "a whole number, 0 or more",
  },
  time: {
    takes: [0, -1, 1_763_683_200_123.456],
    refuses: [Number.NaN, Number.NEGATIVE_INFINITY, "2026-01-01", null],
    what: "a number of milliseconds",
  },
  mode: {
    takes: [0, 0o644, 0o7777],
    refuses: [-1, 0o10000, 0.5, Number.NaN, "644", null],
    what: "permission bits",
  },
  bytes: {
    takes: [key, Buffer.from("a"), new Uint8Array()],
    refuses: [secretText, [1, 2], {}, null, new ArrayBuffer(1)],
    what: "bytes",
  },
  space: {
    takes: ["0a".repeat(32)],
    refuses: ["", "0a".repeat(31), "0A".repeat(32), ` ${"0a".repeat(32)}`, key, null],
    what: "the id of a space, 64 hexadecimal digits",
  },
  texts: { takes: [[], ["a", ""]], refuses: ["a", [1], null, {}], what: "a list of strings" },
  kind: {
    takes: ["file", "folder", "link"],
    refuses: ["mount", "", 1, null],
    what: '"file", "folder" or "link"',
  },
  query: {
    takes: [query],
    refuses: ["a", null, [], key],
    what: "an object",
  },
  base: { takes: [null, "1-a1b2c3d4"], refuses: [0, false, {}], what: "a version or null" },
  overwrite: {
    takes: [true, false, "alike"],
    refuses: ["all", 1, null],
    what: 'true, false or "alike"',
  },
  secret: {
    takes: [{ key }, { passphrase: "" }, { passphrase: secretText }],
    refuses: [
      secretText,
      null,
      {},
      [secretText],
      { key: new Uint8Array(31) },
      { key: secretText },
      { passphrase: 1 },
      { key, passphrase: secretText },
      { passphrase: secretText, surprise: true },
    ],
    what: "a passphrase or a key of 32 bytes",
  },
  settings: {
    takes: [{}, { autoLockMinutes: 5 }, { retention: { dailyDays: 0 } }],
    refuses: [[], null, "", new Uint8Array()],
    what: "an object",
  },
};

/** A request of the table with its parameters: their kinds, and whether they may be absent. */
function parametersOf(name: RequestName) {
  return Object.entries(specOf(name).params(fields)).map(([parameter, schema]) => {
    const isOptional = schema.type === "exact_optional";
    const inner: unknown = isOptional ? Reflect.get(schema, "wrapped") : schema;
    const kind = Object.entries(fields).find(([, field]) => field === inner)?.[0];
    assert.ok(kind !== undefined && Object.hasOwn(kinds, kind), `${name}: kind of ${parameter}`);
    return { parameter, isOptional, ...kinds[kind as keyof typeof kinds] };
  });
}

/** Parameters that a request takes: those that it must have, or all. */
function taken(name: RequestName, all: boolean): Record<string, unknown> {
  const given = parametersOf(name).filter(({ isOptional }) => all || !isOptional);
  return Object.fromEntries(given.map(({ parameter, takes }) => [parameter, takes[0]]));
}

function refusal(name: RequestName, params: unknown): string {
  try {
    parseParams(name, params);
  } catch (error) {
    assert.ok(isCloudError(error, "usage"), `${name} fails otherwise: ${String(error)}`);
    assert.ok(!error.message.includes("hidden"), error.message);
    return error.message;
  }
  return assert.fail(`${name} takes ${JSON.stringify(params)}`);
}

describe("the parameters of every request", () => {
  for (const name of requestNames) {
    const parameters = parametersOf(name);

    it(`${name} takes what the contract says, with all that may be absent and without`, () => {
      for (const all of [false, true]) {
        assert.deepEqual(parseParams(name, taken(name, all)), taken(name, all));
      }
      for (const { parameter, takes } of parameters) {
        for (const value of takes) {
          const params = { ...taken(name, false), [parameter]: value };
          assert.deepEqual(parseParams(name, params), params);
        }
      }
    });

    it(`${name} refuses each wrong kind, naming the parameter and not what came`, () => {
      for (const { parameter, refuses, isOptional, what } of parameters) {
        const sentence = `the request ${name} expected "${parameter}" to be ${what}`;
        for (const value of refuses) {
          assert.equal(refusal(name, { ...taken(name, true), [parameter]: value }), sentence);
        }
        const without = taken(name, true);
        Reflect.deleteProperty(without, parameter);
        if (isOptional) assert.deepEqual(parseParams(name, without), without);
        else assert.equal(refusal(name, without), sentence);
      }
    });

    it(`${name} refuses what it doesn't know, and anything but parameters by name`, () => {
      const unknown = `the request ${name} expected no parameter`;
      assert.equal(
        refusal(name, { ...taken(name, true), surprise: true }),
        `${unknown} "surprise"`,
      );
      const planted: unknown = JSON.parse('{"__proto__": {}}');
      const withProto = Object.defineProperties(
        taken(name, true),
        Object.getOwnPropertyDescriptors(planted),
      );
      assert.equal(refusal(name, withProto), `${unknown} "__proto__"`);
      assert.equal(
        refusal(name, { ...taken(name, true), constructor: 1 }),
        `${unknown} "constructor"`,
      );
      for (const value of [undefined, null, [], "/hidden", 1, key]) {
        assert.equal(refusal(name, value), `the request ${name} expected its parameters by name`);
      }
    });
  }

  it("a setting is refused by its own name", () => {
    const refuse = (settings: unknown): string =>
      refusal("setSettings", { settings }).replace("the request setSettings expected ", "");
    const what = "a whole number, 0 or more";
    assert.equal(refuse({ autoLockMinutes: "5" }), `"settings.autoLockMinutes" to be ${what}`);
    assert.equal(
      refuse({ retention: { dailyDays: -1 } }),
      `"settings.retention.dailyDays" to be ${what}`,
    );
    assert.equal(refuse({ retention: [] }), '"settings.retention" to be an object');
    assert.equal(
      refuse({ retention: { dailyDay: 1 } }),
      'no parameter "settings.retention.dailyDay"',
    );
    assert.equal(refuse({ autolock: 1 }), 'no parameter "settings.autolock"');
  });

  it("bytes are passed on as they are", () => {
    const content = new Uint8Array([1, 2, 3]);
    assert.equal(parseParams("write", { path: "/a", content }).content, content);
  });
});

describe("isRequestName", () => {
  it("knows the contract's requests and no member of an object", () => {
    assert.equal(isRequestName("uploadPart"), true);
    for (const name of ["", "Stat", "constructor", "__proto__", "toString"]) {
      assert.equal(isRequestName(name), false, name);
    }
  });
});
