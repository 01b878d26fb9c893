import { asStatementHash } from "../../../../src/node/account/lists/statement.ts";
import { labelled } from "../account/account-inputs.make.ts";
import { ann, ben, cid, DeviceStory, dan, eve, hashes, off, revoke } from "./device-story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Lists with checkpoints. */
export function restatedLists(story: DeviceStory): VectorValue[] {
  const { root, list, say, add, device } = story;
  const first = say(root, add(ann));
  const two = say(root, add(ben), first);
  const three = say(ann, add(cid), two);
  const benOff = say(ann, revoke(ben), three);
  const cidOff = say(ben, revoke(cid), three);
  const confirmed = story.restate(5, {
    in: [device(ann), device(cid)],
    out: [off(ben)],
    past: hashes(first, two, benOff),
  });
  const readmitting = story.restate(6, {
    in: [device(ann), device(ben), device(cid, false)],
    out: [],
    past: hashes(first, two, benOff),
  });
  const annAlone = story.restate(1000, { in: [device(ann)], out: [], past: hashes(first, two) });
  const benOut = story.restate(4, {
    in: [device(ann), device(cid)],
    out: [off(ben)],
    past: hashes(first, two),
  });
  const cidOut = story.restate(4, {
    in: [device(ann, false), device(ben)],
    out: [off(cid), off(dan)],
    past: hashes(first, two),
  });
  const healed = story.restate(7, {
    in: [device(ann), device(ben)],
    out: [off(cid)],
    past: hashes(first, two, benOut, cidOut),
  });
  const unknown = story.restate(3, {
    in: [device(ann)],
    out: [off(eve)],
    past: [asStatementHash(labelled("a statement long gone"))],
  });
  const onBenOut = say(cid, add(dan), benOut);
  const benBack = say(root, add(ben), benOut);
  const rootsDan = say(root, add(dan), three);
  const afterDan = say(ann, revoke(ben), rootsDan);
  const partly = story.restate(8, { in: [device(ann)], out: [], past: hashes(first, afterDan) });
  return [
    list("a checkpoint alone, whose past nobody knows", unknown),
    list("a checkpoint confirms a revocation and lets its past go", confirmed),
    list("all that it replaced is said again beside it", confirmed, benOff),
    list("some of it is", confirmed, two),
    list(
      "a checkpoint readmits a device, and none of the old statements counts",
      readmitting,
      benOff,
    ),
    list("a checkpoint of a large number", annAlone, three),
    list("the admin whom a checkpoint names adds", onBenOut),
    list("one whom it names as no admin does not", say(cid, add(dan), readmitting)),
    list("whom it does not name says nothing", say(ben, add(dan), annAlone)),
    list("an old device says something on the checkpoint", say(ben, add(dan), benOut, cidOff)),
    list("the root's addition beside it counts", confirmed, say(root, add(dan, false), two)),
    list("the root's revocation beside it counts", confirmed, say(root, revoke(cid), three)),
    list("beside it counts a revocation by one who is in", confirmed, say(cid, revoke(ann), three)),
    list("but not by one who is out; it is kept all the same", benOut, cidOff),
    list(
      "and counts again beside a checkpoint that knew the other and says that its signer is in",
      story.restate(9, {
        in: [device(ann), device(ben), device(cid)],
        out: [],
        past: hashes(first, two, benOut),
      }),
      benOut,
      cidOff,
    ),
    list(
      "beside it counts no revocation by one in who had no right",
      readmitting,
      say(cid, revoke(ann), say(ann, add(cid, false), two)),
    ),
    list("beside it counts no addition by a device", benOut, say(cid, add(dan), three)),
    list(
      "nor what one says whom only that addition brings",
      benOut,
      say(dan, revoke(ann), say(cid, add(dan), three)),
    ),
    list(
      "a statement stands on the checkpoint and on what is void beside it",
      say(cid, add(eve), benOut, cidOff),
    ),
    list(
      "a revocation of one whom it says is out confirms nothing more",
      say(ann, revoke(ben), benOut),
    ),
    list("the root's addition brings nobody back whom it says is out", benBack),
    list("and gives no right to add", say(ben, add(dan), benBack)),
    list("two side by side: in by both, out by either", benOut, cidOut),
    list("what a device says on one of them does not count", benOut, cidOut, onBenOut),
    list("what the root says on one of them does", cidOut, say(root, add(dan), benOut)),
    list("a device says something on both", say(ann, add(dan), benOut, cidOut)),
    list(
      "one that gives more right than the other gives none",
      benOut,
      story.restate(4, {
        in: [device(ann, false), device(cid)],
        out: [],
        past: hashes(first, two),
      }),
    ),
    list("one is in the past of another", healed, benOut, cidOut),
    list("with all that was ever said", healed, benOut, cidOut, cidOff, onBenOut),
    list("what it stood on is known in part", healed, cidOut),
    list("below a statement that it names all is past", partly, afterDan),
    list("but not what is beside", partly, afterDan, say(root, add(eve), three)),
  ];
}
