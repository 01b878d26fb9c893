import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { project } from "./peers.ts";

/** Where ripgrep is: on the path, or in the editor that the tests use; `undefined`: nowhere. */
export function findRipgrep(): string | undefined {
  const machine = `${process.platform}-${process.arch}`;
  const packaged = globSync(
    join(project, `.editor/code-server-*/**/@vscode/ripgrep*/bin/${machine}/rg`),
  );
  return [...packaged, "rg"].find((path) => spawnSync(path, ["--version"]).status === 0);
}
