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
 * Mounts at `hung` in the folder what never answers: a FUSE file system that nobody serves, for as
 * long as the program runs.
 */
export const hangingMount =
  'exec 3<>/dev/fuse; mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none "$1/hung"';

/** Whether this system lets a process have such a mount of its own. */
export function canHang(): boolean {
  try {
    const mount = hangingMount.replace('"$1/hung"', "/mnt");
    execFileSync("unshare", ["-rm", "sh", "-c", mount], { stdio: "ignore" });
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
