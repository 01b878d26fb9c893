import { type EncodedRecordLink, linkBytes, placedLinkBytes } from "../../blocks/link.ts";
import type { DiskFolder } from "./disk-folder.ts";

/** A file, folder or symbolic link of the local disk, as the walk saw it. */
export interface SourceItem {
  readonly kind: "file" | "folder" | "link";
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** Permission bits. */
  readonly mode: number;
  /** The payload of the version record that the drive shows at its place. */
  readonly before: Uint8Array | undefined;
}

/** What became of a {@link SourceItem}. */
export type SealedSource =
  | {
      readonly outcome: "put";
      /** To the sealed record. */
      readonly link: EncodedRecordLink;
      /** SHA-256 of the record's own bytes. */
      readonly record: Uint8Array;
      readonly size: number;
      /** It went on changing while it was read. */
      readonly unsteady: boolean;
    }
  /** The drive shows it already: same content, same mode, a time that is not earlier. */
  | { readonly outcome: "same"; readonly size: number }
  | { readonly outcome: "failed"; readonly why: string };

/** A record among those of a job. */
export interface LinkItem {
  /** To it. */
  readonly link: EncodedRecordLink;
  /** Which of the job's blocks holds it. */
  readonly block: number;
}

/** One thing to write, by its record. */
export interface RecordItem extends LinkItem {
  readonly kind: "file" | "folder" | "link";
  /** Absolute; the folder above is there. */
  readonly path: string;
  /** The folder that it is in. */
  readonly folder: DiskFolder;
}

/** {@link SourceItem}s on their way to a process: in columns they cross in a fraction of the time. */
export interface SourceColumns {
  /** Joined by NUL, which no path holds. */
  readonly paths: string;
  /** Places in {@link kinds}. */
  readonly kinds: Uint8Array;
  /** Size, mtime, ctime and mode of each. */
  readonly numbers: Float64Array;
  readonly before: ReadonlyMap<number, Uint8Array>;
}

/** {@link SealedSource}s on their way back. */
export interface SealedColumns {
  /** Places in {@link outcomes}. */
  readonly outcomes: Uint8Array;
  readonly sizes: Float64Array;
  /** One for each item, of {@link placedLinkBytes}; a shorter one ends in zeros. */
  readonly links: Uint8Array;
  /** Hashes of the records, 32 bytes for each item. */
  readonly records: Uint8Array;
  readonly failures: ReadonlyMap<number, string>;
}

const kinds = ["file", "folder", "link"] as const;
const outcomes = [
  "failed",
  "same",
  "placed",
  "alone",
  "placed unsteady",
  "alone unsteady",
] as const;
const numbersEach = 4;
/** Of SHA-256. */
const hashBytes = 32;

/** Links to records on their way to a process. */
export interface LinkColumns {
  readonly blocks: Uint32Array;
  /** As in {@link SealedColumns}. */
  readonly links: Uint8Array;
  readonly linkLengths: Uint8Array;
}

/** {@link RecordItem}s on their way to a process. */
export interface RecordColumns extends LinkColumns {
  /** Joined by NUL. */
  readonly paths: string;
  readonly kinds: Uint8Array;
  /** Device and inode of the folder of each. */
  readonly folders: Float64Array;
}

/** Columns of what a process is to take in. */
export function sourceColumns(items: readonly SourceItem[]): SourceColumns {
  const numbers = new Float64Array(items.length * numbersEach);
  const before = new Map<number, Uint8Array>();
  items.forEach((item, i) => {
    numbers.set([item.size, item.mtimeMs, item.ctimeMs, item.mode], i * numbersEach);
    if (item.before !== undefined) before.set(i, item.before);
  });
  return {
    paths: items.map(({ path }) => path).join("\0"),
    kinds: Uint8Array.from(items, ({ kind }) => kinds.indexOf(kind)),
    numbers,
    before,
  };
}

/** Reads {@link sourceColumns} back. */
export function sourceItems(columns: SourceColumns): SourceItem[] {
  const { numbers, before } = columns;
  return columns.paths.split("\0").map((path, i) => {
    const [size = 0, mtimeMs = 0, ctimeMs = 0, mode = 0] = numbers.subarray(
      i * numbersEach,
      (i + 1) * numbersEach,
    );
    const kind = kinds[columns.kinds[i] as number] ?? "file";
    return { kind, path, size, mtimeMs, ctimeMs, mode, before: before.get(i) };
  });
}

/** Columns of what became of things. */
export function sealedColumns(items: readonly SealedSource[]): SealedColumns {
  const codes = new Uint8Array(items.length);
  const sizes = new Float64Array(items.length);
  const links = new Uint8Array(items.length * placedLinkBytes);
  const records = new Uint8Array(items.length * hashBytes);
  const failures = new Map<number, string>();
  items.forEach((item, i) => {
    if (item.outcome === "failed") {
      failures.set(i, item.why);
      return;
    }
    sizes[i] = item.size;
    codes[i] = 1;
    if (item.outcome === "same") return;
    codes[i] = (item.link.length === linkBytes ? 3 : 2) + (item.unsteady ? 2 : 0);
    links.set(item.link, i * placedLinkBytes);
    records.set(item.record, i * hashBytes);
  });
  return { outcomes: codes, sizes, links, records, failures };
}

/** Reads {@link sealedColumns} back. Links and hashes are views of arrays that they share. */
export function sealedSources(columns: SealedColumns): SealedSource[] {
  const { sizes, failures } = columns;
  // Copies: they are kept for long, and the message that brought them holds blocks too.
  const [links, records] = [columns.links.slice(), columns.records.slice()];
  return Array.from(columns.outcomes, (code, i): SealedSource => {
    const outcome = outcomes[code] ?? "failed";
    const size = sizes[i] as number;
    if (outcome === "failed") return { outcome, why: failures.get(i) ?? "it was passed over" };
    if (outcome === "same") return { outcome, size };
    const length = outcome.startsWith("alone") ? linkBytes : placedLinkBytes;
    const link = links.subarray(
      i * placedLinkBytes,
      i * placedLinkBytes + length,
    ) as EncodedRecordLink;
    const record = records.subarray(i * hashBytes, (i + 1) * hashBytes);
    return { outcome: "put", link, record, size, unsteady: outcome.endsWith("unsteady") };
  });
}

/** Columns of records that a process is to open. */
export function linkColumns(items: readonly LinkItem[]): LinkColumns {
  const links = new Uint8Array(items.length * placedLinkBytes);
  items.forEach(({ link }, i) => {
    links.set(link, i * placedLinkBytes);
  });
  return {
    blocks: Uint32Array.from(items, ({ block }) => block),
    links,
    linkLengths: Uint8Array.from(items, ({ link }) => link.length),
  };
}

/** Reads {@link linkColumns} back. */
export function linkItems({ links, linkLengths, blocks }: LinkColumns): LinkItem[] {
  return Array.from(linkLengths, (length, i) => ({
    link: links.slice(i * placedLinkBytes, i * placedLinkBytes + length) as EncodedRecordLink,
    block: blocks[i] as number,
  }));
}

/** Columns of what a process is to write. */
export function recordColumns(items: readonly RecordItem[]): RecordColumns {
  return {
    ...linkColumns(items),
    paths: items.map(({ path }) => path).join("\0"),
    kinds: Uint8Array.from(items, ({ kind }) => kinds.indexOf(kind)),
    folders: Float64Array.from(items.flatMap(({ folder }) => [folder.dev, folder.ino])),
  };
}

/** Reads {@link recordColumns} back. */
export function recordItems(columns: RecordColumns): RecordItem[] {
  const { folders } = columns;
  const paths = columns.paths.split("\0");
  return linkItems(columns).map((item, i) => ({
    ...item,
    kind: kinds[columns.kinds[i] as number] ?? "file",
    path: paths[i] as string,
    folder: { dev: folders[2 * i] as number, ino: folders[2 * i + 1] as number },
  }));
}
