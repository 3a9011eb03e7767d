import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../harness/history/step.ts';
import { uniformRandom } from '../../harness/schedule/random.ts';
import {
  follow,
  formatSchedule,
  parseSchedule,
  type Schedule,
  type Segment,
  type StepName,
  scheduleOf,
  stay,
} from '../../harness/schedule/schedule.ts';
import type { Trace } from '../../harness/schedule/scheduler.ts';
import { executionsOf } from '../support/brute-force.ts';
import { execute, type Instruction, type Program } from '../support/programs.ts';
import { randomProgram, shapes } from '../support/random-programs.ts';

const read = (object: string): Instruction => ({ do: 'read', object });
const write = (object: string): Instruction => ({ do: 'write', object, value: 1 });
const lock: Instruction = { do: 'lock', locks: ['l'] };
const unlock: Instruction = { do: 'unlock', lock: 'l' };
const wait = (bound: { readonly rounds?: number } = {}): Instruction => ({
  do: 'await',
  objects: ['x'],
  value: 1,
  ...bound,
});

/** Follows a schedule given as text, and says what came of it: `0read 1write`. */
function followed(program: Program, text: string) {
  const problems: string[] = [];
  const choose = follow(parseSchedule(text), stay, (message) => problems.push(message));
  const { trace } = execute(program, choose);
  return { decisions: inWords(trace), problems, schedule: formatSchedule(scheduleOf(trace)) };
}

const inWords = ({ decisions }: Trace): string =>
  decisions.map(({ chosen }) => `${chosen.session}${chosen.outwait ? '@outwait' : chosen.step.call}`).join(' ');

describe('text', () => {
  const steps = fc.record<StepName>({
    call: fc.constantFrom('open', 'write', 'rename', 'trylock', 'exit'),
    operation: fc.nat(12),
    path: fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('%', '2', '5', 'F', 'a', '/', '.', ',', '@', ' ') }),
    ),
    occurrence: fc.integer({ min: 1, max: 12 }),
  });
  const segments: fc.Arbitrary<Segment> = fc.record(
    { session: fc.nat(63), until: steps, outwait: fc.constant(true as const) },
    { requiredKeys: ['session'] },
  );

  test('a schedule survives being written and read', () => {
    fc.assert(
      fc.property(fc.array(segments), (schedule: Schedule) => {
        const text = formatSchedule(schedule);
        expect(text).toMatch(/^[\w./%@:+,-]*$/);
        expect(parseSchedule(text)).toEqual(schedule);
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, Schedule]>([
    ['', []],
    [
      '0@write:health.json,1,0',
      [
        { session: 0, until: { call: 'write', operation: 0, path: 'health.json', occurrence: 1 } },
        { session: 1 },
        { session: 0 },
      ],
    ],
    [
      '0@write.2+1:.health.%.json',
      [{ session: 0, until: { call: 'write', operation: 1, path: '.health.%.json', occurrence: 2 } }],
    ],
    [
      '1@outwait,2@outwait@exit',
      [
        { session: 1, outwait: true },
        { session: 2, outwait: true, until: { call: 'exit', operation: 0, path: '', occurrence: 1 } },
      ],
    ],
    ['0@open:a%2520b%25C3', [{ session: 0, until: { call: 'open', operation: 0, path: 'a%20b%C3', occurrence: 1 } }]],
    ['0@open:%EF%BB%BFa', [{ session: 0, until: { call: 'open', operation: 0, path: '\uFEFFa', occurrence: 1 } }]],
    ['0@open:%C3%BC%2C%.%', [{ session: 0, until: { call: 'open', operation: 0, path: 'ü,%.%', occurrence: 1 } }]],
  ])('"%s"', (text, schedule) => {
    expect(formatSchedule(schedule)).toBe(text);
    expect(parseSchedule(text)).toEqual(schedule);
  });

  test.each([
    ['0,x,1', 'Segment 2 of the schedule, "x", is not SESSION[@outwait][@CALL[.OCCURRENCE][+OPERATION][:PATH]].'],
    ['0,,1', 'Segment 2 of the schedule, "", is not '],
    ['0@write.0:a', 'Segment 1 of the schedule, "0@write.0:a", is not '],
    ['0@write:a b', 'Segment 1 of the schedule, "0@write:a b", is not '],
    ['0@write@read', 'Segment 1 of the schedule, "0@write@read", is not '],
    ['0@write:%FF', 'Segment 1 of the schedule, "0@write:%FF", has a path that is not percent-encoded UTF-8.'],
  ])('"%s" is refused', (text, message) => {
    const error = expect.objectContaining({ name: 'ScheduleError', message: expect.stringContaining(message) });
    expect(() => parseSchedule(text)).toThrow(error);
    expect(() => parseSchedule(text)).toThrow(
      'Right is, for example, "0@write:health.json,1,0@write.2+1:health.json,1@outwait".',
    );
  });
});

describe('the schedule of a trace', () => {
  const twice: Program = [
    [read('x'), write('x')],
    [read('x'), write('x')],
  ];

  test.each<[string, Program, string, string, string]>([
    ['names all who took part', twice, '', '0read 0write 1read 1write', '0,1'],
    ['leaves out what goes without saying', twice, '0@write:x,1,0', '0read 1read 1write 0write', '0@write:x,1'],
    ['names each preemption', twice, '0@write:x,1@write:x,0', '0read 1read 0write 1write', '0@write:x,1@write:x,0'],
    ['says who begins', twice, '1', '1read 1write 0read 0write', '1,0'],
    [
      'counts like steps',
      [[write('x'), write('x')], [read('x')]],
      '0@write.2:x,1',
      '0write 1read 0write',
      '0@write.2:x,1',
    ],
    [
      'has no name for being blocked',
      [
        [lock, unlock],
        [lock, unlock],
      ],
      '0@unlock:l,1',
      '0lock 0unlock 1lock 1unlock',
      '0,1',
    ],
    [
      'says who is outwaited',
      [[wait({ rounds: 9 })], [write('x')]],
      '0,0@outwait',
      '0stat 0@outwait 1write',
      '0,0@outwait,1',
    ],
    ['and who is not', [[wait({ rounds: 9 })], [write('x')]], '', '0stat 1write 0stat', '0,1'],
  ])('%s', (_, program, text, decisions, schedule) => {
    expect(followed(program, text)).toMatchObject({ decisions, schedule });
  });

  test('leads to the same decisions', () => {
    for (const shape of shapes) {
      for (let seed = 0; seed < 300; seed++) {
        const program = randomProgram(`${seed}`, shape, 12);
        for (const { trace, final } of executionsOf(program, uniformRandom(`${seed}`), 2)) {
          const schedule = scheduleOf(trace);
          const again = execute(program, follow(schedule, stay, expect.fail));
          expect(again.trace).toEqual(trace);
          expect(again.final).toBe(final);
          const named = new Set(schedule.map(({ session }) => session));
          expect(named).toEqual(new Set(trace.decisions.map(({ chosen }) => chosen.session)));
          expect(execute(program, follow(parseSchedule(formatSchedule(schedule)), stay, expect.fail)).trace).toEqual(
            trace,
          );
        }
      }
    }
  });

  test('survives an edit of the writer', () => {
    const edited: Program = [
      [read('a'), read('x'), read('b'), write('x')],
      [read('x'), read('b'), write('x')],
    ];
    expect(followed(edited, '0@write:x,1,0')).toMatchObject({
      decisions: '0read 0read 0read 1read 1read 1write 0write',
      problems: [],
    });
  });
});

describe('a schedule that does not fit is followed as far as it goes, and says where it does not', () => {
  const program: Program = [
    [read('x'), write('x')],
    [lock, read('x'), unlock],
    [lock, wait(), unlock],
  ];

  test.each([
    ['0@write:y,1', '0read 0write 1lock 1read 1unlock', 'segment 1: session 0 ended before write y'],
    ['0@write.2:x', '0read 0write', 'segment 1: session 0 ended before write x (occurrence 2)'],
    ['0@write+1:x', '0read 0write', 'segment 1: session 0 ended before write x (operation 1)'],
    ['1@read:x,2@unlock:l', '1lock 1read', 'segment 2: session 2 was blocked before unlock l'],
    ['0,0', '0read 0write', 'segment 2: session 0 had ended before its turn'],
    ['1@read:x,2', '1lock 1read', 'segment 2: session 2 was blocked before its turn'],
    ['0@write:x,1@lock:l,0@read:x', '0read 0write', 'segment 3: session 0 was past read x'],
    ['7@write:x', '0read', 'segment 1: session 7 ended before write x'],
    ['0@outwait', '0read', 'segment 1: session 0 could go on and was not waiting in a loop'],
    ['2,2@outwait', '2lock 2stat 0read', 'segment 2: session 2 was blocked and was not waiting in a loop'],
  ])('%s', (text, decisions, problem) => {
    const result = followed(program, text);
    expect(result.problems).toEqual([problem]);
    expect(result.decisions).toMatch(new RegExp(`^${decisions}`));
  });

  test('a step of an operation that is over does not come any more', () => {
    const step: Step = { session: 0, operation: 1, call: 'open', path: 'x', accesses: [] };
    const problems: string[] = [];
    const choose = follow(parseSchedule('0@write:x'), stay, (message) => problems.push(message));
    expect(choose({ enabled: [{ session: 0, step }], blocked: [] })).toEqual({ session: 0, step });
    expect(problems).toEqual(['segment 1: session 0 was past write x']);
  });

  test('a segment that is over as it begins is no problem', () => {
    expect(followed(program, '0@read:x,1').problems).toEqual([]);
  });
});
