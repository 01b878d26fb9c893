// Writes the vectors of keys and accounts: `node test/vectors/make/generate-account.ts`.
// All follows from fixed inputs, so that a run without a change of format changes no file.
import { makeAccountVectors } from "./account/account.make.ts";
import { makeBounds } from "./bounds.make.ts";
import { writeVectors } from "../vector-file.ts";

for (const [name, vectors] of Object.entries(await makeAccountVectors())) {
  writeVectors(name, vectors);
}
writeVectors("bounds", makeBounds());
