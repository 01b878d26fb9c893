/** A block of it was not where it was: it is asked for again with the block itself. */
export interface UnreadItem {
  readonly outcome: "unread";
}

export interface FailedItem {
  readonly outcome: "failed";
  readonly why: string;
  /** What is at fault: the drive's data, what stands in the way, a full disk, or else about it. */
  readonly fault: "damaged" | "in-the-way" | "newer" | "full" | "other";
  /** What the system says, as `EACCES`, if it was that. */
  readonly system?: string;
}
