import { accountKeys } from "../../../../src/node/account/account.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { about, accountSecret } from "../account/account-inputs.make.ts";
import { deviceRefusals } from "./device-refusals.make.ts";
import {
  ann,
  ben,
  cid,
  DeviceStory,
  dan,
  eve,
  join,
  otherReceive,
  revoke,
} from "./device-story.make.ts";
import { restatedLists } from "./restated-devices.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Statements of a device list, and who is on the lists that they make. FORMAT §12.2, §12.3. */
export async function makeDevices(): Promise<VectorValue> {
  const { root } = await accountKeys(primitives, accountSecret);
  const story = new DeviceStory(root);
  const lists = [...rules(story), ...restatedLists(story)];
  const refused = deviceRefusals(story);
  return {
    about: about("§12.2 and §12.3, lists of members and the device list", [
      "`statements` of a list, `holds` and `kept` are places in `statements`. A list is in no order.",
      "`kept`: what must not be left out. `revoked`: who is out, whether that is confirmed, and what",
      "each statement says by which it is so, in their order. A member is [key, admin, SHA-256 of",
      "`receive`, proof]; `receive` is 1,216 bytes of 7 or 8, which nobody opens. `provisional`: admins",
      "who were taken out by devices alone, each with those that are in and that this one had added.",
      "`refused`: `bytes` read together with the statements at the places `beside`.",
    ]),
    account: toHex(root.publicKey),
    statements: story.statements.show(),
    lists,
    refused,
  };
}

function rules(story: DeviceStory): VectorValue[] {
  const { root, list, say, add } = story;
  const first = say(root, add(ann));
  const two = say(root, add(ben), first);
  const byBen = say(ben, add(cid), two);
  const plain = say(ann, add(cid, false), two);
  const benOff = say(ann, revoke(ben), two);
  const annOff = say(ben, revoke(ann), two);
  const three = say(root, add(cid), two);
  const oldest = story.say(ann, add(ben), first);
  const younger = say(ben, add(cid), oldest);
  const seen = say(ann, revoke(ben), byBen);
  const rootOff = say(root, revoke(ben), two);
  const danByCid = say(cid, add(dan), byBen);
  const benByBen = say(ben, revoke(ben), two);
  const branch = say(ann, add(dan, false), two);
  const both = say(root, revoke(cid), byBen, branch);
  const raised = say(ann, add(cid), plain);
  const other = say(ann, add(cid, false, otherReceive), two);
  const benHasAdded = say(dan, add(eve), say(cid, add(dan), byBen));
  const danOff = say(ann, revoke(dan), say(ann, revoke(ben), benHasAdded));
  return [
    list("nothing was said"),
    list("one device, which the root added", first),
    list("an admin adds a device", byBen),
    list("a device that is no admin adds nobody", say(cid, add(dan), plain)),
    list("a device that is no admin revokes nobody", say(cid, revoke(ann), plain)),
    list("a device that is no admin does not take itself out", say(cid, revoke(cid), plain)),
    list("a device that was never added says nothing", say(dan, add(dan), two)),
    list("nor on nothing at all", say(dan, add(dan))),
    list("an admin by a second addition adds a device", say(cid, add(dan), raised)),
    list("a device makes itself no admin", say(cid, add(cid), plain)),
    list("no addition takes a right away", say(root, add(cid, false), raised)),
    list("the recipient is that of the first addition that holds", say(ann, add(cid), other)),
    list(
      "an addition that does not hold says no recipient",
      say(cid, add(dan, true, otherReceive), plain),
      say(ann, add(dan), plain),
    ),
    list("a device that a device took out: provisional", benOff),
    list("one that was no admin: nothing is provisional", say(ann, revoke(cid), plain)),
    list("that the root took out, too: confirmed", say(root, revoke(ben), benOff)),
    list("that the root took out beside: confirmed", benOff, rootOff),
    list("the root's addition brings nobody back", say(root, add(ben), benOff)),
    list("nor does one beside", benOff, say(root, add(ben, true, otherReceive), two)),
    list("what a device says after its revocation is void", say(ben, add(dan), benOff)),
    list("what a device says beside its revocation is void", benOff, byBen),
    list("what the one who revoked had seen holds", seen),
    list("and what is said beside that does not", seen, say(ben, add(dan), byBen)),
    list("of two who revoked both had seen what holds", seen, rootOff),
    list("taken out with all whom it added: who of them is in is told", danOff),
    list(
      "and each once, though they added each other",
      danOff,
      say(dan, add(ben), say(cid, add(ben), benHasAdded)),
      say(eve, add(cid), benHasAdded),
    ),
    list("a line of devices hangs on a void addition", benOff, say(dan, add(eve), danByCid)),
    list("what the void line adds later is void", say(dan, add(eve), danByCid, benOff)),
    list("a denial by a device of the void line holds", benOff, say(dan, revoke(ann), danByCid)),
    list("a device takes itself out", benByBen),
    list("and what it says beside is void", benByBen, byBen),
    list(
      "an honest statement stands on a void one, which is kept",
      benOff,
      say(root, add(dan), byBen),
    ),
    list(
      "a stolen oldest device takes out who took it out: all are out",
      say(ben, revoke(ann), younger),
      say(ann, revoke(cid), say(ann, revoke(ben), younger)),
    ),
    list("two that revoke each other are both out", benOff, annOff),
    list("beside the root's word, too", rootOff, annOff),
    list("one after the other only the first counts", say(ann, revoke(ben), annOff)),
    list(
      "three in a ring are all out",
      say(ann, revoke(ben), three),
      say(ben, revoke(cid), three),
      say(cid, revoke(ann), three),
    ),
    list("one statement stands on two branches", both),
    list("a statement that only joins two branches", say(ben, join, byBen, branch)),
    list("a join by who has no right is not kept", say(dan, join, byBen, branch)),
    list(
      "who was revoked, and what took part in it, by two at once",
      say(ann, revoke(cid), byBen),
      seen,
    ),
  ];
}
