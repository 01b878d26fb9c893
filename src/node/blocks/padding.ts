/** What is shorter is padded to this: most of it are links and stamps, of which no length should tell. */
const leastBytes = 256;
/** Of a file: a body of content has no more. */
const fullChunkBytes = 256 * 1024;
/** Two bits below the highest one are left to see: four lengths between a power of two and the next. */
const keptBits = 2;

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

/**
 * How much of a padded body is padding, as it is on the average of all that have that length. More
 * nobody can say who can't open it: what padding there is in truth is what it hides.
 * @param padded - in bytes; of another length than bodies have there is none.
 */
export function likelyPadding(padded: number): number {
  // What doesn't compress fills a chunk to the end.
  if (paddedLength(padded) !== padded || padded === fullChunkBytes) return 0;
  if (padded === leastBytes) return leastBytes / 2;
  return (padded - paddedBelow(padded)) / 2;
}

function paddedBelow(padded: number): number {
  return padded - 2 ** (31 - Math.clz32(padded - 1) - keptBits);
}
