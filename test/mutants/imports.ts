import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { projectFolder } from "./readers.ts";

/** Which of the project's files import which, from some on. */
export class ImportGraph {
  readonly #imports = new Map<string, readonly string[]>();

  /** @param roots - from the project's folder. */
  constructor(roots: readonly string[]) {
    const pending = [...roots];
    for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
      if (this.#imports.has(file)) continue;
      const imports = importsOf(file);
      this.#imports.set(file, imports);
      pending.push(...imports);
    }
  }

  /** The files that import `file`, directly or not, itself included. */
  leadingTo(file: string): Set<string> {
    const found = new Set([file]);
    for (let before = 0; before !== found.size; ) {
      before = found.size;
      for (const [importer, imports] of this.#imports) {
        if (imports.some((imported) => found.has(imported))) found.add(importer);
      }
    }
    return found;
  }
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(projectFolder, file), "utf8"));
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith(".") && name.endsWith(".ts"))
    .map((name) => relative(projectFolder, join(projectFolder, dirname(file), name)));
}
