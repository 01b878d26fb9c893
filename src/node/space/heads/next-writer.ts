import { newWriter } from "../../account/create.ts";
import type { WriterId } from "../../core/ids.ts";
import type { SettingRow } from "../../store/store.ts";
import type { OpenSpace } from "../open-space.ts";
import { type SpaceKeys, writtenBy } from "../space-keys.ts";
import { wentOnRow } from "./went-on.ts";

/** What a space goes on with that can't go on as the writer it was. */
export interface NextWriter {
  /** Those of a writer that nobody has seen. */
  readonly keys: SpaceKeys;
  /** The writers as whom the store wrote before, and whose changes are still under their stamps. */
  readonly former: readonly WriterId[];
  /**
   * Rows of the store, to be durable with the new writer's first head: by them the keystore learns of
   * it. Were it to learn first, or not at all, the past would be told anew twice, or never.
   */
  readonly settings: readonly SettingRow[];
}

/** Draws a writer for a space whose store is a copy, or whose clock was ahead. */
export function nextWriter(space: OpenSpace, former: readonly WriterId[]): NextWriter {
  const { primitives, random, id, device, keys } = space;
  const writer = newWriter(random, device.writer.instance);
  const { boundaryKey } = keys;
  // The keystore's: the space may have gone on as another since it was opened.
  const wentOn = { replaces: device.writer.id, writer, former };
  return {
    keys: writtenBy(primitives, keys, { ...device, writer }),
    former,
    settings: [wentOnRow(primitives, random, { id, boundaryKey }, wentOn)],
  };
}
