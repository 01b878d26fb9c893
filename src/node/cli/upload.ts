import type { Params, Stat } from "../rpc/contract.ts";
import type { Session } from "./session.ts";

/** Bytes sent at once. */
const partBytes = 1 << 20;

/** Where an upload goes and under which conditions. */
export type UploadTarget = Omit<Params<"uploadEnd">, "upload">;

/** Gathers chunks of any size into parts of 1 MiB; the last is smaller, and none is empty. */
async function* inParts(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let part = new Uint8Array(partBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; ) {
      const taken = chunk.subarray(offset, offset + partBytes - filled);
      part.set(taken, filled);
      filled += taken.length;
      offset += taken.length;
      if (filled < partBytes) continue;
      yield part;
      part = new Uint8Array(partBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/**
 * Streams content of unknown length into a file of the drive, with a few MiB in memory. What fits
 * into one part goes as one request.
 * @param onSent - told the bytes sent so far, after each part.
 * @throws what the source throws, `conflict` for a stale base, `cancelled`.
 */
export async function upload(
  session: Session,
  chunks: AsyncIterable<Uint8Array>,
  target: UploadTarget,
  onSent: (bytes: number) => void = () => undefined,
): Promise<Stat> {
  const parts = inParts(chunks);
  const first = await parts.next();
  const content = first.done === true ? new Uint8Array(0) : first.value;
  if (content.length < partBytes) return session.request("write", { ...target, content });

  const begun = await session.request("uploadBegin", {});
  try {
    let sent = 0;
    const send = async (part: Uint8Array): Promise<void> => {
      await session.requestPlain("uploadPart", { ...begun, content: part });
      sent += part.length;
      onSent(sent);
    };
    // The next part is read while one is on its way; a failure of that one is told after.
    let sending = Promise.resolve();
    const sendNext = (part: Uint8Array): void => {
      sending = send(part);
      sending.catch(() => undefined);
    };
    sendNext(content);
    for await (const part of parts) {
      await sending;
      sendNext(part);
    }
    await sending;
    return await session.requestPlain("uploadEnd", { ...target, ...begun });
  } catch (error) {
    // Without the run's signal, which may be what ended it.
    const client = await session.client();
    await client.request("uploadAbort", begun).catch(() => undefined);
    throw error;
  }
}
