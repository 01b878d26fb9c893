import assert from "node:assert/strict";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { seededBytes } from "../store/blocks.ts";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

const secret = "the secret token";

describe("a purge", () => {
  let test: TestDrive;
  beforeEach(async () => {
    test = await makeTestDrive();
  });
  afterEach(() => test.remove());

  const write = async (path: string, text: string): Promise<void> => {
    test.clock.now += 60_000;
    await test.drive.write({ path, parents: true }, toUtf8(text));
  };

  const textAt = async (path: string, at?: string): Promise<string | undefined> =>
    fromUtf8(await test.drive.read(path, at === undefined ? {} : { at }));

  /** The paths, at any moment that is kept and in what was removed, that still give the secret. */
  const leaks = async (): Promise<string[]> => {
    const found: string[] = [];
    const moments = (await test.drive.revisions(1000)).map(({ revision }) => revision);
    const tags = (await test.drive.tags()).map(({ name }) => name);
    const look = async (folder: string, at: string | undefined): Promise<void> => {
      for (const { name, kind } of await test.drive.list(folder, at)) {
        const path = `${folder === "/" ? "" : folder}/${name}`;
        if (kind === "folder") await look(path, at);
        else if ((await textAt(path, at)) === secret) {
          found.push(`${path} at ${at ?? "now"}`);
        }
      }
    };
    for (const moment of [...moments, ...tags, undefined]) await look("/", moment);
    for (const { path } of await test.drive.removed("/", 1000)) {
      await test.drive.restore(path, {});
      await look("/", undefined);
      await test.drive.remove(path, true);
    }
    return found;
  };

  it("takes the file that was saved by renaming another over it", async () => {
    await write("/folder/token", "old");
    await write("/folder/.token.tmp", secret);
    await test.drive.move("/folder/.token.tmp", "/folder/token", true);
    const { elsewhere } = await test.drive.purge("/folder/token", quietCall);
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(await leaks(), []);
  });

  it("takes what stood at the path before something of another kind", async () => {
    await write("/token", secret);
    await test.drive.tag("before", undefined);
    await test.drive.remove("/token", false);
    await test.drive.makeFolder("/token", false);
    await write("/token/inside", secret);
    await test.drive.purge("/token", quietCall);
    assert.deepEqual(await leaks(), []);
    await assert.rejects(test.drive.stat("/token"), (error) => isCloudError(error, "not-found"));
  });

  it("takes what stood at the path, was moved away and removed there", async () => {
    await write("/token", secret);
    await test.drive.tag("before", undefined);
    await test.drive.move("/token", "/aside", false);
    await test.drive.remove("/aside", false);
    await write("/token", "harmless");
    await test.drive.purge("/token", quietCall);
    assert.deepEqual(await leaks(), []);
  });

  it("leaves what is somewhere else now, and tells where", async () => {
    await write("/keys/token", secret);
    await write("/keys/other", "other");
    await test.drive.copy("/keys/token", "/copy", false);
    await test.drive.move("/keys/other", "/other", false);
    await write("/keys/token", "harmless");
    const { elsewhere } = await test.drive.purge("/keys", quietCall);
    assert.deepEqual(elsewhere, ["/copy", "/other"]);
    assert.equal(await textAt("/copy"), secret);
    assert.equal(await textAt("/other"), "other");
    await test.drive.purge("/copy", quietCall);
    assert.deepEqual(await leaks(), []);
  });

  it("takes what only a moment that is kept still shows", async () => {
    test.settings = {
      ...test.settings,
      retention: { keepAllDays: 1, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 },
    };
    await write("/token", secret);
    await test.drive.tag("before", undefined);
    await test.drive.remove("/token", false);
    for (let days = 0; days < 3; days++) {
      test.clock.now += 2 * 86_400_000;
      await write("/kept", days.toString());
      await test.drive.collectGarbage(quietCall);
    }
    assert.deepEqual(await leaks(), ["/token at before"]);
    await test.drive.purge("/token", quietCall);
    assert.deepEqual(await leaks(), []);
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });

  it("leaves what was removed elsewhere and only holds the same, and tells of it", async () => {
    test.clock.now += 60_000;
    const same = { mtime: 1_000_000, parents: true };
    await test.drive.write({ path: "/one/licence", ...same }, toUtf8("the same"));
    await test.drive.write({ path: "/two/licence", ...same }, toUtf8("the same"));
    await test.drive.remove("/one/licence", false);
    const { elsewhere } = await test.drive.purge("/two", quietCall);
    assert.deepEqual(elsewhere, ["/one/licence"]);
    await test.drive.restore("/one/licence", {});
    assert.equal(await textAt("/one/licence"), "the same");
  });

  it("tells who held it at a moment that is kept", async () => {
    test.settings = {
      ...test.settings,
      retention: { keepAllDays: 0, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 },
    };
    await write("/a", secret);
    for (const copy of ["/b", "/c"]) await test.drive.copy("/a", copy, false);
    await test.drive.tag("before", undefined);
    await write("/b", "harmless");
    await test.drive.remove("/c", false);
    test.clock.now += 6 * 86_400_000;
    await write("/other", "1");
    await test.drive.collectGarbage(quietCall);
    const { elsewhere } = await test.drive.purge("/a", quietCall);
    assert.deepEqual(elsewhere, ["/b", "/c"]);
    assert.deepEqual(await leaks(), ["/b at before", "/c at before"]);
  });

  it("tells of no folder that came in the same change", async () => {
    await write("/p/s/token", secret);
    const { elsewhere } = await test.drive.purge("/p/s", quietCall);
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(await leaks(), []);
  });

  it("can be cancelled, and nothing is purged then", async () => {
    for (let i = 0; i < 5; i++) await write("/token", `${secret} ${i.toString()}`);
    const call = { ...quietCall, signal: AbortSignal.abort() };
    await assert.rejects(test.drive.purge("/token", call), (error) =>
      isCloudError(error, "cancelled"),
    );
    assert.equal((await test.drive.log("/token", 10, true)).length, 5);
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });

  it("takes what past moments hold among what was removed", async () => {
    test.settings = {
      ...test.settings,
      retention: { keepAllDays: 10, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 },
    };
    await test.drive.write({ path: "/dir/token", parents: true }, seededBytes(1, 200_000));
    await test.drive.remove("/dir/token", false);
    for (let days = 0; days < 14; days++) {
      test.clock.now += 86_400_000;
      await write("/other", days.toString());
    }
    await test.drive.collectGarbage(quietCall);
    assert.deepEqual(await test.drive.removed("/", 10), []);
    assert.ok(test.store.usage().blockBytes > 100_000);
    await test.drive.purge("/dir/token", quietCall);
    assert.ok(test.store.usage().blockBytes < 100_000);
  });

  it("lets nothing that stays stand elsewhere in the past", async () => {
    await write("/secret/notes", "moved notes");
    await write("/secret/token", secret);
    await write("/notes", "root notes");
    await test.drive.tag("before", undefined);
    await test.drive.makeFolder("/work", false);
    await test.drive.move("/secret/notes", "/work/notes", false);
    await test.drive.purge("/secret", quietCall);
    assert.deepEqual(
      (await test.drive.list("/", "before")).map(({ name }) => name),
      ["notes", "secret"],
    );
    assert.equal(await textAt("/notes", "before"), "root notes");
    assert.equal(await textAt("/secret/notes", "before"), "moved notes");
    await test.drive.remove("/work/notes", false);
    await test.drive.purge("/notes", quietCall);
    await test.drive.restore("/work/notes", {});
    assert.equal(await textAt("/work/notes"), "moved notes");
    assert.deepEqual(await leaks(), []);
  });

  it("leaves the drafts of what was moved over it, and tells of them", async () => {
    for (const draft of ["one", "two", "three"]) await write("/drafts/notes", draft);
    await write("/published", "before");
    await test.drive.move("/drafts/notes", "/published", true);
    const { elsewhere } = await test.drive.purge("/published", quietCall);
    assert.deepEqual(elsewhere, ["/drafts/notes"]);
    await test.drive.restore("/drafts/notes", {});
    const sizes = (await test.drive.log("/drafts/notes", 10, true)).map(({ size }) => size);
    assert.deepEqual(sizes.slice(-3), [5, 3, 3]);
  });

  it("leaves what was never at the path, though its folder was", async () => {
    await write("/a/token", secret);
    await test.drive.move("/a", "/b", false);
    await write("/b/notes", "mine");
    const { elsewhere } = await test.drive.purge("/a", quietCall);
    assert.deepEqual(elsewhere, ["/b", "/b/token"]);
    assert.equal(await textAt("/b/notes"), "mine");
  });
});
