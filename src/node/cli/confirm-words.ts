import { isCloudError } from "../core/cloud-error.ts";
import type { UnlockSecret } from "../rpc/contract.ts";
import type { Session } from "./session.ts";

/** Has the node forget words that somebody has now, and waits until the process that held them is gone. */
export async function confirmWords(
  session: Session,
  secret: UnlockSecret,
  account: string,
): Promise<void> {
  await session.requestPlain("confirmWords", { secret, account });
  await untilForgotten(session);
}

/**
 * Waits for the process that takes the place of one which held words: it begins when that has ended.
 * Where none comes to it the words are forgotten all the same.
 */
export async function untilForgotten(session: Session): Promise<void> {
  try {
    await session.requestPlain("status", {});
  } catch (error) {
    if (!isCloudError(error)) throw error;
  }
}
