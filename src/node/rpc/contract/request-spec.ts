import type { GenericSchema } from "valibot";
import type { Fields } from "./fields.ts";

/** The parameters of a request by name, each by the schema of its kind. */
export type Entries = Readonly<Record<string, GenericSchema>>;

/** What a request is to those who send it, serve it and stop it. What is absent it is not. */
export interface Marks {
  /** Changes nothing: where it isn't known whether it was served, it may be asked again. */
  readonly reads?: true;
  /** Ended by a node that stops: it changes nothing, or asked again goes on where it was. */
  readonly interruptible?: true;
  /** Doesn't keep the drive awake: it asks for nothing in it, so the automatic lock comes as if it hadn't been. */
  readonly idle?: true;
  /** Stores what somebody has just made, who wonders when it takes long. */
  readonly saves?: true;
}

/** One line of the table of requests. It is data: nothing of it runs where it is only looked at. */
export interface RequestSpec extends Marks {
  /**
   * Its parameters, said with the fields that are handed in. Only who checks parameters has those:
   * a program that asks needs their types and no schema.
   */
  readonly params: (is: Fields) => Entries;
  /** Carries the type of the answer, as `typed<Stat>`, and is never called. */
  readonly answers: (answer: never) => unknown;
}

/** The parameter of a request about what is in a space: which; absent, the account's own drive. */
export const ofSpace = (is: Fields) => ({ space: is.optional(is.space) });

/** Requests of one topic, by name. */
export type Topic = Readonly<Record<string, RequestSpec>>;

/** Names a type where a value has to stand. */
export const typed = <Type>(value: Type): Type => value;
