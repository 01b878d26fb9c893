import { Command } from "commander";
import { ownBuild } from "../rpc/client.ts";
import { defineBackup } from "./commands/backup.ts";
import { defineCat } from "./commands/cat.ts";
import { defineComplete } from "./commands/complete.ts";
import { defineCompletion } from "./commands/completion.ts";
import { defineCp } from "./commands/cp.ts";
import { defineDiff } from "./commands/diff.ts";
import { defineExport } from "./commands/export.ts";
import { defineFind } from "./commands/find.ts";
import { defineGc } from "./commands/gc.ts";
import { defineGet } from "./commands/get.ts";
import { defineGrep } from "./commands/grep.ts";
import { defineImport } from "./commands/import.ts";
import { defineInit } from "./commands/init.ts";
import { defineJournal } from "./commands/journal.ts";
import { defineLock } from "./commands/lock.ts";
import { defineLog } from "./commands/log.ts";
import { defineLs } from "./commands/ls.ts";
import { defineMkdir } from "./commands/mkdir.ts";
import { defineMv } from "./commands/mv.ts";
import { defineNode } from "./commands/node.ts";
import { definePassphrase } from "./commands/passphrase.ts";
import { definePurge } from "./commands/purge.ts";
import { definePut } from "./commands/put.ts";
import { defineRemoved } from "./commands/removed.ts";
import { defineRestore } from "./commands/restore.ts";
import { defineRm } from "./commands/rm.ts";
import { defineSettings } from "./commands/settings.ts";
import { defineShow } from "./commands/show.ts";
import { defineStatus } from "./commands/status.ts";
import { defineTag } from "./commands/tag.ts";
import { defineTree } from "./commands/tree.ts";
import { defineUnlock } from "./commands/unlock.ts";
import { defineVerify } from "./commands/verify.ts";
import { defineWords } from "./commands/words.ts";
import type { DefineCommand } from "./define-command.ts";
import { exitMeanings } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import { columnsOf } from "./terminal.ts";

/** Every command, in the order and under the headings of the help. */
const groups: readonly (readonly [heading: string, commands: readonly DefineCommand[]])[] = [
  [
    "Account:",
    [
      defineInit,
      defineWords,
      defineUnlock,
      defineLock,
      defineStatus,
      definePassphrase,
      defineSettings,
    ],
  ],
  [
    "Files:",
    [
      defineLs,
      defineTree,
      defineCat,
      definePut,
      defineGet,
      defineMkdir,
      defineRm,
      defineMv,
      defineCp,
      defineFind,
      defineGrep,
    ],
  ],
  ["Whole folders:", [defineImport, defineExport]],
  [
    "History:",
    [defineLog, defineDiff, defineShow, defineJournal, defineRemoved, defineRestore, defineTag],
  ],
  ["Upkeep:", [defineVerify, defineBackup, defineGc, definePurge, defineNode, defineCompletion]],
];

function exitCodeHelp(): string {
  const lines = Object.entries(exitMeanings).map(
    ([status, text]) => `  ${status.padStart(3)}  ${text}`,
  );
  return `\nExit codes:\n${lines.join("\n")}`;
}

const environmentHelp = `
Environment:
  IPCLOUD_HOME             the data folder; nothing is written outside it
  IPCLOUD_PASSPHRASE_FILE  a file that holds the passphrase, so that nothing is asked
  NO_COLOR                 no colours

A path of the drive may leave out its first slash. WHEN is an ISO time, a tag, a revision or
\`2 days ago\`; a time means the end of what it names, so a date the end of that day, and without a
zone it is that of this command. Behind \`--\` nothing is an option: ipcloud cat -- -odd-name`;

/** Gives a command and all below it what the program above decides: errors, output, suggestions. */
function inherit(command: Command, from: Command): Command {
  command.copyInheritedSettings(from);
  for (const each of command.commands) inherit(each, command);
  return command;
}

/**
 * The whole command line. Errors are thrown (`CommanderError`) and not printed.
 * @param writeHelp - takes what was asked for: help, or the version.
 */
export function makeProgram(session: Session, writeHelp: (text: string) => void): Command {
  const program = new Command("ipcloud")
    .description("An end-to-end encrypted drive on IPFS.")
    .version(ownBuild.split("+")[0] ?? ownBuild, "-V, --version", "print the version")
    .option("--json", "print one JSON value, and errors as JSON to standard error")
    .addHelpText("after", `${environmentHelp}\n${exitCodeHelp()}`)
    .helpCommand("help [command]", "show the help of a command, with examples")
    // `restore --version ID` is not `ipcloud --version`: options belong where they stand.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: writeHelp,
      writeErr: writeHelp,
      outputError: () => undefined,
      getOutHelpWidth: () => columnsOf(session.terminal.stdout, 100),
      getErrHelpWidth: () => columnsOf(session.terminal.stderr, 100),
    });
  for (const [heading, commands] of groups) {
    program.commandsGroup(heading);
    for (const define of commands) program.addCommand(inherit(define(session), program));
  }
  program.addCommand(inherit(defineComplete(session), program), { hidden: true });
  return program;
}
