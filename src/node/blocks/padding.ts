/** What is shorter is padded to this: most of it are links and stamps, of which no length should tell. */
const leastBytes = 256;
/** Two bits below the highest one are left to see: four lengths between a power of two and the next. */
export const keptBits = 2;

/**
 * The length to which the body of a block is padded: 256 bytes, or the next of 4, 5, 6 and 7 times a
 * power of two. So few lengths are left that what compresses to one shares it with most others, for a
 * quarter more at most and a tenth on the whole. A full chunk is left as it is. FORMAT §6.2.
 * @param length - of the body in bytes, up to 2^31 - 1.
 */
export function paddedLength(length: number): number {
  if (length <= leastBytes) return leastBytes;
  const unit = 2 ** (31 - Math.clz32(length) - keptBits);
  return Math.ceil(length / unit) * unit;
}
