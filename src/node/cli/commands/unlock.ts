import { CloudError } from "../../core/cloud-error.ts";
import type { Status } from "../../rpc/contract.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { namesPassphraseFile } from "../obtain-passphrase.ts";
import type { Session } from "../session.ts";
import { statusJson } from "./status.ts";

/** Asks only if that is of use; a passphrase from a file is checked in any case. */
async function unlock(session: Session): Promise<Status> {
  const status = await session.requestPlain("status", {});
  if (status.state === "no-account") {
    throw new CloudError(
      "no-account",
      `there is no drive in ${JSON.stringify(status.home)} yet; make one with: ipcloud init`,
    );
  }
  if (status.state === "unlocked" && !namesPassphraseFile(session.terminal)) return status;
  return session.unlock();
}

/** `ipcloud unlock`: gives the node the passphrase, from the environment's file or by asking. */
export const defineUnlock: DefineCommand = (session) =>
  newCommand("unlock", "Unlock the drive with its passphrase", [
    ["ipcloud unlock", "asks for the passphrase"],
    ["IPCLOUD_PASSPHRASE_FILE=key.txt ipcloud unlock", "takes it from a file"],
  ]).action(async () => {
    const status = await unlock(session);
    await session.output.result(statusJson(status), function* () {
      yield `unlocked ${status.account ?? ""}`.trimEnd();
    });
  });
