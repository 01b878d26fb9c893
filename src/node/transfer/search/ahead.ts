/**
 * Begins things before they are asked for, and gives what comes of them in their order.
 * @param most - how many are under way or wait to be taken.
 * @throws what one of them throws, in its turn
 */
export async function* ahead<Result>(
  work: AsyncIterable<() => Promise<Result>>,
  most: number,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = [];
  try {
    for await (const begin of work) {
      const result = begin();
      result.catch(() => undefined); // told in its turn
      begun.push(result);
      if (begun.length >= most) yield (await begun.shift()) as Result;
    }
    for (const result of begun.splice(0)) yield await result;
  } finally {
    await Promise.allSettled(begun);
  }
}
