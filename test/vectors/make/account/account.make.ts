import { makeDevices } from "../lists/devices.make.ts";
import { makeEpochs } from "../heads/epochs.make.ts";
import { makeHeads } from "../heads/heads.make.ts";
import { makeKeys } from "./keys.make.ts";
import { makeKeystore } from "./keystore.make.ts";
import { makeRosters } from "../lists/rosters.make.ts";
import type { VectorValue } from "../../vector-file.ts";
import { makeWords } from "./words.make.ts";

/** All vectors of keys and accounts, by the name of their file. */
export async function makeAccountVectors(): Promise<Readonly<Record<string, VectorValue>>> {
  return {
    words: makeWords(),
    keys: await makeKeys(),
    devices: await makeDevices(),
    rosters: makeRosters(),
    epochs: await makeEpochs(),
    heads: makeHeads(),
    keystore: await makeKeystore(),
  };
}
