import assert from "node:assert/strict";
import { joinCuts } from "../../../src/node/account/lists/cuts.ts";
import { emptyDeviceList, openDeviceList } from "../../../src/node/account/lists/device-list.ts";
import { foundRoster, openRoster, tipsHash } from "../../../src/node/account/lists/roster.ts";
import { decodeStatement, type Member, type Named } from "../../../src/node/account/lists/statement.ts";
import { bytesOf, joinSets, type StatementSet } from "../../../src/node/account/lists/statement-set.ts";
import { fromHex, toHex } from "../../../src/node/core/bytes.ts";
import { asSpaceId, asWriterId } from "../../../src/node/core/ids.ts";
import { asPublicKey } from "../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { refuses } from "../../blocks/refuses.ts";
import { ann, shownDevices, showProvisional } from "../make/lists/device-story.make.ts";
import { override, shownMembers } from "../make/lists/roster-story.make.ts";
import { showStanding, showStatement } from "../make/lists/statements.make.ts";
import { readVectors } from "../vector-file.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail(`not hexadecimal: ${text}`);

/** Statements, the lists that they make, and those that make none. */
interface ListVectors {
  readonly statements: readonly { readonly hash: string; readonly bytes: string }[];
  readonly lists: readonly {
    readonly name: string;
    readonly statements: readonly number[];
    readonly [what: string]: unknown;
  }[];
  readonly refused: readonly {
    readonly name: string;
    readonly code: "damaged" | "newer";
    readonly beside: readonly number[];
    readonly bytes: string;
    /** Only in rosters, where it is another than that of the file. */
    readonly space?: string;
  }[];
}

const bytesAt = ({ statements }: ListVectors, places: readonly number[]): Uint8Array[] =>
  places.map((place) => hex(statements[place]?.bytes ?? assert.fail()));

const placeIn =
  ({ statements }: ListVectors) =>
  ({ hash }: { readonly hash: Uint8Array }): number =>
    statements.findIndex((each) => each.hash === toHex(hash));

/** Two lists join to that of all their statements, whichever way round; of two accounts they do not. */
async function areJoined<In extends Member, Out extends Named>(
  vectors: ListVectors,
  open: (bytes: readonly Uint8Array[]) => StatementSet<In, Out>,
  foreign: StatementSet<In, Out>,
): Promise<void> {
  for (const [i, { statements }] of vectors.lists.entries()) {
    const others = vectors.lists[i - 1]?.statements ?? [];
    const one = open(bytesAt(vectors, statements));
    if (others.length > 0) {
      const other = open(bytesAt(vectors, others));
      const all = bytesOf(open(bytesAt(vectors, [...statements, ...others])));
      assert.deepEqual(bytesOf(joinSets(one, other)), all);
      assert.deepEqual(bytesOf(joinSets(other, one)), all);
    }
    await refuses(() => joinSets(one, foreign), "unexpected");
  }
}

/** One test for each list: its statements come to what it says, in whatever order they are read. */
function areDecided(
  vectors: ListVectors,
  decide: (bytes: readonly Uint8Array[]) => Readonly<Record<string, unknown>>,
): void {
  for (const { name, statements, ...expected } of vectors.lists) {
    it(`say: ${name}`, () => {
      const bytes = bytesAt(vectors, statements);
      assert.deepEqual(decide(bytes), expected);
      assert.deepEqual(decide(bytes.toReversed()), expected);
    });
  }
}

async function areRefusedBeside(
  vectors: ListVectors,
  open: (bytes: readonly Uint8Array[], space?: Uint8Array) => unknown,
): Promise<void> {
  assert.ok(vectors.refused.length > 30);
  for (const { code, name, beside, bytes, space } of vectors.refused) {
    const others = bytesAt(vectors, beside);
    await assert.doesNotReject(
      refuses(
        () => open([...others, hex(bytes)], space === undefined ? undefined : hex(space)),
        code,
      ),
      name,
    );
    if (others.length > 0) open(others);
  }
}

describe("the vectors of device lists", () => {
  const vectors = readVectors("devices") as ListVectors & { account: string };
  const account = asPublicKey(hex(vectors.account));
  const open = (bytes: readonly Uint8Array[]) => openDeviceList(primitives, account, bytes);
  const { form } = open([]);

  it("are read", () => {
    for (const said of vectors.statements) {
      const read = decodeStatement(primitives, form, hex(said.bytes));
      assert.deepEqual(showStatement(read, shownDevices), said);
    }
  });

  areDecided(vectors, (bytes) => {
    const list = open(bytes);
    return {
      ...showStanding(list, shownDevices, placeIn(vectors)),
      provisional: showProvisional(list),
    };
  });

  it("join by union", () => areJoined(vectors, open, emptyDeviceList(ann.publicKey)));

  it("are refused where they must be", () => areRefusedBeside(vectors, open));
});

describe("the vectors of rosters", () => {
  const vectors = readVectors("rosters") as ListVectors &
    Record<"space" | "nonce" | "override", string> & {
      cuts: Record<"one" | "other" | "stands", [string, number, string][]>[];
    };
  const open = (bytes: readonly Uint8Array[], space: Uint8Array = hex(vectors.space)) =>
    openRoster(primitives, asSpaceId(space), bytes);
  const founding = vectors.statements.find(({ hash }) => hash === vectors.space);
  const { form, ...founded } = open([hex(founding?.bytes ?? assert.fail())]);

  it("are read", () => {
    for (const said of vectors.statements) {
      const read = decodeStatement(primitives, form, hex(said.bytes));
      assert.deepEqual(showStatement(read, shownMembers), said);
    }
    assert.deepEqual(
      [toHex(founded.founding.nonce), toHex(founded.founding.override), toHex(founded.root)],
      [vectors.nonce, vectors.override, vectors.override],
    );
  });

  areDecided(vectors, (bytes) => {
    const roster = open(bytes);
    return {
      ...showStanding(roster, shownMembers, placeIn(vectors)),
      suite: roster.standing.suite,
      tips: toHex(tipsHash(primitives, roster)),
    };
  });

  it("join by union", () =>
    areJoined(vectors, open, foundRoster(primitives, override, new Uint8Array(16), 1)));

  it("restate two people's cuts as what both let stand", () => {
    const cutsOf = (list: [string, number, string][]) =>
      list.map(([writer, seq, head]) => ({
        writer: asWriterId(hex(writer)),
        seq,
        head: hex(head),
      }));
    for (const { one, other, stands } of vectors.cuts) {
      assert.deepEqual(joinCuts(cutsOf(one), cutsOf(other)), cutsOf(stands));
    }
  });

  it("are refused where they must be", () => areRefusedBeside(vectors, open));
});
