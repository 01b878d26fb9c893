import { CloudError } from "../../core/cloud-error.ts";
import { parseTime } from "../../core/parse-time.ts";
import type { JournalItem, RevisionInfo, When } from "../../rpc/contract.ts";
import { type DefineCommand, limitOption, newCommand } from "../define-command.ts";
import type { Session } from "../session.ts";
import { revisionJson, revisionLines } from "../show/show-change.ts";
import { typedWhen } from "../typed-when.ts";

interface ShowOptions {
  readonly limit: number;
}

/** Revisions fetched at once while looking for one. */
const pageLength = 1000;

/** Which revisions are meant: the newest of them is shown. */
interface Meaning {
  readonly isMeant: (info: RevisionInfo) => boolean;
  /** What is said if there is none. */
  readonly absence: string;
}

/** What a person means by a moment: a tag, else a revision, else a time, as everywhere. */
async function meaningOf(session: Session, wanted: When): Promise<Meaning> {
  const shown = JSON.stringify(wanted);
  const tag = (await session.request("tags", {})).find(({ name }) => name === wanted);
  if (tag !== undefined) {
    const { revision } = tag;
    return {
      isMeant: isRevision(revision),
      absence: `the tag ${shown} stands, but what its revision ${revision} changed is no longer kept; the files as of it are there: ipcloud ls --at ${shown}`,
    };
  }
  const time = parseTime(wanted, Date.now());
  if (time !== undefined) {
    await session.warnOfMoment(wanted);
    return {
      isMeant: (info) => info.time <= time,
      absence: `no revision is kept from before ${shown}; see: ipcloud journal`,
    };
  }
  return {
    isMeant: isRevision(wanted),
    absence: `there is no revision ${shown}, or it is no longer kept; expected a revision, a tag, an ISO time or "2 days ago", see: ipcloud journal`,
  };
}

/** Finds a revision by its name; a merge, by the latest of the changes that it joins. */
function isRevision(name: string): Meaning["isMeant"] {
  const counter = (change: string): number => Number.parseInt(change, 10);
  const [latest] = name.split("+").sort((a, b) => counter(b) - counter(a));
  return ({ revision }) => revision === latest;
}

/** The newest revision that is meant, and the one that came right after it. @throws not-found */
async function findRevision(session: Session, wanted: When) {
  const { isMeant, absence } = await meaningOf(session, wanted);
  let newer: string | undefined;
  for (;;) {
    const before = newer === undefined ? {} : { before: newer };
    const page = await session.request("revisions", { limit: pageLength, ...before });
    for (const info of page) {
      if (isMeant(info)) return { info, newer };
      newer = info.revision;
    }
    if (page.length === 0) throw new CloudError("not-found", absence);
  }
}

/** A revision with what it changed; the latest, if none is wanted. @throws not-found */
async function fetchRevision(
  session: Session,
  wanted: When | undefined,
  changesEach: number,
): Promise<JournalItem> {
  const found = wanted === undefined ? undefined : await findRevision(session, wanted);
  const before = found?.newer === undefined ? {} : { before: found.newer };
  const [item] = await session.request("journal", { limit: 1, changesEach, ...before });
  if (item === undefined) throw new CloudError("not-found", "there is no revision yet");
  // The latest was meant, and a later one came meanwhile.
  if (found !== undefined && item.revision !== found.info.revision) {
    return fetchRevision(session, found.info.revision, changesEach);
  }
  return item;
}

/** `ipcloud show`: one revision and every path that it changed. */
export const defineShow: DefineCommand = (session) =>
  newCommand("show", "Show one revision of the drive and what it changed", [
    ["ipcloud show", "the latest"],
    ["ipcloud show 812-a1b2c3d4", "one that `ipcloud journal` lists"],
    ["ipcloud show release-1", "the one that a tag names"],
    ["ipcloud show 2026-03-01", "the last of a day or before"],
  ])
    .argument(
      "[when]",
      "an ISO time, a tag, a revision, or `2 days ago`; the latest, if it is left out",
      typedWhen,
    )
    .addOption(limitOption("paths"))
    .action(async (wanted: When | undefined, { limit }: ShowOptions) => {
      const { output } = session;
      const item = await fetchRevision(session, wanted, limit);
      await output.result(revisionJson(item), () => revisionLines(output, item));
    });
