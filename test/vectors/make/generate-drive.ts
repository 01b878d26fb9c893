// Writes the vector of a whole drive: `node test/vectors/make/generate-drive.ts`.
import { makeDrive } from "./drive.make.ts";
import { writeVectors } from "../vector-file.ts";

writeVectors("drive", await makeDrive());
