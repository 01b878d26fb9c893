import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { silentLog } from "../../src/node/platform/log.ts";
import { chooseSocketAddress } from "../../src/node/platform/socket-address.ts";
import { connect } from "../../src/node/rpc/client.ts";
import { writeEndpoint } from "../../src/node/rpc/endpoint.ts";
import { type Serving, serve } from "../../src/node/rpc/server.ts";
import { refuses } from "../blocks/refuses.ts";
import { refuseAll } from "./refuse-all.ts";

describe("a client", () => {
  let home: string;
  const nodes: Serving[] = [];
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "ipcloud-client-"));
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) {
      await node.drain(0);
      await node.close();
    }
    rmSync(home, { recursive: true, force: true });
  });

  /** A node's listening side. @param onOccupied - a client came, or the last has gone. */
  async function listen(onOccupied: (occupied: boolean) => void): Promise<Serving> {
    const address = chooseSocketAddress(home);
    const token = randomBytes(32);
    const serving = await serve({
      address,
      handlers: refuseAll(new CloudError("not-found", "not served")),
      token,
      build: "1.0.0",
      log: silentLog,
      stop: () => Promise.resolve(false),
      handOver: (prepare) => prepare().then(() => false),
      onOccupied,
    });
    nodes.push(serving);
    writeEndpoint(home, { address: address.path, token });
    return serving;
  }

  it("that is closed while it is made ready again leaves no connection", async () => {
    const first = await listen(() => undefined);
    const [began, mayEnd] = [Promise.withResolvers<true>(), Promise.withResolvers<true>()];
    let connections = 0;
    const client = await connect({
      home,
      build: "1.0.0",
      onConnect: async () => {
        if (++connections === 1) return;
        began.resolve(true);
        await mayEnd.promise;
      },
    });
    await first.drain(0);
    await first.close();
    const left = Promise.withResolvers<true>();
    await listen((occupied) => {
      if (!occupied) left.resolve(true);
    });
    const asked = refuses(() => client.request("status", {}), "unavailable", /was closed/u);
    await began.promise;
    client.close();
    mayEnd.resolve(true);
    await asked;
    await left.promise;
    assert.equal(connections, 2);
  });
});
