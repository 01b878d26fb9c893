import { toBinaryString } from "../core/bytes.ts";
import type { OpenSpace } from "./open-space.ts";

/** Names of devices by the writers (as binary strings) whose heads the store has. */
export function deviceNames(space: OpenSpace): Map<string, string> {
  const { contents, writerId } = space;
  return new Map([[toBinaryString(writerId), contents.deviceName]]);
}
