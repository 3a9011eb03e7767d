import type { Schedule, Segment } from '../schedule/schedule.ts';

/** What is left of an execution that shows something: who takes part, in how many operations, and who goes when. */
export interface Shrinkable {
  readonly participants: readonly number[];
  readonly operations: number;
  readonly schedule: Schedule;
}

/** Plays it. Returns what it amounted to, said as shortly as can be; undefined where it does not show the same any more. */
export type Shows = (candidate: Shrinkable) => Shrinkable | undefined;

/**
 * Makes an execution smaller as long as it still shows the same: without a session, with fewer operations, with fewer context
 * switches. Greedy, each kind until nothing more can be left out; one minimum, not always the smallest there is.
 */
export function shrink(found: Shrinkable, shows: Shows): Shrinkable {
  let smallest = found;
  for (let smaller = oneSmaller(smallest, shows); smaller !== undefined; smaller = oneSmaller(smallest, shows)) {
    smallest = smaller;
  }
  return smallest;
}

function oneSmaller(from: Shrinkable, shows: Shows): Shrinkable | undefined {
  for (const candidate of candidates(from)) {
    const shown = shows(candidate);
    if (shown !== undefined && sizeOf(shown) < sizeOf(from)) return shown;
  }
  return undefined;
}

/** What counts most comes first: sessions, operations, context switches; then steps that are named where none has to be. */
const sizeOf = ({ participants, operations, schedule }: Shrinkable): number =>
  ((participants.length * 100 + operations) * 1_000 + schedule.length) * 1_000 +
  schedule.filter(({ until }) => until !== undefined).length;

function* candidates({ participants, operations, schedule }: Shrinkable): Generator<Shrinkable> {
  if (participants.length > 1) {
    for (const left of participants) {
      yield {
        participants: participants.filter((session) => session !== left),
        operations,
        schedule: joined(schedule.filter(({ session }) => session !== left)),
      };
    }
  }
  if (operations > 1) yield { participants, operations: operations - 1, schedule };
  for (const at of schedule.keys()) yield { participants, operations, schedule: joined(schedule.toSpliced(at, 1)) };
  for (const [at, segment] of schedule.entries()) {
    if (segment.until === undefined) continue;
    const { until: _, ...unending } = segment;
    yield { participants, operations, schedule: schedule.with(at, unending) };
  }
}

/** Neighbours of one session are one segment, which begins as the first does and ends where the second does. */
function joined(schedule: Schedule): Schedule {
  const segments: Segment[] = [];
  for (const segment of schedule) {
    const last = segments.at(-1);
    const one = last?.session === segment.session && segment.outwait === undefined;
    if (one) segments.pop();
    segments.push(one && last.outwait ? { ...segment, outwait: true } : segment);
  }
  return segments;
}
