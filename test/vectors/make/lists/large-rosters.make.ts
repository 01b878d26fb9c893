import { type CutDevice, openRoster } from "../../../../src/node/account/lists/roster.ts";
import {
  asStatementHash,
  type Member,
  type Statement,
  signStatement,
} from "../../../../src/node/account/lists/statement.ts";
import { compareBytes, concatBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { isCloudError } from "../../../../src/node/core/cloud-error.ts";
import { asWriterId } from "../../../../src/node/core/ids.ts";
import { asPublicKey } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { firstRoster, override, pseudonyms, type RosterSaid } from "./roster-story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** A checkpoint that is too long to be written out: how many it holds of what is numbered. */
export interface LargeCheckpoint {
  readonly n: number;
  readonly in: number;
  readonly out: number;
  /** Cuts of each who is out. */
  readonly cuts: number;
  readonly past: number;
}

/** A roster that is too long to be written out: additions of whoever is numbered. */
export interface LongRoster {
  /** By the first pseudonym, which is not in. */
  readonly byDevice: number;
  readonly byRoot: number;
}

/** Thing number `i` of a kind: kind (1) ‖ i (4) ‖ zeros. */
function numbered(kind: number, i: number, length = 32): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, i);
  return bytes;
}

const times = <Each>(count: number, make: (i: number) => Each): Each[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** The bytes of a checkpoint in the space of all vectors, as its words sign it. */
export function largeCheckpoint({ n, cuts, past, ...count }: LargeCheckpoint): Uint8Array {
  const cutsOfEach = times(cuts, (i) => ({
    writer: asWriterId(numbered(4, i, 16)),
    seq: 1,
    head: numbered(5, i),
  }));
  const key = (kind: number, i: number) => asPublicKey(numbered(kind, i));
  return signStatement(primitives, firstRoster.form, override, {
    n,
    prev: [],
    action: {
      kind: "checkpoint",
      in: times(count.in, (i) => ({ key: key(1, i), admin: false })),
      out: times(count.out, (i) => ({ key: key(2, i), cuts: cutsOfEach })),
      past: times(past, (i) => asStatementHash(numbered(3, i))),
      suite: 1,
    },
  }).bytes;
}

/** The statements beside the one that founds the space, on which each of them stands. */
export function longRoster({ byDevice, byRoot }: LongRoster): Statement<Member, CutDevice>[] {
  const [founding] = firstRoster.statements.values();
  const { hash } = founding as RosterSaid;
  return [
    { kind: 1, signer: pseudonyms[0], count: byDevice },
    { kind: 2, signer: override, count: byRoot },
  ].flatMap(({ kind, signer, count }) =>
    times(count, (i) =>
      signStatement(primitives, firstRoster.form, signer, {
        n: 2,
        prev: [hash],
        action: { kind: "add", member: { key: asPublicKey(numbered(kind, i)), admin: false } },
      }),
    ),
  );
}

/** SHA-256 of the hashes of statements, ascending and joined. */
export function hashOfAll(statements: readonly Pick<RosterSaid, "hash">[]): string {
  const hashes = statements.map(({ hash }) => hash).sort(compareBytes);
  return toHex(primitives.sha256(concatBytes(...hashes)));
}

/** How many are in and out by a roster of these and the founding, or how it is refused. */
export function verdictOn(statements: readonly Uint8Array[]): VectorValue {
  const [founding] = firstRoster.statements.values();
  const all = [(founding as RosterSaid).bytes, ...statements];
  try {
    const { present, revoked } = openRoster(primitives, firstRoster.space, all).standing;
    return { in: present.size, out: revoked.size };
  } catch (error) {
    if (isCloudError(error)) return error.code;
    throw error;
  }
}

/** Checkpoints and rosters at their bounds. */
export function largeRosters(): {
  readonly checkpoints: VectorValue;
  readonly rosters: VectorValue;
} {
  const checkpoints: [name: string, LargeCheckpoint][] = [
    ["524,288 bytes", { n: 23, in: 256, out: 1012, cuts: 4, past: 7761 }],
    ["a byte more", { n: 24, in: 256, out: 1012, cuts: 4, past: 7761 }],
    ["as many out as may be", { n: 9, in: 1, out: 1024, cuts: 0, past: 0 }],
    ["as long a past as may be", { n: 9, in: 1, out: 1, cuts: 0, past: 8192 }],
    ["one more", { n: 9, in: 1, out: 1, cuts: 0, past: 8193 }],
  ];
  const rosters: [name: string, LongRoster][] = [
    ["as many by devices as may be, and two by the root", { byDevice: 4096, byRoot: 2 }],
    ["one more by a device", { byDevice: 4097, byRoot: 2 }],
  ];
  return {
    checkpoints: checkpoints.map(([name, spec]) => {
      const bytes = largeCheckpoint(spec);
      const hash = toHex(primitives.sha256(bytes));
      return { name, ...spec, length: bytes.length, hash, verdict: verdictOn([bytes]) };
    }),
    rosters: rosters.map(([name, spec]) => {
      const statements = longRoster(spec);
      const verdict = verdictOn(statements.map(({ bytes }) => bytes));
      return { name, ...spec, hash: hashOfAll(statements), verdict };
    }),
  };
}
