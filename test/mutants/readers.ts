import { globSync } from "node:fs";
import { join } from "node:path";

/** The checkout. */
export const projectFolder = join(import.meta.dirname, "..", "..");

const pureRooms = "src/node/{core,crypto,blocks,tree,history,account,share}/**/*.ts";

/**
 * Files left of the bar whose reading two clients need not share: what a writer decides, what is
 * shown to people, what is kept in memory. All others are readers, new ones included.
 */
const notReaders: ReadonlySet<string> = new Set(
  [
    "core/{brand,cid,cloud-error,path}", // names for errors and people; a path is what a person types
    "{core/bytes,core/id-map,core/ids,crypto/sized}", // arithmetic; lengths that who reads checked
    "core/{file-time,parse-time,turns}", // of a file system, of what a person types, of a process
    "core/{pace,show-size}", // what people are told
    "core/{passphrase,problem-list}", // of what a person chooses, of what people are told
    "crypto/{domains,primitives}", // strings, which vectors hold as they are; types
    "blocks/{map-draft,map-rewrite,node-cache,ports,seal-into,sorted-changes}", // writing; a cache
    "blocks/content/{chunk-index,next-record,seal-content}", // writing
    "blocks/map-diff", // finds fast what two maps say by themselves
    "tree/{anchor,copy,edit,move,put,reclaim,remove,restore,restore-scope}", // verbs
    "tree/{path-namer,state-draft}", // paths in sentences; writing
    "{tree/check-state,history/check-versions}", // what verify tells and no reader refuses
    "{blocks/content/content-parts,history/children,history/walk}", // who goes through all there is
    "history/clock", // what one's own clock is taken for, and people are told of it
    "history/{changes,concerned,difference,retention,stood-at,thinning,timeline}", // shown, or decided by one
    "account/{create,recover}", // made by one's own words, in one's own store
    "account/unknown-word", // what people are told of a word that they misspelled
    "account/lists/{quota,admit-set,extend-set,checkpoint}", // what one takes, and says oneself
  ].flatMap((pattern) => {
    const files = globSync(`src/node/${pattern}.ts`, { cwd: projectFolder });
    if (files.length === 0) throw new Error(`no file is named ${pattern} any more`);
    return files;
  }),
);

/** The files whose reading rules are changed, as paths from the project's folder, sorted. */
export function readerFiles(): string[] {
  const files = globSync(pureRooms, { cwd: projectFolder });
  return files.filter((file) => !notReaders.has(file)).sort();
}

/** The tests that hold vectors against the code, as paths from the project's folder, sorted. */
export function vectorTests(): string[] {
  const patterns = ["test/vectors/**/*.test.ts", "test/{account,crypto}/vectors.test.ts"];
  return globSync(patterns, { cwd: projectFolder }).sort();
}

/**
 * Functions, classes and constants in readers that write, by the verb that they begin with; and what
 * serves one's own client only, by name: what is typed, looked up or chosen there.
 */
const writing =
  /^(?:encode|write|seal|sign|store|make|show|draw|suggest|found|follow|extend|certify|claim|prove)(?=[A-Z0-9]|$)|^(?:room|resolve|resolveTarget|PackWriter|RevisionDraft|revise|stateEpoch|nextStamp|withStamp|checkDeviceName|spaceOf|editorSlot|withoutSlot|otherSlots|defaultArgon2Cost|leftOutAt|keptAbove|differingVisible)$/;

/** Whether what is declared under a name writes and is left as it is. */
export function isWriting(name: string): boolean {
  return writing.test(name);
}
