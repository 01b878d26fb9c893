/**
 * The padded length of Padmé (Nikitin et al., PETS 2019): at most 12 % more, and only
 * O(log log n) bits of the length are left to see. FORMAT §6.2.
 * @param length - in bytes, up to 2^31 - 1.
 */
export function padme(length: number): number {
  const exponent = 31 - Math.clz32(length);
  const kept = 32 - Math.clz32(exponent);
  const unit = 2 ** Math.max(0, exponent - kept);
  return Math.ceil(length / unit) * unit;
}
