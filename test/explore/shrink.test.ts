import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Shrinkable, shrink } from '../../harness/explore/shrink.ts';
import type { Segment } from '../../harness/schedule/schedule.ts';

const until = (session: number, path: string): Segment => ({
  session,
  until: { call: 'write', operation: 0, path, occurrence: 1 },
});

const found: Shrinkable = {
  participants: [0, 1, 2, 3],
  operations: 3,
  schedule: [
    until(0, 'a'),
    { session: 2 },
    until(1, 'b'),
    until(0, 'c'),
    { session: 3 },
    { session: 1 },
    { session: 0 },
  ],
};

test('what does not matter is left out, and what does is kept', () => {
  const shows = (candidate: Shrinkable): Shrinkable | undefined => {
    const stops = candidate.schedule.some(({ session, until }) => session === 0 && until?.path === 'c');
    return stops && candidate.participants.includes(1) ? candidate : undefined;
  };
  const smallest = shrink(found, shows);
  expect(smallest.participants).toEqual([0, 1]);
  expect(smallest.operations).toBe(1);
  expect(smallest.schedule).toEqual([until(0, 'c')]);
});

test('neighbours of one session become one, which still outwaits the others', () => {
  const outwaiting: Segment = { session: 1, outwait: true };
  const from = { participants: [0, 1], operations: 1, schedule: [outwaiting, { session: 0 }, until(1, 'b')] };
  const tried: Shrinkable[] = [];
  shrink(from, (candidate) => {
    tried.push(candidate);
    return undefined;
  });
  expect(tried.map(({ schedule }) => schedule)).toContainEqual([{ ...until(1, 'b'), outwait: true }]);
});

test('the result always shows it, and is never larger', () => {
  const segment = fc.record({ session: fc.nat(3) });
  const property = fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), fc.nat(3), (schedule, needed) => {
    const shows = (candidate: Shrinkable): Shrinkable | undefined =>
      candidate.schedule.some(({ session }) => session === needed) ? candidate : undefined;
    const from: Shrinkable = { participants: [0, 1, 2, 3], operations: 2, schedule };
    const smallest = shrink(from, shows);
    if (shows(from) !== undefined) expect(smallest.schedule).toEqual([{ session: needed }]);
    else expect(smallest).toBe(from);
  });
  fc.assert(property);
});
