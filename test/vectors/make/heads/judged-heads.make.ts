import { admitHead, type ChainedHead } from "../../../../src/node/account/admit-head.ts";
import type { Cut } from "../../../../src/node/account/lists/cuts.ts";
import { type Head, signHead } from "../../../../src/node/account/heads.ts";
import { openRoster, type Roster, tipsHash } from "../../../../src/node/account/lists/roster.ts";
import { asWriterSeed, certifyWriter, writerHeadKey } from "../../../../src/node/account/writers.ts";
import { decodeLink } from "../../../../src/node/blocks/link.ts";
import { concatBytes, equalBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { asSpaceId, asWriterId, type SpaceId } from "../../../../src/node/core/ids.ts";
import { asEpochKey, epochKeys } from "../../../../src/node/crypto/derive.ts";
import type { SigningKey } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { labelled, labelledRandom } from "../account/account-inputs.make.ts";
import {
  addTo,
  cutOff,
  firstRoster,
  override,
  pseudonyms,
  type RosterSaid,
  type RosterSays,
} from "../lists/roster-story.make.ts";
import { signOn } from "../lists/statements.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const [ann, ben, cid] = pseudonyms;
const { headKey } = epochKeys(primitives, asEpochKey(labelled("epoch key")));
const revision = decodeLink(
  concatBytes(Uint8Array.of(1), labelled("revision"), labelled("key of the revision")),
);
const zeros = new Uint8Array(32);
const another = asSpaceId(labelled("another space"));

/** A writer of a device. */
interface Writer {
  readonly name: string;
  readonly device: SigningKey;
}

/** Signs heads of writers, with the same randomness each time that it is asked for. */
function headSigner(): (of: Writer, seq: number, prev?: Head, space?: SpaceId) => Head {
  const random = labelledRandom("judged heads");
  return ({ name, device }, seq, prev, space = firstRoster.space) => {
    const writer = asWriterId(labelled(name).subarray(0, 16));
    const key = writerHeadKey(primitives, asWriterSeed(labelled(`seed of ${name}`)), space);
    return signHead(
      primitives,
      random,
      key,
      headKey,
      {
        space,
        certificate: certifyWriter(device, space, writer, key.publicKey),
        seq,
        prev: prev?.hash ?? zeros,
        roster: tipsHash(primitives, firstRoster),
        manifest: zeros,
        commit: zeros,
      },
      revision,
    );
  };
}

const cutAt = ({ certificate, seq, hash }: Head, atSeq = seq): Cut => ({
  writer: certificate.writer,
  seq: atSeq,
  head: hash,
});

/** The first roster with these statements, each on the one before or, given as a list, beside. */
function rosterWith(...said: RosterSaid[]): Roster {
  const all = [...firstRoster.statements.values(), ...said].map(({ bytes }) => bytes);
  return openRoster(primitives, firstRoster.space, all);
}

const last = [...firstRoster.statements.values()].at(-1) as RosterSaid;
const say = (by: SigningKey, action: RosterSays, on: RosterSaid | undefined = last): RosterSaid =>
  signOn(
    firstRoster,
    by,
    action.kind === "checkpoint" ? [] : [on],
    action,
    action.kind === "checkpoint" ? 9 : undefined,
  );

/** Heads that count, are held or are cut, by rosters. */
export function judgedHeads(): VectorValue {
  const head = headSigner();
  const writer: Writer = { name: "writer of ben", device: ben };
  const first = head(writer, 1);
  const second = head(writer, 2, first);
  const third = head(writer, 3, second);
  const fifth = head(writer, 5, third);
  const sixth = head(writer, 6, fifth);
  const forgedSecond = head(writer, 2, first);
  const forgedFourth = head(writer, 4, third);
  const onForged = head(writer, 4, forgedSecond);
  const alone = head(writer, 3);
  const other = head({ name: "other writer of ben", device: ben }, 1);
  const foreign = head({ name: "other writer of ben", device: ben }, 3, second);
  const rising = head(writer, 5, second);
  const onForeign = head(writer, 5, foreign);
  const onRising = head(writer, 5, rising);
  const byAnn = head({ name: "writer of ann", device: ann }, 7);
  const byCid = head({ name: "writer of cid", device: cid }, 1);
  const elsewhere = head(writer, 1, undefined, another);
  const inAnother = head(writer, 5, second, another);
  const twin = head(writer, 2, second);
  const onTwin = head(writer, 3, twin);
  const known = [
    first,
    second,
    third,
    fifth,
    sixth,
    forgedSecond,
    forgedFourth,
    onForged,
    alone,
    other,
    foreign,
    rising,
    onForeign,
    onRising,
    inAnother,
    twin,
    onTwin,
    byAnn,
    byCid,
  ];
  const all = known;

  const off = (...cuts: Cut[]) => say(ann, cutOff(ben, ...cuts));
  const cidIn = say(override, addTo(cid));
  const byCidOff = (...cuts: Cut[]) => say(cid, cutOff(ben, ...cuts), cidIn);
  const cut = rosterWith(off(cutAt(fifth)));
  const two = rosterWith(off(cutAt(fifth)), cidIn, byCidOff(cutAt(third)));
  const own = rosterWith(off(cutAt(third)), say(ben, cutOff(ben, cutAt(sixth))));
  const restated = rosterWith(
    say(override, {
      kind: "checkpoint",
      in: [{ key: ann.publicKey, admin: true }],
      out: [{ key: ben.publicKey, cuts: [cutAt(second)] }],
      past: [...firstRoster.statements.values()].map(({ hash }) => hash),
      suite: 1,
    }),
  );

  const cases: [name: string, head: Head, roster: Roster, knows: readonly Head[]][] = [
    ["the device is in", sixth, firstRoster, []],
    ["the device is not known", byCid, firstRoster, all],
    ["another device than the one that was taken out", byAnn, cut, all],
    ["the head of the cut", fifth, cut, []],
    ["just below it", third, cut, [fifth]],
    ["the first of the chain", first, cut, all],
    ["above the cut", sixth, cut, all],
    ["above the cut, with nothing known", sixth, cut, []],
    ["below it in number, and not in its chain", forgedFourth, cut, all],
    ["beside one of its chain", forgedSecond, cut, all],
    ["on one that is beside its chain", onForged, cut, all],
    ["of the number of one in its chain, on nothing", alone, cut, all],
    ["of the number of the cut, and another", rising, cut, all],
    ["the same, with nothing known", rising, cut, []],
    ["the head of the cut is not known", first, cut, [second, third]],
    ["one on the way is not known", first, cut, [fifth, third]],
    ["one beside its chain, and one on the way is not known", forgedSecond, cut, [fifth]],
    ["a writer that no cut names", other, cut, all],
    ["a device of which nothing counts", first, rosterWith(off()), all],
    ["two writers, each with a cut", other, rosterWith(off(cutAt(fifth), cutAt(other))), all],
    ["the cut names the head with another number", fifth, rosterWith(off(cutAt(fifth, 6))), all],
    ["the chain goes through another writer", second, rosterWith(off(cutAt(onForeign))), all],
    ["the chain goes through another space", second, rosterWith(off(cutAt(inAnother))), all],
    ["the chain rises", second, rosterWith(off(cutAt(onRising))), all],
    ["the chain stays at one number", second, rosterWith(off(cutAt(onTwin))), all],
    ["two took the device out: below both cuts", third, two, all],
    ["between them", fifth, two, all],
    ["one of the two can't be told", second, two, [third]],
    ["the device takes itself out with a later cut: above the first", fifth, own, all],
    ["and at the first", third, own, all],
    ["a checkpoint says the cut", second, restated, all],
    ["above that", third, restated, all],
    [
      "two took it out, one without a cut",
      first,
      rosterWith(off(cutAt(fifth)), cidIn, byCidOff()),
      all,
    ],
  ];
  const placeOf = (each: Head): number => known.indexOf(each);
  return {
    elsewhere: toHex(elsewhere.bytes),
    heads: known.map(({ bytes, hash, seq, prev }) => ({
      hash: toHex(hash),
      seq,
      prev: toHex(prev),
      bytes: toHex(bytes),
    })),
    cases: cases.map(([name, each, roster, knows]) => {
      const records = (hash: Uint8Array): ChainedHead | undefined =>
        knows.find((record) => equalBytes(record.hash, hash));
      const standing = admitHead(each, roster, records);
      const lacks = standing.kind === "held" && standing.lacks;
      return {
        name,
        roster: Array.from(roster.statements.values(), ({ bytes }) => toHex(bytes)),
        head: placeOf(each),
        knows: knows.map(placeOf),
        standing: standing.kind,
        lacks: lacks ? toHex(lacks) : null,
      };
    }),
  };
}
