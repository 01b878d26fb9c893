import type { Settings } from "../../space/types.ts";
import type { Nothing, Status } from "./node.ts";
import { type Topic, typed } from "./request-spec.ts";

/** The account, what opens it, and its settings. */
export const accountRequests = {
  /** Makes an account. Without `words` fresh ones are drawn and returned, once. */
  createAccount: {
    params: (is) => ({
      secret: is.secret,
      words: is.optional(is.text),
      /** How this device is called in the history; by default as the machine is. */
      device: is.optional(is.text),
    }),
    answers: typed<{ words?: string; account: string }>,
  },
  unlock: { params: (is) => ({ secret: is.secret }), answers: typed<Status> },
  lock: { params: () => ({}), answers: typed<Nothing>, idle: true },
  /** Sets or replaces the passphrase, or adds the editor's key; the drive must be unlocked. */
  setSecret: {
    params: (is) => ({ current: is.secret, next: is.secret }),
    answers: typed<Nothing>,
  },
  /** Only for the editor's own slot. */
  removeEditorKey: { params: () => ({}), answers: typed<Nothing> },
  getSettings: { params: () => ({}), answers: typed<Settings>, reads: true, idle: true },
  setSettings: { params: (is) => ({ settings: is.settings }), answers: typed<Settings> },
} satisfies Topic;
