import { newWriter } from "../account/create.ts";
import type { OwnWriter } from "../account/keystore-contents.ts";
import { asWriterSeed } from "../account/writers.ts";
import { decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBytes, asRecord } from "../blocks/shape.ts";
import { equalBytes, toUtf8 } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asWriterId, shortIdBytes } from "../core/ids.ts";
import { openBox, sealBox } from "../crypto/box.ts";
import { keyBytes } from "../crypto/derive.ts";
import { boxDomains } from "../crypto/domains.ts";
import { type OpenSpace, openSpace } from "./open-space.ts";
import { settingsKey } from "./settings.ts";

/** What a space goes on as whose store turns out to be a copy. */
export interface NextWriter {
  /** The space, written to by a writer that nobody has seen. */
  readonly space: OpenSpace;
  /**
   * Rows of the store, to be durable with the new writer's first head: by them the keystore learns of
   * it. Were it to learn first, or not at all, the past would be told anew twice, or never.
   */
  readonly settings: ReadonlyMap<string, Uint8Array>;
}

const rowName = "next-writer";
const what = "the writer that this store went on as";
const rowVersion = 1;

/** Draws a writer for a space whose store is a copy. */
export function nextWriter(space: OpenSpace): NextWriter {
  const { store, contents, primitives, random } = space;
  const writer = newWriter(random, contents.writer.instance);
  const payload = encodeCanonical({
    version: rowVersion,
    replaces: contents.writer.id,
    id: writer.id,
    seed: writer.seed,
  });
  const box = sealBox(
    settingsKey(space),
    boxDomains.localSettings,
    toUtf8(rowName),
    payload,
    random,
  );
  return {
    space: openSpace(store, { ...contents, writer }, primitives, random),
    settings: new Map([[rowName, box]]),
  };
}

/**
 * The writer as which a store went on after the keystore was written, if it did.
 * @throws damaged, newer
 */
export function wentOnAs(
  space: Pick<OpenSpace, "store" | "contents" | "primitives">,
): OwnWriter | undefined {
  const box = space.store.setting(rowName);
  if (box === undefined) return undefined;
  const opened = openBox(settingsKey(space), boxDomains.localSettings, toUtf8(rowName), box);
  if (opened === undefined) throw new CloudError("damaged", `${what} can't be opened`);
  const fields = asRecord(decodeCanonical(opened, what), what, rowVersion, [
    "replaces",
    "id",
    "seed",
  ]);
  const { writer } = space.contents;
  if (!equalBytes(asBytes(fields["replaces"], what, shortIdBytes), writer.id)) return undefined;
  return {
    id: asWriterId(asBytes(fields["id"], what, shortIdBytes)),
    seed: asWriterSeed(asBytes(fields["seed"], what, keyBytes)),
    instance: writer.instance,
  };
}
