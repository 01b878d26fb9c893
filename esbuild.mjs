// Bundles the extension, the local node and the command line into dist, with the licences of the
// packages that went in. All of it is ESM: VS Code loads ESM extensions since 1.100, and most
// packages that we use are ESM only. A package with a native add-on fails the build.
import { existsSync } from "node:fs";
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";

if (Number(process.versions.node.split(".")[0]) < 22) {
  console.error(
    `Node ${process.versions.node} is too old and the one of the npm package "node" is missing: run \`npm rebuild node\`, then \`npm run build\`.`,
  );
  process.exit(1);
}

// CommonJS packages inside an ESM bundle ask for `require` of Node's own modules.
const requireBanner = `import { createRequire as createBundleRequire } from "node:module";
const require = createBundleRequire(import.meta.url);`;

// Tells an updated extension which of two local nodes is newer (src/node/rpc/build.ts).
const { version } = JSON.parse(await readFile("package.json", "utf8"));
const second = process.env.SOURCE_DATE_EPOCH ?? Math.floor(Date.now() / 1000);
const define = { IPCLOUD_BUILD: JSON.stringify(`${version}+${second}`) };

const sealWorker = "src/node/transfer/worker/seal-worker.ts";

const bundles = [
  { from: "src/extension/main.ts", to: "dist/extension.mjs", external: ["vscode"] },
  { from: "src/node/main.ts", to: "dist/node.mjs" },
  { from: "src/node/cli/main.ts", to: "dist/cli.mjs" },
  { from: sealWorker, to: "dist/seal-worker.mjs" },
  { from: "src/node/store/backup/backup-process.ts", to: "dist/backup-process.mjs" },
  { from: "src/node/transfer/disk/disk-worker.ts", to: "dist/disk-worker.mjs" },
  // Started by any Node: it says what is missing where a newer bundle would not even parse.
  {
    from: "src/node/cli/launch.ts",
    to: "dist/ipcloud.mjs",
    banner: "#!/usr/bin/env node",
    target: "node18",
  },
].filter(({ from }) => from !== sealWorker || existsSync(from));

const results = await Promise.all(
  bundles.map(({ from, to, external = [], banner = requireBanner, target = "node22.15" }) =>
    build({
      entryPoints: [from],
      outfile: to,
      bundle: true,
      format: "esm",
      platform: "node",
      target,
      define,
      // Names stay, so that a stack trace in a report can be read.
      minifySyntax: true,
      minifyWhitespace: true,
      legalComments: "none",
      banner: { js: banner },
      external,
      metafile: true,
      logLevel: "warning",
    }),
  ),
  // esbuild has shown its errors already.
).catch(() => process.exit(1));
// A key that stands twice in package.json, say, takes away what the first one contributes.
if (results.some(({ warnings }) => warnings.length > 0)) process.exit(1);
await chmod("dist/ipcloud.mjs", 0o755);

const notices = "dist/THIRD-PARTY-NOTICES.txt";
await writeFile(
  notices,
  await thirdPartyNotices(results.flatMap((r) => Object.keys(r.metafile.inputs))),
);

// Only what this build made stays; it is removed last, so that running programs miss nothing.
const made = new Set([...bundles.map(({ to }) => to), notices].map((path) => basename(path)));
for (const name of await readdir("dist"))
  if (!made.has(name)) await rm(join("dist", name), { recursive: true });

/** The name, version and licence text of every package that one of these files comes from. */
async function thirdPartyNotices(files) {
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  const found = [...new Set(folders.filter((folder) => folder !== undefined))].sort();
  const texts = await Promise.all(
    found.map(async (folder) => {
      const { name, version, license } = JSON.parse(
        await readFile(join(folder, "package.json"), "utf8"),
      );
      const licences = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
      const bodies = await Promise.all(
        licences.map((file) => readFile(join(folder, file), "utf8")),
      );
      return [`${name} ${version} (${license})`, ...bodies.map((body) => body.trim())].join("\n\n");
    }),
  );
  return `${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
