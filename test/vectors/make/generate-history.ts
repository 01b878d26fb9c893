// Writes the vectors of FORMAT §11 anew: `node test/vectors/make/generate-history.ts`. What changes then is
// a change of the format.
import { makeJoinVectors } from "./history/joins.make.ts";
import { makePastVectors } from "./history/past.make.ts";
import { makeRevisionVectors } from "./history/revisions.make.ts";
import { makeThinnedVectors } from "./history/thinned.make.ts";
import { writeVectors } from "../vector-file.ts";

writeVectors("revisions", await makeRevisionVectors());
writeVectors("joins", await makeJoinVectors());
writeVectors("past", await makePastVectors());
writeVectors("thinned", await makeThinnedVectors());
