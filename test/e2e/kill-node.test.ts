import assert from "node:assert/strict";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { type Client, connect } from "../../src/node/rpc/client.ts";
import type { UnlockSecret } from "../../src/node/rpc/contract.ts";
import { seededRandom } from "../store/blocks.ts";
import { type BuiltDrives, openBuiltDrives } from "./built-drives.ts";
import { Lane } from "./write-load.ts";

const long = process.env["IPCLOUD_LONG"] === "1";
const rounds = long ? 200 : 15;
const seed = Number(process.env["IPCLOUD_SEED"] ?? "1");

/** The key that the nodes of a round are opened by, and the one that is to take its place. */
interface Secrets {
  present: UnlockSecret;
  next: UnlockSecret | undefined;
}

const keyOf = (byte: number): UnlockSecret => ({ key: new Uint8Array(32).fill(byte) });

/** Collects garbage, tags, purges, changes the key and locks while others write. */
async function keepUp(client: Client, secrets: Secrets, random: () => number): Promise<void> {
  try {
    for (let i = 0; ; i++) {
      const dice = random();
      if (dice < 0.3) await client.request("gc", {});
      else if (dice < 0.5) await client.request("tag", { name: `tag ${(i % 5).toString()}` });
      else if (dice < 0.7) {
        await client.request("write", { path: "/leak", content: new Uint8Array(5000).fill(i) });
        await client.request("purge", { path: "/leak" });
      } else if (dice < 0.85) {
        secrets.next = keyOf(1 + Math.floor(random() * 200));
        await client.request("setSecret", { current: secrets.present, next: secrets.next });
        secrets.present = secrets.next;
        secrets.next = undefined;
      } else await client.request("verify", {});
    }
  } catch (error) {
    if (!isCloudError(error, "unavailable", "locked")) throw error;
  }
}

/** Opens the drive by the key that was acknowledged, or by the one that was on its way. */
async function unlock(client: Client, secrets: Secrets): Promise<void> {
  try {
    await client.request("unlock", { secret: secrets.present });
  } catch (error) {
    if (!isCloudError(error, "wrong-passphrase") || secrets.next === undefined) throw error;
    await client.request("unlock", { secret: secrets.next });
    secrets.present = secrets.next;
  }
  secrets.next = undefined;
}

describe("a node that is killed under load", function () {
  this.timeout(long ? 1_800_000 : 120_000);
  let drives: BuiltDrives;
  before(async () => {
    drives = await openBuiltDrives();
  });
  after(() => drives.remove());

  it(`has lost nothing that was acknowledged and nothing by halves, ${rounds.toString()} times`, async () => {
    const random = seededRandom(seed);
    const { IPCLOUD_HOME: home = "" } = drives.environment("killed");
    const client = await connect({ home, launch: drives.launch });
    const secrets: Secrets = { present: keyOf(1), next: undefined };
    const { account } = await client.request("createAccount", { secret: secrets.present });
    await client.request("confirmWords", { secret: secrets.present, account });
    const lanes: Lane[] = [];
    for (const name of ["/one", "/two", "/three"]) {
      await client.request("mkdir", { path: name });
      lanes.push(new Lane(client, name, random));
    }
    try {
      for (let round = 0; round < rounds; round++) {
        const { pid } = await client.request("status", {});
        let left = Math.floor(random() * 40);
        const onAcknowledged = (): void => {
          // At once, or a little later in whatever it does then.
          if (left-- === 0) setTimeout(() => process.kill(pid, "SIGKILL"), random() * 8);
        };
        await Promise.all([
          ...lanes.map((lane) => lane.run(onAcknowledged)),
          keepUp(client, secrets, random),
        ]);
        await unlock(client, secrets);
        for (const lane of lanes) await lane.check();
        const { ok, damaged, problems } = await client.request("verify", {});
        assert.deepEqual({ ok, damaged, problems }, { ok: true, damaged: [], problems: [] });
        const [latest] = await client.request("revisions", { limit: 1 });
        const { revision, notices } = await client.request("status", {});
        assert.equal(latest?.revision, revision, "the log ends with the tree of now");
        assert.deepEqual(notices, [], "it is the same writer");
      }
      const acknowledged = lanes.reduce((sum, lane) => sum + lane.acknowledged, 0);
      assert.ok(acknowledged > 10 * rounds, `${acknowledged.toString()} were acknowledged`);
    } finally {
      client.close();
    }
  });
});
