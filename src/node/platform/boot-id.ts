import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

let known: string | undefined;

/**
 * What tells this run of the machine from every other, from one start of the system to the next.
 * Containers of one machine may share it or have each their own.
 * @returns an empty string where the system doesn't tell.
 */
export function bootId(): string {
  return (known ??= askSystem().trim());
}

function askSystem(): string {
  try {
    if (process.platform === "linux") {
      return readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
    }
    if (process.platform === "darwin") {
      // The time of the start, kern.boottime, moves whenever the clock is set.
      return execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    }
  } catch {
    // Not there, or kept from this process.
  }
  return "";
}
