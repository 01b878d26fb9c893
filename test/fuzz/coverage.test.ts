import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const source = join(import.meta.dirname, "../../src/node");
/** In the others what opens or reads is mostly a thing of their own. */
const pureRooms = ["core", "crypto", "blocks", "tree", "history", "account"];
const rooms = [...pureRooms, "platform", "rpc", "space", "store", "transfer", "cli"];

/** Those that are tried by way of others, or read what one in the table has found. */
const others: Readonly<Record<string, string>> = {
  readUint64: "its callers check how many bytes there are",
  readNode: "openBlock, decodeNode and checkPlace",
  readState: "openBlock and decodeState",
  readTip: "openBlock, decodeRevision and decodeState",
  decodeKeptSpaces: "decodeContents",
  decodePublicSpaces: "decodeStatements",
  decodeSigned: "decodeHead, decodeEpoch, openRoster and openDeviceList",
  decodeStatement: "openRoster and openDeviceList",
  openSet: "openDeviceList",
  openEpochBox: "openAge and openEpoch",
  openEpochs: "openAge and openEpoch",
};

/** What reads bytes or text, by its name. */
const parserNames = /^export (?:async )?function\*? ((?:decode|parse|measure)[A-Z]\w*)/gmu;
const openerNames = /^export (?:async )?function\*? ((?:open|read)[A-Z]\w*)/gmu;

function textsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

function declared(room: string): string[] {
  const forms = pureRooms.includes(room) ? [parserNames, openerNames] : [parserNames];
  return textsOf(join(source, room)).flatMap((text) =>
    forms.flatMap((form) => Array.from(text.matchAll(form), (match) => match[1] ?? "")),
  );
}

describe("the table of parsers", () => {
  it("has every function that decodes, parses or measures, and of pure rooms what opens or reads", () => {
    const table = textsOf(join(import.meta.dirname, "parsers")).join("\n");
    const isTried = (name: string): boolean => new RegExp(`\\b${name}\\b`, "u").test(table);
    const names = rooms.flatMap(declared);
    const missing = names.filter((name) => !isTried(name) && !Object.hasOwn(others, name));
    assert.deepEqual(missing, []);
    const stale = Object.keys(others).filter((name) => !names.includes(name) || isTried(name));
    assert.deepEqual(stale, []);
  });
});
