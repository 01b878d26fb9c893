/** What the editor knows about the files that it shows. Asking changes nothing. */
export interface Documents {
  /** Whether an editor of `path` is open. */
  isOpen(path: string): boolean;
  /** Whether it holds text of `path` that is not saved. */
  isEdited(path: string): boolean;
  /** Whether a write of a content with this digest is how the editor saves that document. */
  isSave(path: string, digest: string): boolean;
  /** Whether it holds unsaved text of a file below `folder`, or has begun to save one. */
  isSavingBelow(folder: string): boolean;
}
