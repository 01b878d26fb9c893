// What the acceptance suites of interface-blockstore and interface-datastore import as
// `aegir/chai`, without aegir: chai whose `true` and the like are called.
import * as chai from "chai";
import chaiAsPromised from "chai-as-promised";

for (const name of ["true", "false", "ok", "exist"]) {
  const { get: check } = Object.getOwnPropertyDescriptor(chai.Assertion.prototype, name);
  Object.defineProperty(chai.Assertion.prototype, name, {
    value() {
      check.call(this);
    },
    configurable: true,
    writable: true,
  });
}
chai.use(chaiAsPromised);

export const { expect } = chai;
