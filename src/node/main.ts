import { CloudError } from "./core/cloud-error.ts";
import { dataFolder } from "./platform/data-folder.ts";
import { ownBuild } from "./rpc/build.ts";
import { idleTime, type NodeHost, type NodeParts, runNode } from "./rpc/node-process.ts";
import { refuseAll } from "./rpc/refuse-all.ts";

/** Opens what the node of one data folder is about. */
function openParts({ home }: NodeHost): Promise<NodeParts> {
  return Promise.resolve({
    handlers: {
      ...refuseAll(new CloudError("no-account", `there is no account in ${home} yet`)),
      status: () =>
        Promise.resolve({
          pid: process.pid,
          home,
          state: "no-account",
          version: ownBuild,
          notices: [],
        }),
    },
    close: () => Promise.resolve(),
  });
}

const status = await runNode({
  home: dataFolder(),
  open: openParts,
  idleMs: idleTime(process.env["IPCLOUD_IDLE_MINUTES"]),
});
process.exit(status);
