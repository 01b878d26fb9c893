/** Stand-in until the real pool lands. */
export class SealPool {
  close(): Promise<void> {
    return Promise.resolve();
  }
}
