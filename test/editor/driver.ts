import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What the tests inside the extension host may ask of the world outside, each by one string. */
export type DriverVerbs = Readonly<Record<string, (argument: string) => Promise<string>>>;

/** An open door for those tests. */
export interface Driver {
  /** Goes into the extension host as IPCLOUD_EDITOR_DRIVER. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/**
 * Opens a door on the loopback interface: `POST ADDRESS/VERB` with the argument as its body; the
 * answer's body is the result, or with status 500 the error. The address holds a secret.
 */
export async function openDriver(verbs: DriverVerbs): Promise<Driver> {
  const secret = randomBytes(16).toString("hex");
  const server = createServer((request, response) => {
    const answer = async (): Promise<string> => {
      const [, given, name = ""] = (request.url ?? "").split("/");
      const verb = verbs[name];
      if (given !== secret || verb === undefined) throw new Error(`The driver knows no ${name}.`);
      return verb(await text(request));
    };
    answer().then(
      (result) => response.end(result),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((settle) => server.close(settle));
  };
  return { address: `http://127.0.0.1:${String(port)}/${secret}`, close };
}
