import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import type {
  BackupAnswer,
  BackupCallMessage,
  BackupCallName,
  BackupCalls,
} from "./backup-calls.ts";
import { BackupWriter } from "./backup-writer.ts";

// A process of its own, since the disk that a backup goes to may not answer: then nothing but its
// end takes it out of there, and all that was written before stays sound.

type Call = <Name extends BackupCallName>(
  writer: BackupWriter,
  argument: BackupCalls[Name]["takes"],
) => Promise<BackupCalls[Name]["gives"]>;

const writer = new BackupWriter(() => {
  tell("going on");
});

function tell(answer: BackupAnswer): void {
  process.send?.(answer);
}

async function serve({ name, argument }: BackupCallMessage): Promise<void> {
  try {
    const call = writer[name].bind(writer) as unknown as (given: unknown) => ReturnType<Call>;
    tell({ result: await call(argument) });
  } catch (error) {
    const { code, message } = isCloudError(error)
      ? error
      : new CloudError("unexpected", `the backup failed: ${String(error)}`);
    tell({ error: { code, message } });
  }
}

process.umask(0o077);
process.on("message", (message: BackupCallMessage) => {
  void serve(message);
});
// Whoever asked is gone, or has all that it asked for.
// Ctrl-C on a node in the foreground reaches the whole group: it is the node that ends in order.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => {
  void writer.close().finally(() => process.exit(0));
});
