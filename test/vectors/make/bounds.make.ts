import { encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { toHex } from "../../../src/node/core/bytes.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { about } from "./account/account-inputs.make.ts";
import { framed } from "./account/forged-keystores.make.ts";
import { largeEpochs } from "./heads/large-epochs.make.ts";
import { largeRosters } from "./lists/large-rosters.make.ts";
import { firstRoster, override, pseudonyms } from "./lists/roster-story.make.ts";
import type { VectorValue } from "../vector-file.ts";

/** A keystore of so many bytes, whose body is of version 2 and zeros. */
export function largeKeystore(length: number): Uint8Array {
  const ofFiller = (bytes: number): Uint8Array =>
    framed(encodeCanonical({ version: 2, filler: new Uint8Array(bytes) }));
  // From 65,536 bytes on a length is told in 4 more, whatever it is.
  return ofFiller(length - ofFiller(65_536).length + 65_536);
}

/** What is too long to be written out, as rules by which anybody makes it. FORMAT §12. */
export function makeBounds(): VectorValue {
  return {
    about: about("§12, what is as large as it may be, and larger", [
      "By rules, for it is long. `hash` is SHA-256 of the bytes that a rule makes; of `rosters` as the tips",
      "hash. Number i of a kind is kind (1) ‖ i (4, from 0) ‖ zeros, 16 bytes for a writer, else 32.",
      "`checkpoints`: beside the founding of the space of rosters.json one of that n by the override key. In",
      "are numbers of kind 1, none an admin; out of kind 2, each with the same `cuts`: writers of kind 4 at",
      "seq 1, heads of kind 5; the past is of kind 3; the suite is 1. `rosters`: statements on the founding,",
      "each of n 2: by the first pseudonym, which is not in, that numbers of kind 1 are in, as no admins; by",
      "the override key that those of kind 2 are. `verdict`: how many are in and out, or how it is refused.",
      "`epochs`: the first statement of the space by the override key; check, files of that many bytes and",
      "handover are zeros, box i is to i (4) ‖ zeros (28). `code`: how it is refused. `keystores`: files of",
      "`length` bytes whose body is {filler: zeros, version: 2}.",
    ]),
    space: toHex(firstRoster.space),
    founding: toHex([...firstRoster.statements.values()][0]?.bytes ?? new Uint8Array(0)),
    override: toHex(override.publicKey),
    pseudonym: toHex(pseudonyms[0].publicKey),
    ...largeRosters(),
    epochs: largeEpochs(),
    keystores: [67_108_864, 67_108_865].map((length) => ({
      length,
      hash: toHex(primitives.sha256(largeKeystore(length))),
      code: length > 67_108_864 ? "damaged" : "newer",
    })),
  };
}
