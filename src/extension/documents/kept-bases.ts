import { createHash, randomBytes } from "node:crypto";
import type * as vscode from "vscode";
import type { KeptBases } from "../../provider/documents/base-versions.ts";

const basesKey = "ipcloud.bases";
const saltKey = "ipcloud.basesSalt";

/**
 * Keeps the base versions of edited documents in the workspace's memory.
 *
 * That memory lies unencrypted in the editor's own files, so paths stand in it as salted hashes. They
 * keep nobody out who guesses names; but the editor itself names its open files beside them, and
 * keeps their unsaved text.
 */
export function keptBases(memory: vscode.Memento): KeptBases {
  let salt = memory.get<string>(saltKey);
  if (salt === undefined) {
    salt = randomBytes(16).toString("base64");
    void memory.update(saltKey, salt);
  }
  const bases = new Map(Object.entries(memory.get<Record<string, string>>(basesKey, {})));
  const keyOf = (path: string): string =>
    createHash("sha256").update(`${salt} ${path}`).digest("base64");
  return {
    get: (path) => bases.get(keyOf(path)),
    set: (path, version) => {
      const key = keyOf(path);
      if (bases.get(key) === version) return;
      if (version === undefined) bases.delete(key);
      else bases.set(key, version);
      void memory.update(basesKey, Object.fromEntries(bases));
    },
  };
}
