import * as vscode from "vscode";
import { CloudError } from "../../node/rpc/contract.ts";
import type { LargeFileGate } from "../documents/large-file-gate.ts";
import { fileType } from "../drive-provider.ts";
import { forEditor } from "../file-system-error.ts";
import type { NodeClient } from "../link/node-client.ts";
import { readWhole } from "../memory/transfer.ts";
import { readAddress, type VersionAddress } from "./version-address.ts";

/** What a version provider needs. */
export interface VersionProviderOptions {
  readonly node: NodeClient;
  readonly gate: LargeFileGate;
  /** Size in bytes above which the editor asks before it opens a file. */
  readonly largeFileBytes: () => number;
  /** Somebody asks for something: what was, is never loaded again by the editor itself. */
  readonly ask: () => void;
}

/** What the drive held before, read-only and as bytes, so that pictures can be compared too. */
export class VersionProvider implements vscode.FileSystemProvider {
  readonly #o: VersionProviderOptions;
  /** What was, does not change. */
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;

  constructor(options: VersionProviderOptions) {
    this.#o = options;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return forEditor(async () => {
      const { kind, size, mtime, ctime } = await this.#o.node.request("stat", this.#asked(uri));
      return { type: fileType(kind, kind === "link"), size, mtime, ctime };
    });
  }

  readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return forEditor(async () => {
      const items = await this.#o.node.request("list", this.#asked(uri));
      return items.map(({ name, kind }) => [name, fileType(kind, kind === "link")]);
    });
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return forEditor(async () => {
      const { node, gate, largeFileBytes } = this.#o;
      const address = this.#asked(uri);
      const { size } = await node.request("stat", address);
      if (!gate.opens(uri.toString(), size, largeFileBytes())) {
        throw new CloudError(
          "unavailable",
          `"${address.path}" is very large; try again to open it`,
        );
      }
      return readWhole(node, { ...address, size });
    });
  }

  #asked(uri: vscode.Uri): VersionAddress {
    const address = readAddress(uri);
    this.#o.ask();
    return address;
  }

  createDirectory(uri: vscode.Uri): never {
    return refuse(uri);
  }

  writeFile(uri: vscode.Uri): never {
    return refuse(uri);
  }

  delete(uri: vscode.Uri): never {
    return refuse(uri);
  }

  rename(uri: vscode.Uri): never {
    return refuse(uri);
  }
}

function refuse(uri: vscode.Uri): never {
  throw vscode.FileSystemError.NoPermissions(uri);
}
