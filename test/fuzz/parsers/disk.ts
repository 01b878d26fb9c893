import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openBackupFolder } from "../../../src/node/store/backup/backup-folder.ts";
import { keystorePath, readKeystoreFile } from "../../../src/node/store/keystore.ts";
import { commitsInLog, readSalts } from "../../../src/node/store/log/log-file.ts";
import { logMarkPath, readLogMark } from "../../../src/node/store/log/log-mark.ts";
import { isIgnored, withRules } from "../../../src/node/transfer/import/ignore-rules.ts";
import { bytesParser, Flaw, jsonParser, type Parser, textParser } from "../parser.ts";
import { scratchFolder } from "../scratch-folder.ts";

const home = scratchFolder();
const backups = join(home, "backups");
const own = join(home, "own");
mkdirSync(backups);
mkdirSync(own);

const markContentBytes = 17;
/** The mark of a log as its check has it. */
const markOf = (content: Uint8Array): Uint8Array =>
  Buffer.concat([content, createHash("sha256").update(content).digest().subarray(0, 8)]);
const markContents = [1, 2, 300].map((commits) => {
  const content = Buffer.alloc(markContentBytes);
  content.writeBigUInt64BE(BigInt(commits));
  content[8] = commits & 1;
  return content;
});

function readMark(mark: Uint8Array): Uint8Array | undefined {
  writeFileSync(logMarkPath(home), mark);
  const { commits, isMoving, moved } = readLogMark(home);
  if (commits === 0 && !isMoving) return undefined;
  const content = Buffer.alloc(markContentBytes);
  content.writeBigUInt64BE(BigInt(commits));
  content[8] = isMoving ? 1 : 0;
  content.set(moved, 9);
  return markOf(content);
}

const logPath = join(home, "log");
/** Where the table is that tells how many commits there were. */
const totalPage = 2;

/** The log of a small database, as SQLite writes it. */
function sampleLog(): Uint8Array {
  const path = join(scratchFolder(), "sample.db");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA page_size = 512; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
  database.exec("CREATE TABLE total (id INTEGER, bytes INTEGER, commits INTEGER)");
  database.exec("INSERT INTO total VALUES (1, 2, 3); UPDATE total SET commits = 40000");
  const log = readFileSync(`${path}-wal`);
  database.close();
  return log;
}

/** A log whose checksums hold, whatever else is in it. https://sqlite.org/fileformat2.html#walformat */
function mended(log: Uint8Array): Uint8Array {
  const bytes = Buffer.from(log);
  if (bytes.length < 32) return bytes;
  const isBig = (bytes.readUInt32BE(0) & 1) === 1;
  let [a, b] = [0, 0];
  const add = (start: number, end: number): void => {
    for (let at = start; at + 8 <= end; at += 8) {
      a = (a + (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
      b = (b + (isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
    }
  };
  const write = (at: number): void => {
    bytes.writeUInt32BE(a, at);
    bytes.writeUInt32BE(b, at + 4);
  };
  add(0, 24);
  write(24);
  const frameBytes = 24 + bytes.readUInt32BE(8);
  for (let at = 32; at + frameBytes <= bytes.length; at += frameBytes) {
    bytes.copy(bytes, at + 8, 16, 24);
    add(at, at + 8);
    add(at + 24, at + frameBytes);
    write(at + 16);
  }
  return bytes;
}

function readLog(log: Uint8Array): number | undefined {
  writeFileSync(logPath, log);
  readSalts(logPath);
  return commitsInLog(logPath, totalPage);
}

const checkCommits = (commits: number): void => {
  if (!Number.isSafeInteger(commits)) throw new Flaw("no number of commits");
};

/** A rule file, and after an empty line the path that it is asked about. */
const askedPath = "a/".repeat(100);
const rules = [
  "*.log\n/build/\n!keep.log\n# no\n\nsrc/a.log",
  "node_modules\n**/dist/**\n[a-z]*.tmp\n\\#x\n\na/b/node_modules",
  "**/a/**/b\n\na/c/b",
  "a*a*a*a*a*b\n?[!a]\n\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  `**/a/**/b\n\n${askedPath}c`,
];

/** What lies on the disk. */
export const diskParsers: readonly Parser[] = [
  bytesParser("the mark of a log", {
    samples: () => markContents.map(markOf),
    parse: readMark,
    encode: (mark) => mark,
    share: 0.05,
  }),
  bytesParser("a mark whose check holds", {
    samples: () => markContents,
    parse: (content) => readMark(markOf(content)),
    encode: (mark) => mark.subarray(0, -8),
    share: 0.05,
  }),
  bytesParser("the log of a database", {
    samples: () => [sampleLog()],
    parse: readLog,
    check: checkCommits,
    share: 0.05,
  }),
  bytesParser("a log whose checksums hold", {
    samples: () => [sampleLog()],
    parse: (log) => readLog(mended(log)),
    check: checkCommits,
    share: 0.05,
  }),
  bytesParser("the file of a keystore", {
    samples: () => [new Uint8Array(100)],
    parse: (bytes) => {
      writeFileSync(keystorePath(home), bytes);
      return readKeystoreFile(home);
    },
    encode: (bytes) => bytes,
    share: 0.01,
  }),
  jsonParser("the mark of a folder of backups", {
    samples: () => ['{"version":1}', '{"version":1,"finished":"2026-11-21T12:00:00.000Z"}'],
    codes: ["newer", "damaged"],
    parse: async (text) => {
      writeFileSync(join(backups, "backup.json"), text);
      await openBackupFolder(backups, own);
      return text;
    },
    share: 0.02,
  }),
  textParser("rules of .ipcloudignore", {
    samples: () => rules,
    codes: ["usage"],
    parse: (text) => {
      const [file = "", path = ""] = text.split("\n\n", 2);
      const read = withRules(undefined, file, "");
      const names = path.split("/").filter((name) => name !== "" && name !== "." && name !== "..");
      // As a walk asks: each folder before what is in it.
      return names.map((_, i) =>
        isIgnored(read, names.slice(0, i + 1).join("/"), i + 1 < names.length),
      );
    },
    share: 0.005,
  }),
];
