import type { Settings } from "../../space/types.ts";
import type { Nothing, Status } from "./node.ts";
import { type Topic, typed } from "./request-spec.ts";

/** The account, what opens it, and its settings. */
export const accountRequests = {
  /**
   * Makes an account. Without `words` fresh ones are drawn and returned; the keystore holds them until
   * `confirmWords`. One that is there is replaced only if `status` says so.
   */
  createAccount: {
    params: (is) => ({
      secret: is.secret,
      words: is.optional(is.text),
      /** How this device is called in the history; by default as the machine is. */
      device: is.optional(is.text),
    }),
    answers: typed<{ words?: string; account: string }>,
  },
  /** The words of an account, as long as nobody has confirmed to have them. */
  words: {
    params: (is) => ({ secret: is.secret }),
    answers: typed<{ words: string; account: string }>,
  },
  /** Forgets the words of an account: somebody has them. */
  confirmWords: {
    params: (is) => ({ secret: is.secret, account: is.text }),
    answers: typed<Nothing>,
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
