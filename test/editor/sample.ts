/** The passphrase of every test drive. */
export const passphrase = "correct horse battery staple";

/** What the sample drive holds, by path; a file of every kind that the editor shows. */
export const sample: Readonly<Record<string, string>> = {
  "README.md": "# Field notes\n\nWhat we saw, where, and when.\n",
  "notes/monday.md": "# Monday\n\nRain in the morning, two herons at the pond.\n",
  "notes/tuesday.md": "# Tuesday\n\nClear. The reeds were cut.\n",
  "src/count.ts": "export const count = (seen: string[]): number => seen.length;\n",
  "src/deep/er/leaf.ts": "export const leaf = true;\n",
  "data/birds.json": '{ "heron": 2, "coot": 11 }\n',
};
