import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import type { Drive } from "../../src/node/drive/drive.ts";
import type { Stat } from "../../src/node/space/types.ts";
import type { ExportReport, ImportReport } from "../../src/node/transfer/reports.ts";
import { makeTestDrive, quietCall, type TestDrive } from "./open-drive.ts";

/** A drive, and folders on the disk beside it that it takes in and writes to. */
export class TestTransfer {
  /** The drive with its store, which a test may open anew. */
  test: TestDrive;
  /** Holds {@link source} and {@link dest}, and whatever a test puts beside them. */
  readonly folder: string;
  /** Empty at first. */
  readonly source: string;
  /** Is not there at first. */
  dest: string;

  private constructor(test: TestDrive) {
    this.test = test;
    this.folder = mkdtempSync(join(tmpdir(), "ipcloud-transfer-"));
    this.source = join(this.folder, "source");
    this.dest = join(this.folder, "dest");
    mkdirSync(this.source);
  }

  /** An empty drive, at the time that it is. */
  static async make(): Promise<TestTransfer> {
    const test = await makeTestDrive();
    test.clock.now = Date.now();
    return new TestTransfer(test);
  }

  async remove(): Promise<void> {
    await this.test.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get drive(): Drive {
    return this.test.drive;
  }

  /** Takes the source in. */
  take(dest = "/"): Promise<ImportReport> {
    return this.drive.import(this.source, dest, quietCall);
  }

  /** Writes a path of the drive to the destination. */
  give(path = "/", at?: string, replaceNewer = true): Promise<ExportReport> {
    return this.drive.export({ path, dest: this.dest, replaceNewer }, at, quietCall);
  }

  /** Writes a file of the drive, with the folders above it. */
  write(path: string, content: string | Uint8Array): Promise<Stat> {
    const bytes = typeof content === "string" ? toUtf8(content) : content;
    return this.drive.write({ path, parents: true }, bytes);
  }

  /** What a file of the drive holds. */
  async text(path: string): Promise<string | undefined> {
    return fromUtf8(await this.drive.read(path, {}));
  }

  /** What a file below the destination holds. */
  local(path: string): string {
    return readFileSync(join(this.dest, path), "utf8");
  }

  /** All paths of the drive below one. */
  async paths(path = "/"): Promise<string[]> {
    const found: string[] = [];
    for (const { name, kind } of await this.drive.list(path)) {
      const inner = path === "/" ? `/${name}` : `${path}/${name}`;
      found.push(inner);
      if (kind === "folder") found.push(...(await this.paths(inner)));
    }
    return found;
  }
}
