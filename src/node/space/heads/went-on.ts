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
import type { Primitives, RandomBytes } from "../../crypto/primitives.ts";
import type { SettingRow, Store } from "../../store/store.ts";
import { settingsKey } from "../settings-key.ts";

/** Where the row of a space lies and what opens it. */
interface Ground {
  readonly store: Store;
  readonly primitives: Primitives;
}

type SpaceOf = Pick<KeptSpace, "id" | "boundaryKey">;

/** As whom a store goes on in a space. */
export interface WentOn {
  /** The keystore's writer: once it has another one this says nothing of it. */
  readonly replaces: WriterId;
  readonly writer: OwnWriter;
  /** The writers as whom it wrote before. */
  readonly former: readonly WriterId[];
}

const name = "next-writer";
const what = "the writer that this store went on as";
const rowVersion = 1;
const fieldNames = ["replaces", "id", "seed", "former"];

/** The row of a store that says as whom it goes on in a space, until the keystore says so. */
export function wentOnRow(
  primitives: Primitives,
  random: RandomBytes,
  { id, boundaryKey }: SpaceOf,
  { replaces, writer, former }: WentOn,
): SettingRow {
  const payload = encodeCanonical({
    version: rowVersion,
    replaces,
    id: writer.id,
    seed: writer.seed,
    former,
  });
  const key = settingsKey(primitives, boundaryKey);
  const value = sealBox(key, boxDomains.localSettings, toUtf8(name), payload, random);
  return { space: id, name, value };
}

/**
 * The writer as which a space of a store went on after the keystore was written, if it did.
 * @param writer - the keystore's.
 * @throws damaged, newer
 */
export function wentOnAs(ground: Ground, kept: SpaceOf, writer: OwnWriter): OwnWriter | undefined {
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
export function formerWriters(ground: Ground, kept: SpaceOf): WriterId[] {
  const fields = readRow(ground, kept);
  if (fields === undefined) return [];
  return asList(fields["former"], what).map((id) => asWriterId(asBytes(id, what, shortIdBytes)));
}

function readRow(
  { store, primitives }: Ground,
  { id, boundaryKey }: SpaceOf,
): Readonly<Record<string, CborValue>> | undefined {
  const box = store.setting(name, id);
  if (box === undefined) return undefined;
  const key = settingsKey(primitives, boundaryKey);
  const opened = openBox(key, boxDomains.localSettings, toUtf8(name), box);
  if (opened === undefined) throw new CloudError("damaged", `${what} can't be opened`);
  return asRecord(decodeCanonical(opened, what), what, rowVersion, fieldNames);
}
