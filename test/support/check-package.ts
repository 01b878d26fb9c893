// Fails unless the packaged extension holds what it must and nothing else: no native add-on, no
// test, no source, no dependency that was not bundled. `node check-package.ts FILE.vsix`
import { readFile } from "node:fs/promises";
import { argv } from "node:process";

const allowed =
  /^(\[Content_Types\]\.xml|extension\.vsixmanifest|extension\/(package\.json|readme\.md|changelog\.md|LICENSE-MIT|LICENSE-APACHE|media\/[\w-]+\.(png|svg|md)|dist\/([\w-]+\.mjs|THIRD-PARTY-NOTICES\.txt)))$/i;

const needed = [
  "package.json",
  "readme.md",
  "changelog.md",
  "LICENSE-MIT",
  "LICENSE-APACHE",
  "dist/extension.mjs",
  "dist/node.mjs",
  "dist/seal-worker.mjs",
  "dist/disk-worker.mjs",
  "dist/backup-process.mjs",
  "dist/ipcloud.mjs",
  "dist/cli.mjs",
].map((path) => `extension/${path}`);

/** Names of all files of a ZIP archive, from its central directory (APPNOTE §4.3.12). */
function zipNames(archive: Buffer): string[] {
  const end = archive.lastIndexOf("PK\u0005\u0006", undefined, "latin1");
  if (end < 0) throw new Error("This is no ZIP archive.");
  const names: string[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const nameBytes = archive.readUInt16LE(at + 28);
    names.push(archive.toString("utf8", at + 46, at + 46 + nameBytes));
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return names;
}

const [, , file = "ipcloud.vsix"] = argv;
const names = zipNames(await readFile(file));
const problems = [
  ...names.filter((name) => !allowed.test(name)).map((name) => `${name} does not belong in it`),
  ...needed.filter((name) => !names.includes(name)).map((name) => `${name} is missing`),
];
for (const problem of problems) process.stdout.write(`${file}: ${problem}\n`);
process.stdout.write(
  `${file}: ${String(names.length)} files, ${String(problems.length)} problems\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
