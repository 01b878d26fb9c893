import type { Drive } from "../../src/node/drive/drive.ts";
import type { Vault } from "../../src/node/drive/vault.ts";
import { driveHandlers } from "../../src/node/rpc/drive-handlers.ts";
import type { Call, Handlers } from "../../src/node/rpc/handlers.ts";

/** Handlers of an open vault, of which they ask nothing but drives. */
export function handlersFor(driveOf: (space: Parameters<Vault["driveOf"]>[0]) => Drive): Handlers {
  const vault: Pick<Vault, "driveOf" | "use"> = { driveOf, use: (serve) => serve() };
  const status = (): never => {
    throw new Error("nobody asks for it");
  };
  return driveHandlers({ vault: vault as Vault, status, backUp: status });
}

/** A request on a connection of its own. @returns with it: what answers were reserved, in bytes. */
export function callOf(
  signal = new AbortController().signal,
): Call & { readonly reserved: number[] } {
  const reserved: number[] = [];
  return {
    signal,
    reserved,
    progress: () => undefined,
    reserve: (bytes) => {
      reserved.push(bytes);
      return Promise.resolve();
    },
    handOver: (prepare) => prepare(),
    client: { number: 1, onDisconnect: () => () => undefined },
  };
}
