import { describe } from "mocha";
import { isKeptSound } from "./suite/is-kept-sound.ts";
import { keepsBlocks } from "./suite/keeps-blocks.ts";
import { keepsHeads } from "./suite/keeps-heads.ts";
import { eachStore, type StoreFixture } from "./suite/store-at-hand.ts";

/** What every store does. */
export function storeSuite(name: string, open: () => Promise<StoreFixture>): void {
  describe(`${name}, as a store`, () => {
    const at = eachStore(open);
    keepsBlocks(at);
    keepsHeads(at);
    isKeptSound(at);
  });
}
