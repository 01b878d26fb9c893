import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  boxDomains,
  derivationDomains,
  proofDomains,
  signatureDomains,
} from "../../src/node/crypto/domains.ts";

const format = readFileSync(join(import.meta.dirname, "../../src/node/FORMAT.md"), "utf8");
const derived = Object.values(derivationDomains);
const boxes = Object.values(boxDomains);
const proofs = Object.values(proofDomains);
const signed = Object.values(signatureDomains);

describe("the domains that part one use of a key from another", () => {
  it("are all named in FORMAT §4, each in the table of its kind", () => {
    for (const domain of [...derived, ...boxes]) {
      assert.ok(format.includes(`| \`${domain}\` |`), `${domain} has no row`);
    }
    for (const domain of proofs) assert.ok(format.includes(`\`${domain}\``), domain);
    for (const domain of signed) {
      const name = domain.slice("ipcloud/v1/sign".length);
      assert.ok(format.includes(`\`…${name}\``) || format.includes(`\`${domain}\``), domain);
    }
  });

  it("are all different, and none begins another with what FORMAT §4.1 sets between", () => {
    const all = [...derived, ...boxes, ...proofs, ...signed];
    assert.equal(new Set(all).size, all.length);
    for (const domain of all) assert.ok(!domain.includes("\0"));
  });
});
