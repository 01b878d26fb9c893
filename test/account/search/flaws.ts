import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import type { judge } from "../../../src/node/account/lists/judge.ts";

/** A rule made wrong on purpose: one piece of the shipped source put in another's place. */
export interface Flaw {
  readonly name: string;
  readonly piece: string;
  readonly instead: string;
  /** Whether it spoils only what is kept, not the verdict. */
  readonly isOfMemory?: boolean;
}

/** Each was shipped once, was proposed, or leaves out one line of the rule. */
export const judgeFlaws: readonly Flaw[] = [
  {
    name: "of several lines of statements the longest wins",
    piece: "return evaluate(judged, new Uint8Array(judged.length).fill(1));",
    instead: `const length = (at) => judged[at].past.reduce((sum, is) => sum + is, 1);
      const all = [...judged.keys()].sort((a, b) => length(a) - length(b));
      const longest = all.at(-1);
      const within = new Uint8Array(judged.length);
      if (longest !== undefined) within.set(judged[longest].past);
      if (longest !== undefined) within[longest] = 1;
      return evaluate(judged, within);`,
  },
  {
    name: "in is who is in on every line of statements",
    piece: "return evaluate(judged, new Uint8Array(judged.length).fill(1));",
    instead: `const all = evaluate(judged, new Uint8Array(judged.length).fill(1));
      const tips = [...judged.keys()].filter((at) => judged.every(({ past }) => past[at] !== 1));
      const lines = tips.map((tip) => evaluate(judged, judged[tip].past.with(tip, 1)));
      const present = [...all.present.keys(), ...lines.flatMap((line) => [...line.present.keys()])]
        .filter((key) => lines.every((line) => line.present.has(key)))
        .map((key) => [key, lines.every((line) => line.present.get(key))]);
      const revoked = lines.flatMap((line) => [...line.revoked]);
      return { ...all, present: new Map(present), revoked: new Map(revoked) };`,
  },
  {
    name: "of two that revoke each other the older device stays",
    piece: 'if (!hadRight || action.kind === "add") continue;',
    instead: `if (!hadRight || action.kind === "add") continue;
      const me = at(place);
      const ageOf = (who) => counting.findIndex((i) => at(i).action.kind === "add" && at(i).action.subject === who);
      if (me.signer !== undefined && counting.some((i) => at(i).action.kind === "revoke" && at(i).hadRight
        && at(i).action.subject === me.signer && at(i).past[place] !== 1
        && (at(i).signer === undefined || ageOf(at(i).signer) < ageOf(me.signer)))) continue;`,
  },
  {
    name: "a revocation is void once its signer is revoked unseen",
    piece: 'if (!hadRight || action.kind === "add") continue;',
    instead: `if (!hadRight || action.kind === "add") continue;
      const { signer } = at(place);
      if (signer !== undefined && counting.some((i) => at(i).action.kind === "revoke" && at(i).hadRight
        && at(i).action.subject === signer && at(i).past[place] !== 1)) continue;`,
  },
  {
    name: "what a revoked signer adds unseen counts",
    piece: "revocations.of(signer).every((by) => at(by).past[place] === 1)",
    instead: "true",
  },
  {
    name: "who was added by a void addition adds others",
    piece: "hadRight && isSupported &&",
    instead: "hadRight &&",
  },
  {
    name: "anybody revokes",
    piece: 'if (!hadRight || action.kind === "add") continue;',
    instead: 'if (action.kind === "add") continue;',
  },
  {
    name: "who may not change the list adds",
    piece: "each.hadRight = present.get(each.signer) === true;",
    instead: "each.hadRight = present.has(each.signer);",
  },
  {
    name: "a revocation takes nobody out",
    piece: ".filter(([key]) => !revoked.has(key))",
    instead: "",
  },
  {
    name: "what a checkpoint replaces counts on",
    piece: "if (base.replaces(place)) return false;",
    instead: "",
  },
  {
    name: "a checkpoint leaves additions beside it",
    piece: 'return action.kind === "revoke" && termsOf(judged, checkpoint).in.has(signer);',
    instead: "return termsOf(judged, checkpoint).in.has(signer) || action.kind === 'add';",
  },
  {
    name: "a checkpoint voids the revocations of those whom it says are in",
    piece: 'return action.kind === "revoke" && termsOf(judged, checkpoint).in.has(signer);',
    instead: "return false;",
  },
  {
    name: "a checkpoint leaves the revocations of those whom it says are out",
    piece: 'return action.kind === "revoke" && termsOf(judged, checkpoint).in.has(signer);',
    instead: 'return action.kind === "revoke";',
  },
  {
    name: "in is who is in by any checkpoint",
    piece: "if (!others.every((each) => each.has(key))) continue;",
    instead: "",
  },
  {
    name: "revocations that a checkpoint leaves out are forgotten",
    piece: "...holding, ...waiting",
    instead: "...holding",
    isOfMemory: true,
  },
  {
    name: "a checkpoint puts nobody out",
    piece: "for (const key of termsOf(judged, place).out) out.add(key, place);",
    instead: "",
  },
];

/** The shipped rule with one flaw in it. @throws if the piece does not stand there just once. */
export async function flawedJudge(flaw: Flaw): Promise<typeof judge> {
  return ((await withFlaw("lists/judge", flaw)) as { judge: typeof judge }).judge;
}

/**
 * A module of the account with one piece of it put in another's place.
 * @throws if the piece does not stand there just once.
 */
export async function withFlaw(name: string, { piece, instead, ...flaw }: Flaw): Promise<unknown> {
  const url = new URL(`../../../src/node/account/${name}.ts`, import.meta.url);
  const parts = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8")).split(piece);
  if (parts.length !== 2) {
    throw new Error(
      `"${flaw.name}": the piece stands ${(parts.length - 1).toString()} times in it`,
    );
  }
  const source = parts
    .join(instead)
    .replaceAll(/from "(\.[^"]+)"/gu, (_, path: string) => `from "${new URL(path, url).href}"`);
  return import(`data:text/javascript;base64,${Buffer.from(source).toString("base64")}`);
}
