/**
 * The named properties of an object, those that are absent left out: what goes from a command's
 * options into a request.
 */
export function pick<From extends object, Key extends keyof From>(
  from: From,
  ...keys: readonly Key[]
): Pick<From, Key> {
  const entries = keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]);
  return Object.fromEntries(entries) as Pick<From, Key>;
}
