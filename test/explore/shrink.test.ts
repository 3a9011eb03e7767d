import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Shrinkable, shrink } from '../../harness/explore/shrink.ts';
import { formatSchedule, parseSchedule, type Segment } from '../../harness/schedule/schedule.ts';

const shrinkable = (participants: readonly number[], operations: number, schedule: string): Shrinkable => ({
  participants,
  operations,
  schedule: parseSchedule(schedule),
});

const inText = ({ participants, operations, schedule }: Shrinkable): string =>
  `${participants.join('')} x${operations} ${formatSchedule(schedule)}`;

/** What is left if it shows whenever this holds. */
const shrunk = (found: Shrinkable, holds: (candidate: Shrinkable) => boolean): string =>
  inText(shrink(found, (candidate) => (holds(candidate) ? candidate : undefined)));

/** All that is tried at first. */
function tried(found: Shrinkable): readonly string[] {
  const candidates: string[] = [];
  const left = shrink(found, (candidate) => {
    candidates.push(inText(candidate));
    return undefined;
  });
  expect(left).toBe(found);
  return candidates;
}

describe('leaves out', () => {
  test('all that it can', () => {
    expect(shrunk(shrinkable([0, 1, 2], 3, '0@write:x,1@write:x,2,0,1'), () => true)).toBe('2 x1 ');
  });

  test('sessions, with their place in the schedule', () => {
    const holds = ({ participants }: Shrinkable): boolean => participants.includes(0) && participants.includes(2);
    expect(shrunk(shrinkable([0, 1, 2, 3], 1, '3,1,2,0'), holds)).toBe('02 x1 ');
  });

  test('operations', () => {
    expect(shrunk(shrinkable([0], 9, '0'), ({ operations }) => operations >= 4)).toBe('0 x4 ');
  });

  test('context switches', () => {
    const holds = ({ participants, schedule }: Shrinkable): boolean =>
      participants.length === 2 && /0.*1.*0/.test(schedule.map(({ session }) => session).join(''));
    const found = shrinkable([0, 1], 1, '1@open:a,0@open:a,1@write:a,0@write:a,1,0');
    expect(shrunk(found, holds)).toBe('01 x1 0,1,0');
  });

  test('the names of steps that need not be named', () => {
    const holds = ({ participants, schedule }: Shrinkable): boolean =>
      participants.length === 2 && formatSchedule(schedule).startsWith('0@write:a,1');
    expect(shrunk(shrinkable([0, 1], 1, '0@write:a,1@write:a,0'), holds)).toBe('01 x1 0@write:a,1');
  });

  test('nothing where it would not show the same any more', () => {
    const found = shrinkable([0, 1], 2, '0@write:a,1');
    expect(tried(found)).toEqual([
      '1 x2 1',
      '0 x2 0@write:a',
      '01 x1 0@write:a,1',
      '01 x2 1',
      '01 x2 0@write:a',
      '01 x2 0,1',
    ]);
  });

  test('never the last session or the last operation', () => {
    expect(tried(shrinkable([3], 1, '3'))).toEqual(['3 x1 ']);
  });
});

describe('segments that become neighbours', () => {
  test.each([
    ['end where the second one does', '0@open:a,1,0@write:a', '0 x1 0@write:a'],
    ['go on to the end if the second one does', '0@open:a,1,0', '0 x1 0'],
    ['are one, however many they are', '0@open:a,1,0@read:a,1,0@write:a', '0 x1 0@write:a'],
    ['begin by outwaiting if the first one does', '0@outwait@open:a,1,0@write:a', '0 x1 0@outwait@write:a'],
    ['stay two if the second one begins by outwaiting', '0@open:a,1,0@outwait', '0 x1 0@open:a,0@outwait'],
  ])('%s', (_, schedule, left) => {
    expect(tried(shrinkable([0, 1], 1, schedule))[1]).toBe(left);
  });

  test('also if it is a segment that is left out', () => {
    expect(tried(shrinkable([0, 1], 1, '0@open:a,1@open:a,0@write:a,1'))).toContain('01 x1 0@write:a,1');
  });
});

describe('what was played', () => {
  test('is what is made smaller further', () => {
    const said = shrinkable([0], 1, '0');
    const left = shrink(shrinkable([0, 1], 2, '0@open:a,1@open:a,0,1'), ({ operations }) =>
      operations === 1 ? said : undefined,
    );
    expect(inText(left)).toBe('0 x1 0');
  });

  test('is of no use if it amounts to more', () => {
    const found = shrinkable([0, 1], 1, '0@write:a,1');
    expect(shrink(found, () => shrinkable([0, 1], 1, '0@write:a,1,0'))).toBe(found);
    expect(shrink(found, () => found)).toBe(found);
  });
});

describe('whatever shows it', () => {
  const segment: fc.Arbitrary<Segment> = fc.record(
    {
      session: fc.nat(3),
      until: fc.record({
        call: fc.constantFrom('open', 'write'),
        operation: fc.nat(2),
        path: fc.constant('a'),
        occurrence: fc.constant(1),
      }),
      outwait: fc.constant(true as const),
    },
    { requiredKeys: ['session'] },
  );
  const found: fc.Arbitrary<Shrinkable> = fc.record({
    participants: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
    operations: fc.integer({ min: 1, max: 4 }),
    schedule: fc.array(segment, { maxLength: 6 }),
  });
  const showing = fc.func(fc.boolean());

  const sizes = ({ participants, operations, schedule }: Shrinkable): readonly number[] => [
    participants.length,
    operations,
    schedule.length,
    schedule.filter(({ until }) => until !== undefined).length,
  ];

  /** In the first size that differs. */
  const smaller = (one: Shrinkable, other: Shrinkable): boolean => {
    const [ones, others] = [sizes(one), sizes(other)];
    const at = ones.findIndex((size, index) => size !== others[index]);
    return at >= 0 && ones[at]! < others[at]!;
  };

  test('what is left still does, and is smaller, or else it is what was found', () => {
    fc.assert(
      fc.property(found, showing, (found, holds) => {
        const left = shrink(found, (candidate) => (holds(inText(candidate)) ? candidate : undefined));
        if (left === found) return;
        expect(holds(inText(left))).toBe(true);
        expect(smaller(left, found)).toBe(true);
        expect(found.participants).toEqual(expect.arrayContaining([...left.participants]));
      }),
    );
  });

  test('nothing more can be left out of it', () => {
    fc.assert(
      fc.property(found, showing, (found, holds) => {
        const shows = (candidate: Shrinkable) => (holds(inText(candidate)) ? candidate : undefined);
        const left = shrink(found, shows);
        expect(shrink(left, shows)).toBe(left);
      }),
    );
  });
});
