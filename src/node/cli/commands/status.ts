import { showCount, showSize } from "../../core/show-size.ts";
import type { Status } from "../../rpc/contract.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import type { Output } from "../output.ts";
import { isoTime, showTime } from "../show/show-time.ts";

/** The state of the node and the drive, for scripts. */
export function statusJson(status: Status) {
  const { pid, account = null, device = null, revision = null, home, state, version } = status;
  const { usage = null, housekeeping, notices, unconfirmed } = status;
  const locked = state !== "unlocked";
  return {
    pid,
    locked,
    account,
    device,
    revision,
    home,
    state,
    version,
    usage,
    housekeeping: housekeepingJson(housekeeping),
    notices,
    wordsConfirmed: unconfirmed === undefined,
  };
}

function housekeepingJson(housekeeping: Status["housekeeping"]) {
  if (housekeeping === undefined) return null;
  const { last, wouldFreeBytes } = housekeeping;
  return {
    last: last === undefined ? null : { ...last, time: isoTime(last.time) },
    wouldFreeBytes,
  };
}

/** What scripts are told where there is neither a drive nor a node: none is started for it. */
const noDrive = {
  pid: null,
  locked: true,
  account: null,
  device: null,
  revision: null,
  state: "no-account",
  version: null,
  usage: null,
  housekeeping: null,
  notices: [],
  wordsConfirmed: true,
} satisfies Record<Exclude<keyof ReturnType<typeof statusJson>, "home">, unknown>;

const states: Readonly<Record<Status["state"], string>> = {
  "no-account": "no drive here yet; make one with: ipcloud init",
  locked: "locked; open it with: ipcloud unlock",
  unlocked: "unlocked",
};

function* statusLines(output: Output, status: Status): Iterable<string> {
  const { usage } = status;
  yield `state      ${output.paint(status.state === "unlocked" ? "green" : "yellow", states[status.state])}`;
  if (status.account !== undefined) yield `account    ${status.account}`;
  if (status.device !== undefined) yield `device     ${output.name(status.device)}`;
  if (status.revision !== undefined) yield `revision   ${status.revision}`;
  yield `home       ${output.name(status.home)}`;
  yield `node       pid ${status.pid.toString()}, version ${status.version}`;
  if (usage !== undefined) {
    const { blocks, blockBytes, diskBytes, quarantined } = usage;
    const padding = Math.round(usage.paddingShare * 100).toString();
    yield `store      ${showCount(blocks, "block")}, ${showSize(blockBytes)} (about ${padding} % padding); ${showSize(diskBytes)} on disk`;
    if (quarantined > 0) {
      yield output.paint(
        "red",
        `damaged    ${showCount(quarantined, "block")}; see: ipcloud verify`,
      );
    }
  }
  if (status.housekeeping !== undefined) {
    const { last, wouldFreeBytes } = status.housekeeping;
    const did =
      last === undefined
        ? "nothing freed yet"
        : `freed ${showSize(last.freedBytes)} at ${showTime(last.time)}`;
    yield `upkeep     ${did}; would free about ${showSize(wouldFreeBytes)} now`;
  }
  for (const notice of status.notices)
    yield `${output.paint("yellow", "notice")}     ${output.name(notice)}`;
}

/** `ipcloud status`: tells how things stand, and changes nothing: a locked drive stays locked. */
export const defineStatus: DefineCommand = (session) =>
  newCommand("status", "Show the account, the revision, the store and the node", [
    ["ipcloud status", "locked or not, which account, how much is stored"],
    ["ipcloud status --json", "the same for scripts"],
  ]).action(async () => {
    const { gate, output } = session;
    if (!gate.holdsDrive() && (await session.runningClient()) === undefined) {
      await output.result({ ...noDrive, home: gate.home }, () => [
        `state      ${output.paint("yellow", states["no-account"])}`,
        `home       ${output.name(gate.home)}`,
        "node       not running",
      ]);
      return;
    }
    const status = await session.requestPlain("status", {});
    await output.result(statusJson(status), () => statusLines(output, status));
  });
