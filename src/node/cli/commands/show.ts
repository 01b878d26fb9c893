import { CloudError } from "../../core/cloud-error.ts";
import type { JournalItem, RevisionInfo } from "../../rpc/contract.ts";
import { type DefineCommand, limitOption, newCommand } from "../define-command.ts";
import type { Session } from "../session.ts";
import { revisionJson, revisionLines } from "../show-change.ts";

interface ShowOptions {
  readonly limit: number;
}

/** Revisions fetched at once while looking for one. */
const pageLength = 1000;

const isoTime = /^\d{4}-\d{2}(-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?)?$/;

/** Whether a person means this revision: by its id, one of its tags, or a time it stood at. */
function isMeant(wanted: string, { revision, tags, time }: RevisionInfo): boolean {
  if (revision === wanted || tags.includes(wanted)) return true;
  return isoTime.test(wanted) && time <= Date.parse(wanted);
}

/** The newest revision that is meant, and the one that came right after it. */
async function findRevision(session: Session, wanted: string) {
  let newer: string | undefined;
  for (;;) {
    const before = newer === undefined ? {} : { before: newer };
    const page = await session.request("revisions", { limit: pageLength, ...before });
    for (const info of page) {
      if (isMeant(wanted, info)) return { info, newer };
      newer = info.revision;
    }
    if (page.length > 0) continue;
    throw new CloudError(
      "not-found",
      `there is no revision ${JSON.stringify(wanted)}; expected a revision, a tag or an ISO time, see: ipcloud journal`,
    );
  }
}

/** A revision with what it changed; the latest, if none is wanted. @throws not-found */
async function fetchRevision(
  session: Session,
  wanted: string | undefined,
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
  ])
    .argument("[revision]", "a revision, a tag or an ISO time; the latest, if it is left out")
    .addOption(limitOption("paths"))
    .action(async (wanted: string | undefined, { limit }: ShowOptions) => {
      const { output } = session;
      const item = await fetchRevision(session, wanted, limit);
      await output.result(revisionJson(item), () => revisionLines(output, item));
    });
