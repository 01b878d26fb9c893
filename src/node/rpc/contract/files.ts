import type { ListItem, Stat } from "../../space/types.ts";
import type { GivenReport } from "../../transfer/export/get-file.ts";
import type { Fields } from "./fields.ts";
import type { Nothing } from "./node.ts";
import { ofSpace, type Topic, typed } from "./request-spec.ts";

/** A path now, or at a moment. */
const place = (is: Fields) => ({ ...ofSpace(is), path: is.text, at: is.optional(is.text) });

/** Where content goes, and under which conditions. */
const target = (is: Fields) => ({
  path: is.text,
  /** Only if the path's current version is this one; `null`: only if nothing is there. */
  base: is.optional(is.base),
  /** Permission bits; absent: those of the version before, or 0o644. */
  mode: is.optional(is.mode),
  /** Milliseconds since 1970; absent: now, but later than the version before. */
  mtime: is.optional(is.time),
  /** Create the folders above that are missing. */
  parents: is.optional(is.flag),
});

/** Files, folders and links, one at a time. Paths are absolute and links in them not followed. */
export const fileRequests = {
  stat: {
    params: (is) => ({ ...place(is), version: is.optional(is.text) }),
    answers: typed<Stat>,
    reads: true,
  },
  list: { params: place, answers: typed<ListItem[]>, reads: true, interruptible: true },
  /** At most `length` bytes (default: all, up to 64 MiB) from `offset`. */
  read: {
    params: (is) => ({
      ...place(is),
      version: is.optional(is.text),
      offset: is.optional(is.count),
      length: is.optional(is.count),
    }),
    answers: typed<Uint8Array>,
    reads: true,
    interruptible: true,
  },
  readLink: { params: place, answers: typed<{ target: string }>, reads: true },
  write: {
    params: (is) => ({ ...ofSpace(is), ...target(is), content: is.bytes }),
    answers: typed<Stat>,
    saves: true,
  },
  symlink: {
    params: (is) => ({ ...ofSpace(is), path: is.text, target: is.text }),
    answers: typed<Stat>,
  },
  /**
   * Writes a file from a local one, which the node reads itself, with its mode and time. `seen` is the
   * `diskIdentity` of the file that the client saw. `null`: the node doesn't see that file, or can't
   * read it, so its content is to be sent.
   */
  putFile: {
    params: (is) => ({ ...ofSpace(is), ...target(is), source: is.text, seen: is.text }),
    answers: typed<Stat | null>,
  },
  /**
   * Writes a file to a local place, which the node does itself, with its mode and time. `dest` is the
   * new file; `seen` the `diskIdentity` of its folder as the client saw it. `null`: the node doesn't
   * see that folder, or can't write there, so the content is to be read; `failed`: what the system said
   * in the midst of it.
   */
  getFile: {
    params: (is) => ({
      ...place(is),
      version: is.optional(is.text),
      dest: is.text,
      seen: is.text,
    }),
    answers: typed<GivenReport | null>,
    interruptible: true,
  },
  /** Starts an upload of unknown length, for streams: then `uploadPart`, then `uploadEnd`. */
  uploadBegin: { params: ofSpace, answers: typed<{ upload: number }>, saves: true },
  uploadPart: {
    params: (is) => ({ upload: is.count, content: is.bytes }),
    answers: typed<Nothing>,
  },
  uploadEnd: {
    params: (is) => ({ ...target(is), upload: is.count }),
    answers: typed<Stat>,
    saves: true,
  },
  uploadAbort: { params: (is) => ({ upload: is.count }), answers: typed<Nothing> },
  mkdir: {
    params: (is) => ({ ...ofSpace(is), path: is.text, parents: is.optional(is.flag) }),
    answers: typed<Stat>,
  },
  remove: {
    params: (is) => ({ ...ofSpace(is), path: is.text, recursive: is.optional(is.flag) }),
    answers: typed<Nothing>,
  },
  move: {
    params: (is) => ({
      ...ofSpace(is),
      from: is.text,
      to: is.text,
      overwrite: is.optional(is.overwrite),
    }),
    answers: typed<Stat>,
  },
  copy: {
    params: (is) => ({
      ...ofSpace(is),
      from: is.text,
      to: is.text,
      overwrite: is.optional(is.overwrite),
      at: is.optional(is.text),
    }),
    answers: typed<Stat>,
  },
  setMeta: {
    params: (is) => ({
      ...ofSpace(is),
      path: is.text,
      mode: is.optional(is.mode),
      mtime: is.optional(is.time),
    }),
    answers: typed<Stat>,
  },
} satisfies Topic;
