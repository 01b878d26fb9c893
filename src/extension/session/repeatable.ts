/**
 * Makes an action that runs once at a time: whoever asks for it meanwhile has it run again after, so
 * that no change is missed.
 * @returns starts it; what it returns ends when nobody waits any more.
 */
export function repeatable(action: () => Promise<void>): () => Promise<void> {
  let underway: Promise<void> | undefined;
  let asked = 0;
  const run = async (): Promise<void> => {
    let done: number;
    try {
      do {
        done = asked;
        await action();
      } while (done !== asked);
    } finally {
      underway = undefined;
    }
  };
  return () => {
    asked++;
    underway ??= run();
    return underway;
  };
}
