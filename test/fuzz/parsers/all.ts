import type { Parser } from "../parser.ts";
import { blockParsers } from "./blocks.ts";
import { coreParsers } from "./core.ts";
import { diskParsers } from "./disk.ts";
import { keyParsers } from "./keys.ts";
import { rowParsers } from "./rows.ts";
import { rpcParsers } from "./rpc.ts";
import { statementParsers } from "./statements.ts";
import { treeAndHistoryParsers } from "./tree.ts";

/** Every parser of what comes from outside: from peers, the disk, other programs and people. */
export const parsers: readonly Parser[] = [
  ...coreParsers,
  ...blockParsers,
  ...treeAndHistoryParsers,
  ...keyParsers,
  ...statementParsers,
  ...rpcParsers,
  ...diskParsers,
  ...rowParsers,
];
