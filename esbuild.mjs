// Bundles the extension, the local node and the command line. Everything is ESM: VS Code loads
// ESM extensions since 1.100, and the packages that we use are ESM only.

import { existsSync } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import { build } from "esbuild";

// CommonJS packages inside an ESM bundle ask for `require` of Node's own modules.
const require = `import { createRequire as ipcloudCreateRequire } from "node:module";
const require = ipcloudCreateRequire(import.meta.url);`;

const bundles = [
  { from: "src/extension/main.ts", to: "dist/extension.mjs", external: ["vscode"] },
  { from: "src/node/main.ts", to: "dist/node.mjs" },
  { from: "src/node/cli/main.ts", to: "dist/ipcloud-cli.mjs" },
  { from: "src/node/platform/seal-worker.ts", to: "dist/seal-worker.mjs" },
].filter(({ from }) => existsSync(from));

await rm("dist", { recursive: true, force: true });
await Promise.all(
  bundles.map(({ from, to, external = [] }) =>
    build({
      entryPoints: [from],
      outfile: to,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node22.15",
      minifySyntax: true,
      legalComments: "linked",
      banner: { js: require },
      external,
      logLevel: "warning",
    }),
  ),
);
