import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canHang, hangingMount, runWithMounts } from "../store/in-namespace.ts";

describe("a disk that doesn't answer", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-hung-"));
    mkdirSync(join(folder, "hung"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("holds up nobody but who asked for it, and neither Ctrl-C nor the end of the node", async function () {
    if (!canHang()) this.skip();
    this.timeout(120_000);
    const program = new URL("./hung-disk-child.ts", import.meta.url);
    await runWithMounts(hangingMount, program, folder);
  });
});
