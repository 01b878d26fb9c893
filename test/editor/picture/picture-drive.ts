import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ipcloud } from "../ipcloud.ts";
import { projectFolder } from "../project.ts";
import { runProgram } from "../run-program.ts";
import { makeDrive } from "../sample-drive.ts";

type TestDrive = Awaited<ReturnType<typeof makeDrive>>;

const chapter = [
  "# The harbour\n\nFor three hundred years the harbour silted up, and each generation dredged it anew.\n",
  "## Sources\n\nThe dredgers' wages are in the council's books from 1604 on; the depths only from 1690, when the pilots began to write them down.\n",
  "## What the wages tell\n\nWages rise with the price of rye, not with the depth. The winters of 1708 and 1740 stand out: the harbour froze, and nobody was paid.\n",
  "## What the depths tell\n\nThe channel lost four inches a year, until the mole was built. Afterwards it kept its depth for as long as anybody measured.\n",
];

const files: Readonly<Record<string, string>> = {
  "thesis/outline.md": "# Outline\n\n1. The harbour\n2. The council\n3. The sea\n",
  "thesis/figures/depths.csv": "year,feet\n1690,14.2\n1700,13.9\n1710,13.5\n1720,13.2\n",
  "thesis/plot.py":
    'import csv\n\nwith open("figures/depths.csv") as rows:\n    depths = list(csv.DictReader(rows))\n',
  "letters/archive.md": "Dear Ms Okafor,\n\nthank you for the books of 1708.\n",
  "notes/2026-11-19.md": "- ask for the pilots' log\n- rye prices: Posthumus?\n",
};

/** The file that is lost and found. */
export const lostFile = "harbour.md";

/** A drive as somebody has it who writes a thesis. @param folder - a fresh one */
export async function makePictureDrive(folder: string): Promise<TestDrive> {
  const drive = await makeDrive(folder);
  const source = join(folder, "documents");
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(source, path)), { recursive: true });
    await writeFile(join(source, path), text);
  }
  await ipcloud(["import", source, "/"], drive.env);
  for (let parts = 1; parts <= chapter.length; parts++) {
    await runProgram({
      command: process.execPath,
      args: [join(projectFolder, "dist/ipcloud.mjs"), "put", "-", `/thesis/${lostFile}`],
      env: { ...drive.env },
      input: chapter.slice(0, parts).join("\n"),
    });
  }
  return drive;
}
