import type { Vault } from "../../drive/vault.ts";
import type { Housekeeping } from "../../space/types.ts";
import type { StoreUsage } from "../../store/store.ts";
import { type Topic, typed } from "./request-spec.ts";

/** What the node says of itself and of the account, locked or not. */
export interface Status {
  readonly pid: number;
  readonly home: string;
  readonly state: Vault["state"];
  /** The account's name, `ipc-…`; absent where there is none. */
  readonly account?: string;
  readonly device?: string;
  /** The space of the account's own drive, 64 hexadecimal digits; absent while locked. */
  readonly space?: string;
  /** The current revision; absent while locked. */
  readonly revision?: string;
  readonly version: string;
  readonly usage?: StoreUsage;
  /**
   * Present while nobody has confirmed to have the words of the account. It may be replaced by another
   * one while nothing was ever written to it.
   */
  readonly unconfirmed?: { readonly mayBeReplaced: boolean };
  /** Absent while locked. */
  readonly housekeeping?: Housekeeping;
  /** Sentences about what the user should know: a new writer, a damaged store, a gap in history. */
  readonly notices: readonly string[];
}

/** The answer where there is nothing to tell. */
export type Nothing = Record<string, never>;

/** The life of the node. */
export const nodeRequests = {
  /** The first request: the node proves that it knows the token before it is asked anything. */
  challenge: {
    params: (is) => ({ nonce: is.bytes }),
    answers: typed<{ nonce: Uint8Array; proof: Uint8Array }>,
  },
  /** The second: the client proves it likewise. */
  initialize: {
    params: (is) => ({ protocol: is.count, build: is.text, proof: is.bytes }),
    answers: typed<{ build: string }>,
  },
  status: { params: () => ({}), answers: typed<Status>, reads: true, idle: true },
  stop: { params: () => ({}), answers: typed<Nothing> },
} satisfies Topic;
