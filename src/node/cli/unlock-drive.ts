import { isCloudError } from "../core/cloud-error.ts";
import type { Status } from "../rpc/contract.ts";
import type { NodeClient } from "./node-client.ts";
import { askPassphrase, passphraseOfEnvironment } from "./obtain-passphrase.ts";
import type { Terminal } from "./terminal.ts";

/** How often a wrong passphrase may be typed. */
const attempts = 3;

/**
 * Unlocks the drive by the passphrase of the environment's file or, on a terminal, by asking.
 * @throws locked, if there is nobody to ask; wrong-passphrase; cancelled; and what `unlock` throws.
 */
export async function unlockDrive(client: NodeClient, terminal: Terminal): Promise<Status> {
  const fromFile = await passphraseOfEnvironment(terminal);
  if (fromFile !== undefined) {
    return client.request("unlock", { secret: { passphrase: fromFile } });
  }
  for (let attempt = 1; ; attempt++) {
    const passphrase = await askPassphrase(terminal, "Passphrase: ");
    try {
      return await client.request("unlock", { secret: { passphrase } });
    } catch (error) {
      if (attempt === attempts || !isCloudError(error, "wrong-passphrase")) throw error;
      terminal.stderr.write("Wrong passphrase; try again.\n");
    }
  }
}
