import { asDeviceSeed } from "../../../src/node/account/device-keys.ts";
import { encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { concatBytes, toHex, toUtf8 } from "../../../src/node/core/bytes.ts";
import { asSpaceId, asWriterId } from "../../../src/node/core/ids.ts";
import { sealBox } from "../../../src/node/crypto/box.ts";
import { asBoundaryKey, deriveKey } from "../../../src/node/crypto/derive.ts";
import { boxDomains, derivationDomains } from "../../../src/node/crypto/domains.ts";
import { nodePrimitives } from "../../../src/node/platform/primitives.ts";
import { formerWriters, wentOnAs } from "../../../src/node/space/heads/went-on.ts";
import type { OpenSpace } from "../../../src/node/space/open-space.ts";
import { readSettings } from "../../../src/node/space/settings.ts";
import { settingsKey } from "../../../src/node/space/settings-key.ts";
import { readLastHousekeeping } from "../../../src/node/space/upkeep/last-housekeeping.ts";
import { readLooks } from "../../../src/node/space/upkeep/looks.ts";
import { ImportCache } from "../../../src/node/transfer/import/import-cache.ts";
import { bytesParser, Flaw, type Parser } from "../parser.ts";

const id = asSpaceId(new Uint8Array(32).fill(1));
const boundaryKey = asBoundaryKey(new Uint8Array(32).fill(2));
const deviceSeed = asDeviceSeed(new Uint8Array(32).fill(3));
const writer = {
  id: asWriterId(new Uint8Array(16)),
  seed: new Uint8Array(32),
  instance: new Uint8Array(32),
};
const nothing = new Uint8Array(0);
const importKey = deriveKey(nodePrimitives, deviceSeed, derivationDomains.localImports);
const boxKey = settingsKey(nodePrimitives, boundaryKey);

/** A space of which the store has just these rows. */
function spaceWith(rows: Readonly<Record<string, Uint8Array>>): OpenSpace {
  return {
    id,
    boundaryKey,
    primitives: nodePrimitives,
    keys: { boundaryKey },
    device: { deviceSeed },
    store: { setting: (name: string) => rows[name] },
  } as unknown as OpenSpace;
}

/** A space with one row as `sealBox` seals it. */
function withBox(name: string, payload: Uint8Array, context = toUtf8(name)): OpenSpace {
  const box = sealBox(boxKey, boxDomains.localSettings, context, payload, () => new Uint8Array(24));
  return spaceWith({ [name]: box });
}

/** A row as `LocalRows` seals it. */
function sealRow(name: string, payload: Uint8Array): Uint8Array {
  const salt = new Uint8Array(32);
  const key = nodePrimitives.hmacSha256(importKey, salt);
  return nodePrimitives.aesGcmSeal(key, new Uint8Array(12), payload, toUtf8(name), salt);
}

const source = "/source";
const imported = nodePrimitives.hmacSha256(importKey, toUtf8(`${source}\0/`)).slice(0, 16);
const imports = encodeCanonical([1, [[imported, 0, 1, null]]]);
const link = concatBytes(Uint8Array.of(1), new Uint8Array(64));
const piece = (names: readonly string[]): Uint8Array =>
  encodeCanonical([
    1,
    [
      [
        "",
        new Uint8Array(16),
        names,
        new Uint8Array(32 * names.length),
        new Uint8Array(16 * names.length),
        names.map(() => link),
      ],
    ],
  ]);

/** What is remembered of an import, by the row that lists all and one with a piece of it. */
function cacheOf(list: Uint8Array, part: Uint8Array): ImportCache {
  const name = `import/${toHex(imported)}/0/0`;
  const rows = { imports: sealRow("imports", list), [name]: sealRow(name, part) };
  return new ImportCache(spaceWith(rows), source, "/");
}

/** What a store keeps for itself, sealed. */
export const rowParsers: readonly Parser[] = [
  bytesParser("the list of imports", {
    samples: () => [imports],
    parse: (list) => {
      const cache = cacheOf(list, piece(["a"]));
      cache.folder("");
      return cache.isThere ? cache : undefined;
    },
    share: 0.2,
  }),
  bytesParser("what is remembered of an import", {
    samples: () => [["a"], ["a", "b"], []].map(piece),
    parse: (part) => cacheOf(imports, part).folder(""),
    check: (folder) => {
      const items = ["a", "b"].flatMap((name) => folder.find(name) ?? []);
      const isWhole = items.every(({ id, link }) => id.length === 16 && link.length >= 65);
      if (!isWhole || folder.id.length !== 16) throw new Flaw("ids of other lengths");
    },
    share: 0.2,
  }),
  bytesParser("the settings of a drive", {
    samples: () => [
      encodeCanonical({
        version: 1,
        window: 10,
        autoLock: 0,
        housekeeping: 2,
        compression: false,
        retention: [1, 2, 3, 4],
      }),
    ],
    parse: (payload) => readSettings(withBox("settings", payload, nothing)),
    check: (settings) => {
      const { retention, compression, ...others } = settings;
      const isSound = Object.values({ ...retention, ...others }).every((value) =>
        Number.isSafeInteger(value),
      );
      if (!isSound || typeof compression !== "boolean") throw new Flaw("values of other kinds");
    },
    share: 0.2,
  }),
  bytesParser("when retention looked at the clock", {
    samples: () => [encodeCanonical({ version: 1, times: [1, 2] })],
    parse: (payload) => readLooks(withBox("looks", payload)),
    share: 0.2,
  }),
  bytesParser("what was freed last", {
    samples: () => [
      encodeCanonical({
        version: 1,
        time: 1,
        freedBytes: 2,
        thinnedStates: 3,
        counter: 4,
        blockBytes: 5,
      }),
    ],
    parse: (payload) => readLastHousekeeping(withBox("housekeeping", payload)),
    share: 0.2,
  }),
  bytesParser("the writer that a store went on as", {
    samples: () => [
      encodeCanonical({
        version: 1,
        replaces: writer.id,
        id: writer.id,
        seed: writer.seed,
        former: [writer.id],
      }),
    ],
    parse: (payload) => {
      const space = withBox("next-writer", payload);
      const kept = { id, boundaryKey };
      formerWriters(space, kept);
      return wentOnAs(space, kept, writer as Parameters<typeof wentOnAs>[2]);
    },
    share: 0.2,
  }),
];
