import { decodeBequest, encodeBequest } from "./drive/bequest.ts";
import { Vault } from "./drive/vault.ts";
import { openNetwork } from "./network/node.ts";
import { argon2id } from "./platform/argon2.ts";
import { systemClock } from "./platform/clock.ts";
import { dataFolder } from "./platform/data-folder.ts";
import { fullDiskNotices } from "./platform/disk-room.ts";
import { MemoryAtRest } from "./platform/memory-at-rest.ts";
import { nodePrimitives } from "./platform/primitives.ts";
import { systemRandom } from "./platform/random.ts";
import { endProcess } from "./platform/thread-watch.ts";
import { ownBuild } from "./rpc/build.ts";
import type { Status } from "./rpc/contract.ts";
import { driveHandlers } from "./rpc/drive-handlers.ts";
import { idleTime, type NodeHost, type NodeParts, runNode } from "./rpc/node-process.ts";
import { backUp } from "./store/backup/back-up.ts";
import { openStore } from "./store/open-store.ts";
import { SealPool } from "./transfer/worker/seal-pool.ts";

/** Opens what the node of one data folder is about: its store, and its account if it has one. */
async function openParts({ home, emit, inherited, handOver }: NodeHost): Promise<NodeParts> {
  const store = await openStore(home);
  const network = openNetwork({ store, offline: true });
  const pool = new SealPool();
  const memory = new MemoryAtRest().start();
  const vault = await Vault.find({
    home,
    store,
    platform: { primitives: nodePrimitives, argon2id },
    random: systemRandom,
    pool,
    now: systemClock,
    onChanged: (event) => {
      emit("changed", event);
    },
    onState: () => {
      emit("state", status());
    },
    onUnused: () => {
      void handOver(() => vault.lock());
    },
  });
  const status = (): Status => ({
    pid: process.pid,
    home,
    state: vault.state,
    version: ownBuild,
    notices: [...vault.notices, ...fullDiskNotices(home)],
    usage: store.usage(),
    ...(vault.unconfirmed === undefined ? {} : { unconfirmed: vault.unconfirmed }),
    ...vault.names,
    ...(vault.revision === undefined ? {} : { revision: vault.revision }),
    ...(vault.housekeeping === undefined ? {} : { housekeeping: vault.housekeeping }),
  });
  if (inherited !== undefined) await vault.resume(decodeBequest(inherited));
  return {
    handlers: driveHandlers({
      vault,
      status,
      backUp: async (dest, call) => {
        // No collection may be under way beside it.
        await vault.endHousekeeping();
        return backUp(store, home, dest, call);
      },
    }),
    isBusy: () => vault.isKeepingHouse,
    bequest: () => encodeBequest(vault.bequest()),
    close: async () => {
      memory.stop();
      await vault.close();
      await pool.close();
      await network.stop();
      await store.close();
      vault.wipe();
    },
  };
}

const status = await runNode({
  home: dataFolder(),
  open: openParts,
  idleMs: idleTime(process.env["IPCLOUD_IDLE_MINUTES"]),
});
endProcess(status);
