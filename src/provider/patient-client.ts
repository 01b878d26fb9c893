import type { ClientRequestName, RequestOptions } from "../node/rpc/client.ts";
import { isCloudError, type Params, type Result } from "../node/rpc/contract.ts";
import type { NodeClient } from "./node-client.ts";

/**
 * A client that waits while the person is being asked to unlock the drive: so a window that opens
 * on a locked drive shows it once the passphrase is typed, and no errors before.
 */
export class PatientClient implements NodeClient {
  readonly #node: NodeClient;
  readonly #unlocking: (isWork: boolean) => Promise<boolean> | undefined;
  readonly #isSaving: (path: string) => boolean;

  /**
   * @param unlocking - called when a request fails because the drive is locked, and told whether it
   * is part of what a person does: whether it is unlocked now, once that is known; `undefined` if
   * nobody is being asked.
   * @param isSaving - whether the editor has begun to save a file at or below a path.
   */
  constructor(
    node: NodeClient,
    unlocking: (isWork: boolean) => Promise<boolean> | undefined,
    isSaving: (path: string) => boolean,
  ) {
    this.#node = node;
    this.#unlocking = unlocking;
    this.#isSaving = isSaving;
  }

  async request<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options?: RequestOptions,
  ): Promise<Result<Name>> {
    try {
      return await this.#node.request(name, params, options);
    } catch (error) {
      if (!isCloudError(error, "locked")) throw error;
      if ((await this.#unlocking(this.#isWork(name, params))) !== true) throw error;
      return await this.#node.request(name, params, options);
    }
  }

  /** The editor looks at files by itself too; before it writes one it looks whether it is there. */
  #isWork(name: ClientRequestName, params: object): boolean {
    if (!looks.has(name)) return true;
    return "path" in params && typeof params.path === "string" && this.#isSaving(params.path);
  }
}

/** What the editor asks without anybody's doing. */
const looks: ReadonlySet<ClientRequestName> = new Set([
  "stat",
  "list",
  "readLink",
  "read",
] as const);
