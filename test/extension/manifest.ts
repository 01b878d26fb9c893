import { readFileSync } from "node:fs";

/** What package.json says to the editor, as far as tests look at it. */
export interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Readonly<Record<string, readonly { command: string; when?: string }[]>>;
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly description: string;
        readonly media: { readonly markdown: string };
        readonly completionEvents: readonly string[];
      }[];
    }[];
    readonly viewsWelcome: readonly {
      readonly view: string;
      readonly when: string;
      readonly contents: string;
    }[];
    readonly configuration: {
      readonly properties: Readonly<
        Record<
          string,
          {
            readonly default: unknown;
            readonly type: string;
            readonly minimum?: number;
            readonly maximum?: number;
          }
        >
      >;
    };
  };
}

const file = new URL("../../package.json", import.meta.url);

export const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;

/**
 * Whether a `when` clause of `==`, `!=`, names, `&&` and `||` holds.
 * @param context - by name; what is absent is empty.
 */
export function holds(when: string, context: Readonly<Record<string, string>>): boolean {
  const term = (text: string): boolean => {
    const [name = "", operator, value] = text.trim().split(/ (==|!=) /);
    if (operator === undefined) {
      return name.startsWith("!") ? !context[name.slice(1)] : Boolean(context[name]);
    }
    return (context[name] === value) === (operator === "==");
  };
  return when.split("||").some((all) => all.split("&&").every(term));
}
