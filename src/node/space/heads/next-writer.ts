import { newWriter } from "../../account/create.ts";
import type { KeptSpace } from "../../account/kept-space.ts";
import type { OwnWriter } from "../../account/keystore-contents.ts";
import { asWriterSeed } from "../../account/writers.ts";
import { decodeCanonical, encodeCanonical } from "../../blocks/cbor.ts";
import { asBytes, asRecord } from "../../blocks/shape.ts";
import { equalBytes, toUtf8 } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { asWriterId, shortIdBytes } from "../../core/ids.ts";
import { openBox, sealBox } from "../../crypto/box.ts";
import { keyBytes } from "../../crypto/derive.ts";
import { boxDomains } from "../../crypto/domains.ts";
import type { SettingRow } from "../../store/store.ts";
import type { OpenSpace, SpaceGround } from "../open-space.ts";
import { settingsKey } from "../settings.ts";
import { type SpaceKeys, writtenBy } from "../space-keys.ts";

/** What a space goes on with whose store turns out to be a copy. */
export interface NextWriter {
  /** Those of a writer that nobody has seen. */
  readonly keys: SpaceKeys;
  /**
   * Rows of the store, to be durable with the new writer's first head: by them the keystore learns of
   * it. Were it to learn first, or not at all, the past would be told anew twice, or never.
   */
  readonly settings: readonly SettingRow[];
}

const name = "next-writer";
const what = "the writer that this store went on as";
const rowVersion = 1;

/** Draws a writer for a space whose store is a copy. */
export function nextWriter(space: OpenSpace): NextWriter {
  const { primitives, random, device, keys } = space;
  const writer = newWriter(random, device.writer.instance);
  const payload = encodeCanonical({
    version: rowVersion,
    // The keystore's: the space may have gone on as another since it was opened.
    replaces: device.writer.id,
    id: writer.id,
    seed: writer.seed,
  });
  const key = settingsKey(primitives, keys.boundaryKey);
  const value = sealBox(key, boxDomains.localSettings, toUtf8(name), payload, random);
  return {
    keys: writtenBy(primitives, keys, { ...device, writer }),
    settings: [{ space: space.id, name, value }],
  };
}

/**
 * The writer as which a space of a store went on after the keystore was written, if it did.
 * @param writer - the keystore's.
 * @throws damaged, newer
 */
export function wentOnAs(
  { store, primitives }: Pick<SpaceGround, "store" | "primitives">,
  { id, boundaryKey }: Pick<KeptSpace, "id" | "boundaryKey">,
  writer: OwnWriter,
): OwnWriter | undefined {
  const box = store.setting(name, id);
  if (box === undefined) return undefined;
  const key = settingsKey(primitives, boundaryKey);
  const opened = openBox(key, boxDomains.localSettings, toUtf8(name), box);
  if (opened === undefined) throw new CloudError("damaged", `${what} can't be opened`);
  const fields = asRecord(decodeCanonical(opened, what), what, rowVersion, [
    "replaces",
    "id",
    "seed",
  ]);
  if (!equalBytes(asBytes(fields["replaces"], what, shortIdBytes), writer.id)) return undefined;
  return {
    id: asWriterId(asBytes(fields["id"], what, shortIdBytes)),
    seed: asWriterSeed(asBytes(fields["seed"], what, keyBytes)),
    instance: writer.instance,
  };
}
