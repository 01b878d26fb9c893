import { newWriter } from "../../account/create.ts";
import type { KeptSpace } from "../../account/kept-space.ts";
import type { OwnWriter } from "../../account/keystore-contents.ts";
import { asWriterSeed } from "../../account/writers.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../blocks/cbor.ts";
import { asBytes, asList, asRecord } from "../../blocks/shape.ts";
import { equalBytes, toUtf8 } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { asWriterId, shortIdBytes, type WriterId } from "../../core/ids.ts";
import { openBox, sealBox } from "../../crypto/box.ts";
import { keyBytes } from "../../crypto/derive.ts";
import { boxDomains } from "../../crypto/domains.ts";
import type { SettingRow } from "../../store/store.ts";
import type { OpenSpace, SpaceGround } from "../open-space.ts";
import { settingsKey } from "../settings.ts";
import { type SpaceKeys, writtenBy } from "../space-keys.ts";

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

const name = "next-writer";
const what = "the writer that this store went on as";
const rowVersion = 1;
const fieldNames = ["replaces", "id", "seed", "former"];

/** Draws a writer for a space whose store is a copy, or whose clock was ahead. */
export function nextWriter(space: OpenSpace, former: readonly WriterId[]): NextWriter {
  const { primitives, random, device, keys } = space;
  const writer = newWriter(random, device.writer.instance);
  const payload = encodeCanonical({
    version: rowVersion,
    // The keystore's: the space may have gone on as another since it was opened.
    replaces: device.writer.id,
    id: writer.id,
    seed: writer.seed,
    former,
  });
  const key = settingsKey(primitives, keys.boundaryKey);
  const value = sealBox(key, boxDomains.localSettings, toUtf8(name), payload, random);
  return {
    keys: writtenBy(primitives, keys, { ...device, writer }),
    former,
    settings: [{ space: space.id, name, value }],
  };
}

/**
 * The writer as which a space of a store went on after the keystore was written, if it did.
 * @param writer - the keystore's.
 * @throws damaged, newer
 */
export function wentOnAs(
  ground: Pick<SpaceGround, "store" | "primitives">,
  kept: Pick<KeptSpace, "id" | "boundaryKey">,
  writer: OwnWriter,
): OwnWriter | undefined {
  const fields = readRow(ground, kept);
  if (fields === undefined) return undefined;
  if (!equalBytes(asBytes(fields["replaces"], what, shortIdBytes), writer.id)) return undefined;
  return {
    id: asWriterId(asBytes(fields["id"], what, shortIdBytes)),
    seed: asWriterSeed(asBytes(fields["seed"], what, keyBytes)),
    instance: writer.instance,
  };
}

/** The writers as whom a store wrote in a space before it went on as another one. @throws damaged, newer */
export function formerWriters(
  ground: Pick<SpaceGround, "store" | "primitives">,
  kept: Pick<KeptSpace, "id" | "boundaryKey">,
): WriterId[] {
  const fields = readRow(ground, kept);
  if (fields === undefined) return [];
  return asList(fields["former"], what).map((id) => asWriterId(asBytes(id, what, shortIdBytes)));
}

function readRow(
  { store, primitives }: Pick<SpaceGround, "store" | "primitives">,
  { id, boundaryKey }: Pick<KeptSpace, "id" | "boundaryKey">,
): Readonly<Record<string, CborValue>> | undefined {
  const box = store.setting(name, id);
  if (box === undefined) return undefined;
  const key = settingsKey(primitives, boundaryKey);
  const opened = openBox(key, boxDomains.localSettings, toUtf8(name), box);
  if (opened === undefined) throw new CloudError("damaged", `${what} can't be opened`);
  return asRecord(decodeCanonical(opened, what), what, rowVersion, fieldNames);
}
