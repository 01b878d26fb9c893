/** Names that other tools give to what a command does, with what it is called here. */
export const otherNames: Readonly<Record<string, string>> = {
  add: "put",
  check: "verify",
  config: "settings",
  copy: "cp",
  create: "init",
  del: "rm",
  delete: "rm",
  dir: "ls",
  download: "get",
  forget: "gc",
  fsck: "verify",
  history: "log",
  info: "status",
  list: "ls",
  login: "unlock",
  logout: "lock",
  move: "mv",
  new: "init",
  password: "passphrase",
  prune: "gc",
  remove: "rm",
  rename: "mv",
  save: "put",
  snapshots: "journal",
  start: "node start",
  stop: "node stop",
  tags: "tag",
  timeline: "log",
  trash: "removed",
  type: "cat",
  undelete: "restore",
  upload: "put",
  versions: "log",
  view: "cat",
};

/**
 * What is wrong with a name that is no command's, with the command that was meant.
 * @returns `undefined` if no other tool calls anything so
 */
export function meantBy(typed: string): string | undefined {
  return Object.hasOwn(otherNames, typed) ? otherNames[typed] : undefined;
}
