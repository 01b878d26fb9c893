// Writes the vectors of FORMAT §3 to §10 anew: `node test/vectors/make/generate-blocks.ts`. What changes
// then is a change of the format.
import { makeBlocks } from "./blocks/blocks.make.ts";
import { makeCbor } from "./blocks/cbor.make.ts";
import { makeContent } from "./blocks/content.make.ts";
import { makeLinks } from "./blocks/links.make.ts";
import { makeMaps } from "./blocks/maps.make.ts";
import { makePacks } from "./blocks/packs.make.ts";
import { makeRecordVectors } from "./blocks/records.make.ts";
import { makeStates } from "./states/states.make.ts";
import { writeVectors } from "../vector-file.ts";

writeVectors("cbor", makeCbor());
writeVectors("blocks", makeBlocks());
writeVectors("links", makeLinks());
writeVectors("records", makeRecordVectors());
writeVectors("packs", makePacks());
writeVectors("content", await makeContent());
writeVectors("maps", await makeMaps());
writeVectors("states", await makeStates());
