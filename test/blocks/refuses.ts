import assert from "node:assert/strict";
import { type CloudErrorCode, isCloudError } from "../../src/node/core/cloud-error.ts";

/** Whether an error is a CloudError of one of these codes, for `assert.rejects`. */
export const hasCode =
  (...codes: CloudErrorCode[]) =>
  (error: unknown): boolean =>
    isCloudError(error, ...codes);

/** Asserts that `body` throws a CloudError of that code whose message fits. */
export async function refuses(
  body: () => unknown,
  code: CloudErrorCode,
  message = /./u,
): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!isCloudError(error, code)) throw error;
    assert.match(error.message, message);
    return;
  }
  assert.fail(`nothing was thrown, expected ${code}`);
}
