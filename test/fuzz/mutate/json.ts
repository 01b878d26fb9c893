import { below, pick, type Random } from "../../blocks/random.ts";
import { changeText } from "./text.ts";

const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  0.5,
  1e308,
  2 ** 53,
  -(2 ** 53),
  4_294_967_296,
  "",
  "a",
  "\0",
  "\ud800",
  [],
  {},
  [[]],
  { length: 1 },
  { at: [], length: 0 },
  "__proto__",
  "0a".repeat(32),
];
const names = [
  "__proto__",
  "constructor",
  "length",
  "at",
  "bytes",
  "message",
  "version",
  "id",
  "x",
  "0",
  "",
];

/** The same JSON value but for one of all that it is made of. */
export function changeJson(random: Random, value: unknown): unknown {
  if (random() < 0.1) return pick(random, values);
  if (typeof value === "string") return changeText(random, value, () => pick(random, names));
  if (typeof value === "number") return value + pick(random, [-1, 1, 0.5, 2 ** 32, -(2 ** 32)]);
  if (typeof value !== "object" || value === null) return pick(random, values);
  return Array.isArray(value)
    ? changeList(random, value as unknown[])
    : changeObject(random, value);
}

function changeList(random: Random, list: readonly unknown[]): unknown {
  const at = below(random, list.length || 1);
  if (list.length > 0 && random() < 0.7) return list.with(at, changeJson(random, list[at]));
  if (random() < 0.5) return list.toSpliced(at, 1);
  return list.toSpliced(at, 0, random() < 0.5 ? list[at] : pick(random, values));
}

function changeObject(random: Random, value: object): unknown {
  const members: [string, unknown][] = Object.entries(value);
  const at = below(random, members.length || 1);
  const [name, member] = members[at] ?? ["x", null];
  if (random() < 0.75)
    return fromMembers(members.toSpliced(at, 1, [name, changeJson(random, member)]));
  if (random() < 0.5) return fromMembers(members.toSpliced(at, 1));
  return fromMembers([
    ...members,
    [pick(random, names), random() < 0.5 ? member : pick(random, values)],
  ]);
}

/** As `JSON.parse` makes them: `__proto__` is a member like any other. */
function fromMembers(members: readonly (readonly [string, unknown])[]): object {
  const made = {};
  for (const [name, value] of members) {
    Object.defineProperty(made, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return made;
}

/** Lists in lists, deeper than any recursion bears. */
export function deepJson(random: Random): string {
  const depth = below(random, 50_000);
  const [open, close] = pick(random, [
    ["[", "]"],
    ['{"a":', "}"],
  ]);
  return (
    open.repeat(depth) + (random() < 0.5 ? "0" : "") + (random() < 0.7 ? close.repeat(depth) : "")
  );
}
