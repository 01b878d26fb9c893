import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { secretOfWords } from "../../src/node/account/words.ts";
import { type BuiltDrives, openBuiltDrives } from "./built-drives.ts";

/** Words that are nowhere but in what a test stores. */
const secrets = {
  passphrase: "Zwölf Boxkämpfer jagen Viktor",
  nextPassphrase: "quer über den großen Sylter Deich",
};
const names = {
  file: "Gehaltsverhandlung.txt",
  folder: "Scheidungsunterlagen",
  link: "Abkürzung-zum-Glück",
  tag: "vor-der-Kündigung",
  device: "Dachbodenrechner",
  source: "Quellenverzeichnis",
};
const contents = {
  small: "Die Kronjuwelen liegen im Kühlschrank hinter dem Senf.",
  large: "Der Tresor öffnet sich nach dreimaligem Klopfen. ".repeat(9000),
  target: "../irgendwohin/Weltformel",
};

/** Every way in which a text may lie about. */
function shapesOf(text: string): Buffer[] {
  const utf8 = Buffer.from(text);
  const shapes = [utf8, Buffer.from(text, "utf16le"), Buffer.from(utf8.toString("hex"))];
  // In base64 what is left of three shifts, without what depends on the neighbours.
  for (const shift of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(shift), utf8]).toString("base64");
    shapes.push(Buffer.from(padded.slice(4, -4)));
  }
  return shapes;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
}

/** Fails if a file below `folder`, or the name of one, holds one of the texts. */
async function mustHoldNone(folder: string, texts: readonly string[]): Promise<void> {
  const shapes = texts.flatMap((text) => shapesOf(text).map((shape) => ({ text, shape })));
  for (const file of await filesBelow(folder)) {
    const bytes = Buffer.concat([await readFile(file), Buffer.from(file)]);
    for (const { text, shape } of shapes) assert.ok(!bytes.includes(shape), `${file}: ${text}`);
  }
}

/** What any user of the machine sees of a process, and what the same user sees. */
async function seenOf(pid: number): Promise<{ args: string; environment: string }> {
  const [args, environment] = await Promise.all(
    ["cmdline", "environ"].map((name) => readFile(`/proc/${pid.toString()}/${name}`, "utf8")),
  );
  return { args: args ?? "", environment: environment ?? "" };
}

/** What a text stands for in the words of an account: any two in a row, and the secret itself. */
async function shapesOfWords(file: string): Promise<string[]> {
  const words = (await readFile(file, "utf8")).trim().split(" ");
  assert.equal(words.length, 24);
  const pairs = words.slice(1).map((word, i) => `${words[i] ?? ""} ${word}`);
  const entropy = Buffer.from(secretOfWords(words.join(" ")));
  return [
    ...pairs,
    entropy.toString("latin1"),
    entropy.toString("hex"),
    entropy.toString("base64"),
  ];
}

describe("a data folder on disk", function () {
  this.timeout(120_000);
  let cli: BuiltDrives;
  let temporary: string;

  beforeEach(async () => {
    cli = await openBuiltDrives();
    temporary = join(cli.folder, "t");
    await mkdir(temporary);
    await writeFile(join(cli.folder, "first"), secrets.passphrase, { mode: 0o600 });
    await writeFile(join(cli.folder, "second"), secrets.nextPassphrase, { mode: 0o600 });
  });
  afterEach(() => cli.remove());

  async function asProcess(
    args: string[],
    more: Record<string, string | undefined>,
  ): Promise<void> {
    const env = cli.environment("home", more);
    const { status, stderr } = await cli.invokeProcess({ args, env, cwd: cli.folder, stdin: "" });
    assert.equal(status, 0, stderr);
  }

  /** Does all that leaves traces, with a log of that level. @returns the pid of the node. */
  async function leaveTraces(level: string | undefined): Promise<number> {
    const env = (file: string) => ({
      IPCLOUD_PASSPHRASE_FILE: join(cli.folder, file),
      IPCLOUD_LOG: level,
      TMPDIR: temporary,
    });
    const does = async (args: readonly string[], stdin = "", file = "first"): Promise<string> => {
      const { status, stdout, stderr } = await cli.run("home", args, { env: env(file), stdin });
      assert.equal(status, 0, stderr);
      return stdout.toString();
    };
    // The node has its environment of the process that starts it.
    await asProcess(["init", "--words-out", "words", "--device", names.device], env("first"));
    const path = `/${names.folder}/${names.file}`;
    await does(["mkdir", `/${names.folder}`]);
    await does(["put", "-", path], contents.small);
    await does(["put", "-", `/${names.file}`], contents.large);
    await does(["cp", `/${names.folder}`, `/${names.folder} 2`]);
    await does(["tag", names.tag]);
    await does(["rm", "-r", `/${names.folder} 2`]);
    const source = join(cli.folder, names.source);
    await mkdir(source);
    await writeFile(join(source, names.file), contents.small);
    await does(["import", source, `/${names.source}`]);
    await does(["cat", path]);
    await does(["log", path]);
    await does(["journal"]);
    await does(["passphrase", "--new-file", join(cli.folder, "second")]);
    await does(["lock"]);
    await does(["unlock"], "", "second");
    await does(["ls", "/"]);
    for (const wrong of [
      ["cat", `/${names.link}`],
      ["mv", path, `/none/${names.file}`],
    ]) {
      await cli.run("home", wrong, { env: env("second") });
    }
    const status = JSON.parse(await does(["status", "--json"])) as { pid: number };
    return status.pid;
  }

  /** Neither arguments nor environment tell a secret; those of the node tell no name either. */
  async function lookAtProcesses(pid: number, env: Record<string, string>): Promise<void> {
    const words = (await readFile(join(cli.folder, "words"), "utf8")).trim();
    const node = await seenOf(pid);
    for (const text of [...Object.values(names), ...Object.values(secrets), words]) {
      assert.ok(!node.args.includes(text) && !node.environment.includes(text), text);
    }
    // The command line has the names that were typed, and where the passphrase is.
    const program = cli.launch.entry.replace("node.mjs", "ipcloud.mjs");
    const child = spawn(process.execPath, [program, "put", "-", "/typed"], {
      env: cli.environment("home", env),
      stdio: ["pipe", "ignore", "inherit"],
    });
    // More than the pipes hold: when it is taken, the command is at work.
    await new Promise((taken) => child.stdin.write(new Uint8Array(4 << 20), taken));
    const command = await seenOf(child.pid ?? 0);
    for (const text of [...Object.values(secrets), words]) {
      assert.ok(!command.args.includes(text) && !command.environment.includes(text), text);
    }
    const ended = new Promise((settle) => child.on("close", settle));
    child.stdin.end();
    assert.equal(await ended, 0);
  }

  it("holds no name, no content and no secret: while the node runs, once it is killed, once it stopped", async () => {
    const pid = await leaveTraces(undefined);
    const words = await shapesOfWords(join(cli.folder, "words"));
    const all = [...Object.values(names), ...Object.values(secrets), ...words];
    all.push(contents.small, contents.large.slice(0, 40), contents.target);
    const look = async (): Promise<void> => {
      await mustHoldNone(cli.home("home"), all);
      await mustHoldNone(temporary, all);
    };
    await look();
    const second = { IPCLOUD_PASSPHRASE_FILE: join(cli.folder, "second"), TMPDIR: temporary };
    if (process.platform === "linux") await lookAtProcesses(pid, second);
    process.kill(pid, "SIGKILL");
    await look();
    for (const args of [["verify"], ["gc"], ["node", "stop"]]) await asProcess(args, second);
    await look();
    assert.deepEqual(await readdir(temporary), [], "nothing is left outside the data folder");
  });

  it("holds no content and no secret in a log of all that is logged", async () => {
    await leaveTraces("debug");
    const words = await shapesOfWords(join(cli.folder, "words"));
    const all = [...Object.values(secrets), ...words, contents.small, contents.large.slice(0, 40)];
    await mustHoldNone(cli.home("home"), all);
    await mustHoldNone(temporary, all);
    const log = await readFile(join(cli.home("home"), "node.log"), "utf8");
    const above = log.split("\n").filter((line) => !line.includes('"level":"debug"'));
    for (const name of Object.values(names)) assert.ok(!above.join("\n").includes(name), name);
  });
});
