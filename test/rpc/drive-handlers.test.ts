import assert from "node:assert/strict";
import { toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { asSpaceId, type SpaceId } from "../../src/node/core/ids.ts";
import { Drive } from "../../src/node/drive/drive.ts";
import { fields } from "../../src/node/rpc/contract/fields.ts";
import { specOf } from "../../src/node/rpc/contract/requests.ts";
import { type RequestName, requestNames } from "../../src/node/rpc/contract.ts";
import type { AnyHandler } from "../../src/node/rpc/handlers.ts";
import { refuses } from "../blocks/refuses.ts";
import { callOf, handlersFor } from "./handlers-for-drive.ts";

const id = asSpaceId(new Uint8Array(32).fill(0xab));

/** A drive that does whatever it is asked, and gives back nothing of interest. */
const drive = new Proxy(Object.create(Drive.prototype) as Drive, {
  get: (_, name) => {
    if (name === "revision") return "0";
    const answers = { readLink: toUtf8("there"), tags: [], list: [] };
    const answer = Reflect.get(answers, name) as unknown;
    return () => (name === "beginUpload" ? {} : Promise.resolve(answer ?? {}));
  },
});

/** The spaces of which a request asks for the drive. */
async function askedOf(
  name: RequestName,
  params: Readonly<Record<string, unknown>>,
): Promise<(SpaceId | undefined)[]> {
  const asked: (SpaceId | undefined)[] = [];
  const handlers: Readonly<Record<string, AnyHandler>> = handlersFor((space) => {
    asked.push(space);
    return drive;
  });
  await handlers[name]?.(params as never, callOf());
  return asked;
}

const aboutSpaces = requestNames.filter((name) => "space" in specOf(name).params(fields));

describe("a request for a new passphrase", () => {
  it("is refused below ten characters, whoever asks", async () => {
    const { createAccount, setSecret } = handlersFor(() => drive);
    const [short, long] = [{ passphrase: "nine char" }, { passphrase: "a long passphrase" }];
    await refuses(() => createAccount({ secret: short }, callOf()), "usage", /at least 10 char/);
    const replace = () => setSecret({ current: long, next: short }, callOf());
    await refuses(replace, "usage", /at least 10 char/);
  });
});

describe("a request about what is in a space", () => {
  it("is any about files and their history", () => {
    assert.equal(aboutSpaces.length, 29);
    for (const name of ["read", "write", "log", "import", "purge"] as const) {
      assert.ok(aboutSpaces.includes(name), name);
    }
  });

  for (const name of aboutSpaces) {
    it(`is served by that space, and by the drive if it names none: ${name}`, async () => {
      const params = { path: "/a", target: "/b", name: "tag", content: new Uint8Array(0) };
      assert.deepEqual(await askedOf(name, { ...params, space: toHex(id) }), [id]);
      assert.deepEqual(await askedOf(name, params), [undefined]);
    });
  }
});
