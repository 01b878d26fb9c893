import type { Link } from "../../blocks/link.ts";
import { equalBytes, toBinaryString } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { compareStamps, showStamp } from "../../core/stamp.ts";
import { isBlockFault } from "../../history/children.ts";
import { logRecord, tagsOf } from "../../history/moment.ts";
import { encodeLogItem, tagKey, tagPrefix } from "../../history/revision.ts";
import type { Tip } from "../../history/tip.ts";
import { readState, sealState } from "../../tree/sealed-state.ts";
import { emptyState, type State } from "../../tree/state.ts";
import { vectorItems } from "../../tree/version-vector.ts";
import type { Change } from "../commit-loop.ts";
import type { OpenSpace } from "../open-space.ts";
import { isMoment } from "./when.ts";

/** A name that someone gave to a state. */
export interface TagInfo {
  readonly name: string;
  /** The revision that it names; if that can't be read, the one that made the tag. */
  readonly revision: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * Names a state; an older tag of that name goes.
 * @param state - `undefined`: the one that the change begins with.
 */
export async function setTag(
  space: OpenSpace,
  change: Change,
  name: string,
  state: State | undefined,
): Promise<void> {
  const { base, draft, edit, time } = change;
  const link = await stateLink(space, change, base, state);
  await dropTag(change, name);
  draft.tags.set(tagKey(name, edit.stamp), encodeLogItem({ time, state: link }));
}

function stateLink(
  space: OpenSpace,
  { batch }: Change,
  base: Tip | undefined,
  state: State | undefined,
): Link | Promise<Link> {
  if (state === undefined && base !== undefined) return base.revision.state;
  return sealState(space.sealer, batch, state ?? emptyState);
}

/** Takes a tag away. @throws not-found */
export async function removeTag(change: Change, name: string): Promise<void> {
  if (!(await dropTag(change, name))) {
    throw new CloudError("not-found", `there is no tag ${JSON.stringify(name)}`);
  }
}

async function dropTag({ draft }: Change, name: string): Promise<boolean> {
  const keys: Uint8Array[] = [];
  for await (const [key] of draft.tags.range(new Uint8Array(0))) keys.push(key);
  const prefix = tagPrefix(name);
  const same = keys.filter(
    (key) =>
      key.length === prefix.length + 24 && toBinaryString(key).startsWith(toBinaryString(prefix)),
  );
  for (const key of same) draft.tags.delete(key);
  return same.length > 0;
}

/** All tags; of several with one name the one set last. */
export async function listTags(space: OpenSpace, tip: Tip): Promise<TagInfo[]> {
  const byName = new Map<string, TagInfo>();
  for await (const { name, stamp, state, time } of tagsOf(space.sealer, tip.revision)) {
    const revision = await revisionOf(space, tip, state).catch((error: unknown) => {
      if (!isBlockFault(error)) throw error;
      return showStamp(stamp); // a state that is lost hides no tag: the one that made it
    });
    byName.set(name, { name, revision, time });
  }
  return [...byName.values()];
}

/** The name of the revision that a state is of; of a merge the changes that it joins. */
async function revisionOf(space: OpenSpace, tip: Tip, link: Link): Promise<string> {
  const { vv } = await readState(space.sealer, link);
  const stamps = vectorItems(vv).sort(compareStamps);
  const latest = stamps.at(-1);
  if (latest === undefined) return "0";
  const record = await logRecord(space.sealer, tip.revision, latest);
  const isOfOne = record?.state !== undefined && equalBytes(record.state.id, link.id);
  return isOfOne || stamps.length === 1 ? showStamp(latest) : stamps.map(showStamp).join("+");
}

/** @throws usage, for a name that is none or already means a moment */
export function checkTagName(name: string): void {
  if (isMoment(name)) {
    throw new CloudError(
      "usage",
      `${JSON.stringify(name)} means a moment already; a tag needs another name, such as ${JSON.stringify(`at ${name}`)}`,
    );
  }
  if (/^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,99}$/u.test(name) && !/^\d+-[0-9a-f]{8}/u.test(name)) return;
  throw new CloudError(
    "usage",
    `expected a tag of 1 to 100 letters, digits, spaces, ".", "_" and "-", got ${JSON.stringify(name)}`,
  );
}
