import { checkNewPassphrase } from "../../core/passphrase.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import {
  askNewPassphrase,
  askPassphrase,
  passphraseOfEnvironment,
  readPassphraseFile,
} from "../obtain-passphrase.ts";

interface PassphraseOptions {
  readonly newFile?: string;
}

/** `ipcloud passphrase`: replaces the passphrase of this data folder. */
export const definePassphrase: DefineCommand = (session) =>
  newCommand("passphrase", "Change the passphrase", [
    ["ipcloud passphrase", "asks for the present one and twice for the new one"],
    ["ipcloud passphrase --new-file new.txt", "takes the new one from a file"],
  ])
    .option("--new-file <file>", "a file that holds the new passphrase")
    .action(async ({ newFile }: PassphraseOptions) => {
      const { terminal, output } = session;
      const passphrase =
        (await passphraseOfEnvironment(terminal)) ??
        (await askPassphrase(terminal, "Present passphrase: "));
      const current = { passphrase };
      const next = {
        passphrase:
          newFile === undefined
            ? await askNewPassphrase(terminal)
            : await readPassphraseFile(terminal, newFile),
      };
      checkNewPassphrase(next.passphrase);
      await session.requestPlain("unlock", { secret: current });
      await session.requestPlain("setSecret", { current, next });
      await output.result({ changed: true }, () => [
        "the passphrase was changed; a copy of the keystore made before, in a backup for instance, still opens by the old one",
      ]);
    });
