import { createRequire, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

// The suites need two functions of `aegir/chai`, and aegir is very large.
const expectOnly = new URL("aegir-chai.mjs", import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "aegir/chai" ? { url: expectOnly, shortCircuit: true } : next(specifier, context),
});

type BlockstoreSuite = typeof import("interface-blockstore-tests");
type DatastoreSuite = typeof import("interface-datastore-tests");

// Not imported, since imports are resolved before the hook is there; and by path, since what the
// packages name for `require` is not in them.
const require = createRequire(import.meta.url);
const load = (name: string): unknown => require(fileURLToPath(import.meta.resolve(name)));

/** What every blockstore of Helia must do. */
export const { interfaceBlockstoreTests } = load("interface-blockstore-tests") as BlockstoreSuite;
/** What every datastore of Helia must do. */
export const { interfaceDatastoreTests } = load("interface-datastore-tests") as DatastoreSuite;
