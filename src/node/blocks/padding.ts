/**
 * The padded length of Padmé (Nikitin et al., PETS 2019): at most 12 % more, and only
 * O(log log n) bits of the length are left to see.
 * @param length - in bytes, at least 1.
 */
export function padme(length: number): number {
  if (length < 2) return length;
  const exponent = Math.floor(Math.log2(length));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const unit = 2 ** Math.max(0, exponent - kept);
  return Math.ceil(length / unit) * unit;
}
