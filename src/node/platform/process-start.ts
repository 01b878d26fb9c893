import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Where the state and the start of a process stand among the fields behind its name. proc_pid_stat(5). */
const stateField = 0;
const startField = 19;

/**
 * When a process began, in the system's own words: with the number it tells one process from all
 * others, since numbers are used again.
 * @returns `undefined` if there is no such process, or it has ended and nobody has collected it, or
 * the system doesn't say.
 */
export function processStart(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  try {
    if (process.platform === "linux") return startOnLinux(pid);
    if (process.platform === "win32") return undefined;
    const asked = ["-o", "stat=", "-o", "lstart=", "-p", pid.toString()];
    const told = execFileSync("/bin/ps", asked, { encoding: "utf8", timeout: 2000, stdio: "pipe" });
    const [state = "Z", ...start] = told.trim().split(/\s+/u);
    return state.startsWith("Z") || start.length === 0 ? undefined : start.join(" ");
  } catch {
    return undefined;
  }
}

function startOnLinux(pid: number): string | undefined {
  const text = readFileSync(`/proc/${pid.toString()}/stat`, "latin1");
  // The name stands in brackets and may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return ["Z", "X"].includes(fields[stateField] ?? "") ? undefined : fields[startField];
}
