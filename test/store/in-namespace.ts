import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Whether this system lets a process have mounts of its own, as root or not. */
export function canMount(): boolean {
  try {
    execFileSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs shell commands that mount something and then a program, in a mount namespace that ends
 * with it. The commands see the folder as `$1`.
 * @throws what the program wrote to standard error, if it fails.
 */
export function runWithMounts(commands: string, program: URL, folder: string): Promise<void> {
  const path = fileURLToPath(program);
  const script = `set -e; ${commands}; exec "$2" "$3" "$1"`;
  const args = ["-rm", "sh", "-c", script, "sh", folder, process.execPath, path];
  return new Promise((resolve, reject) => {
    execFile("unshare", args, (error, _, stderr) => {
      if (error === null) resolve();
      else reject(new Error(stderr === "" ? error.message : stderr));
    });
  });
}
