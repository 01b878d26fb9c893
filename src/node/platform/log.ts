import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { CloudError } from "../core/cloud-error.ts";

/** Levels, the gravest first. A log keeps its own level and all before it. */
export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A word of the program's own: a literal or a union of literals, never any `string`. */
type Word<Text extends string> = string extends Text ? never : Text;

/** Fields that can't hold a name: numbers, flags and {@link Word}s. */
type SafeFields<Fields> = {
  readonly [Key in keyof Fields]: Fields[Key] extends number | boolean | undefined
    ? Fields[Key]
    : Fields[Key] extends string | undefined
      ? Word<NonNullable<Fields[Key]>>
      : never;
};

type DebugFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one line for what happened. Only {@link Log.debug} takes strings that may be names. */
type LogSafely = <const Event extends string, const Fields extends object>(
  event: Word<Event>,
  fields?: SafeFields<Fields>,
) => void;

/**
 * The node's log: JSON lines `{time, level, event, …}`. Above `debug` it holds no name, no path and
 * no text from outside: the types take literals only, and what slips through as another string is
 * written as `?`. Secrets belong into no level.
 */
export interface Log {
  readonly warn: LogSafely;
  readonly info: LogSafely;
  /** An event with what led to it: code, class and places in the program, never its message. */
  error<const Event extends string>(event: Word<Event>, cause?: unknown): void;
  debug(event: string, fields?: DebugFields): void;
  /** Ends the log; later lines are dropped. */
  close(): void;
}

/** The level that a text names (`IPCLOUD_LOG`), `info` if it names none. */
export function parseLogLevel(text: string | undefined): LogLevel {
  return logLevels.find((level) => level === text) ?? "info";
}

/**
 * Opens a log for appending. When the file would grow above `maxBytes` it becomes `FILE.1`, in the
 * place of the one before. A log that can't be written loses lines and disturbs nothing else.
 * @param clock - milliseconds since 1970.
 */
export function openLog(
  file: string,
  level: LogLevel,
  { maxBytes = 1024 * 1024, clock = Date.now } = {},
): Log {
  const kept = logLevels.indexOf(level);
  let descriptor: number | undefined = openForAppending(file);
  let size = descriptor === undefined ? 0 : fstatSync(descriptor).size;

  const write = (lineLevel: LogLevel, event: string, fields: object): void => {
    if (descriptor === undefined || logLevels.indexOf(lineLevel) > kept) return;
    const time = new Date(clock()).toISOString();
    const line = Buffer.from(`${JSON.stringify({ time, level: lineLevel, event, ...fields })}\n`);
    try {
      if (size > 0 && size + line.length > maxBytes) {
        const full = descriptor;
        // Never keep the number of a closed descriptor: the next file opened gets it.
        descriptor = undefined;
        closeSync(full);
        renameSync(file, `${file}.1`);
        descriptor = openForAppending(file);
        size = 0;
        if (descriptor === undefined) return;
      }
      writeSync(descriptor, line);
      size += line.length;
    } catch {
      // A full disk must not stop the node that could free it.
    }
  };
  return {
    error: (event, cause) => {
      write("error", safeText(event), cause === undefined ? {} : { cause: describeError(cause) });
    },
    warn: (event, fields) => {
      write("warn", safeText(event), safeFields(fields));
    },
    info: (event, fields) => {
      write("info", safeText(event), safeFields(fields));
    },
    debug: (event, fields = {}) => {
      write("debug", event, fields);
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  close: () => undefined,
};

function openForAppending(file: string): number | undefined {
  try {
    return openSync(file, "a", 0o600);
  } catch {
    return undefined;
  }
}

/** Words of programs: `request-failed`, `uploadPart`, `storage-full`, `0.1.0+1763683200`. */
function safeText(text: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9.+-]{0,39}$/.test(text) ? text : "?";
}

function safeFields(fields: object | undefined): object {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === "string" ? safeText(value) : value,
    ]),
  );
}

/** An error and up to four that led to it, without what their messages say. */
export function describeError(error: unknown): object[] {
  const described: object[] = [];
  for (let cause = error; cause !== undefined && described.length < 5; ) {
    if (!(cause instanceof Error)) {
      described.push({ class: typeof cause });
      break;
    }
    const code: unknown = cause instanceof CloudError || "code" in cause ? cause.code : undefined;
    described.push({
      class: safeText(cause.name),
      ...(typeof code === "string" ? { code: safeText(code) } : {}),
      at: placesOf(cause),
    });
    cause = cause.cause;
  }
  return described;
}

/**
 * Where in the program an error arose: `file:line:column` of the innermost frames. The message,
 * which `stack` begins with and which may itself look like frames, is cut off by its length.
 */
function placesOf(error: Error): string[] {
  const { stack } = error;
  if (stack === undefined) return [];
  const header = stack.indexOf(error.message);
  const frames = header < 0 ? "" : stack.slice(header + error.message.length);
  return frames
    .split("\n")
    .flatMap((line) => /^ {4}at .*?([^\s()]+:\d+:\d+)\)?$/.exec(line)?.[1] ?? [])
    .slice(0, 8)
    .map((place) => basename(place));
}
