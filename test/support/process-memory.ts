import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

const pieceBytes = 4 * 1024 * 1024;

/** Whether this system lets a process look into the memory of others of its user. */
export const canReadMemory = process.platform === "linux";

/** The processes of a data folder: those started for it, and what these have started. */
export function processesOf(home: string): number[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  const parents = new Map(all.map((pid) => [Number(pid), parentOf(pid)]));
  const found = new Set(
    all.filter((pid) => environmentOf(pid).includes(`IPCLOUD_HOME=${home}\0`)).map(Number),
  );
  found.delete(process.pid);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/**
 * Looks for byte strings in the whole memory of a process.
 * @returns the names of those that are there.
 * @throws an error of the system, if it lets nobody look.
 */
export function foundIn(pid: number, needles: ReadonlyMap<string, Uint8Array>): string[] {
  const sought = [...needles].map(([name, bytes]) => [name, Buffer.from(bytes)] as const);
  const longest = Math.max(...[...needles.values()].map(({ length }) => length));
  const memory = openSync(`/proc/${pid.toString()}/mem`, "r");
  const found = new Set<string>();
  try {
    for (const [from, to] of rangesOf(pid)) {
      for (let at = from; at < to; at += pieceBytes) {
        const piece = Buffer.alloc(Math.min(pieceBytes + longest, to - at));
        const length = read(memory, piece, at);
        const there = piece.subarray(0, length);
        for (const [name, bytes] of sought) if (there.includes(bytes)) found.add(name);
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found].sort();
}

/** Where a process may have something of its own: what it can write, or has written. */
function rangesOf(pid: number): [number, number][] {
  const lines = readFileSync(`/proc/${pid.toString()}/maps`, "utf8").split("\n");
  return lines.flatMap((line): [number, number][] => {
    const [, from = "", to = ""] = /^([0-9a-f]+)-([0-9a-f]+) r/u.exec(line) ?? [];
    if (from === "" || line.includes("[vvar") || line.includes("[vsyscall]")) return [];
    return [[Number.parseInt(from, 16), Number.parseInt(to, 16)]];
  });
}

function read(memory: number, piece: Buffer, at: number): number {
  try {
    return readSync(memory, piece, 0, piece.length, at);
  } catch {
    return 0; // reserved and never touched, or gone meanwhile
  }
}

function parentOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}
