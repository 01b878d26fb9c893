/** What Helia and the interfaces of its stores know an absent key by: the name alone. */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}
