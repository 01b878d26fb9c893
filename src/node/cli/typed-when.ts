import { isLocalTime, parseTime } from "../core/parse-time.ts";
import type { When } from "../rpc/contract.ts";

/**
 * A moment as typed, for the node: a time without a zone means the zone of this process, in which
 * it also shows times, so it becomes one of UTC. The node may have been started in another zone.
 */
export function typedWhen(typed: string): When {
  if (!isLocalTime(typed)) return typed;
  const time = parseTime(typed, Date.now());
  return time === undefined ? typed : new Date(time).toISOString();
}
