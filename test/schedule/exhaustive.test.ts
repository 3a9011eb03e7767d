import { describe, expect, test } from 'vitest';
import { exhaustive } from '../../harness/schedule/exhaustive.ts';
import type { Candidate, Choice, Choose } from '../../harness/schedule/scheduler.ts';
import { distinct, everyExecution, executionsOf, normalForm } from '../support/brute-force.ts';
import { type Execution, execute, type Instruction, type Program } from '../support/programs.ts';
import { randomProgram, shapes } from '../support/random-programs.ts';

const read = (object: string): Instruction => ({ do: 'read', object });
const write = (object: string, value = 1): Instruction => ({ do: 'write', object, value });
const lock = (...locks: string[]): Instruction => ({ do: 'lock', locks });
const unlock = (name: string): Instruction => ({ do: 'unlock', lock: name });
const times = (count: number, session: readonly Instruction[]): Program => Array.from({ length: count }, () => session);

function search(program: Program) {
  const scheduler = exhaustive();
  const executions = executionsOf(program, scheduler);
  const { complete, redundant, divergences } = scheduler;
  return { executions, classes: executions.length - redundant, complete, redundant, divergences };
}

describe('as many executions as there are classes of them', () => {
  const five = (object: string): readonly Instruction[] => Array.from({ length: 5 }, () => write(object));
  const add: Instruction = { do: 'add', object: 'd', value: 1 };
  const spin = (bound: { readonly rounds?: number }): readonly Instruction[] => [
    { do: 'spin', lock: 'l', ...bound, skip: 1 },
    unlock('l'),
  ];
  const nested = (first: string, second: string): readonly Instruction[] => [
    lock(first),
    lock(second),
    unlock(second),
    unlock(first),
  ];

  test.each<[string, Program, number]>([
    ['two sessions of 5 steps that all depend on each other: 10! / (5! 5!)', times(2, five('x')), 252],
    ['two sessions that have nothing to do with each other', [five('x'), five('y')], 1],
    ['three writers of one cell: 3!', times(3, [write('x')]), 6],
    ['four writers of one cell: 4!', times(4, [write('x')]), 24],
    ['four who add to one directory', times(4, [add]), 1],
    [
      'two who list what two add: any order of each pair, but no circle, 2^4 - 2',
      [[read('d')], [read('d')], [add], [add]],
      14,
    ],
    [
      'read, then write: either writes first, and the other has read before or after it',
      times(2, [read('x'), write('x')]),
      4,
    ],
    ['a critical section of three sessions: 3!', times(3, [read('e'), lock('l'), write('x'), unlock('l')]), 6],
    ['nested locks in opposite order: one first, the other first, stuck', [nested('l', 'm'), nested('m', 'l')], 3],
    [
      'waiting for what is written: it has been already, or not yet',
      [[{ do: 'await', objects: ['x'], value: 1 }], [write('x')]],
      2,
    ],
    ['waiting for what nobody writes', [[{ do: 'await', objects: ['x'], value: 1 }], [write('y')]], 1],
    ['spinning: either is first, and the other comes later or has to wait', times(2, spin({})), 4],
    ['spinning up to a bound: the same, or it gives up', times(2, spin({ rounds: 5 })), 6],
  ])('%s', (_, program, count) => {
    expect(search(program)).toMatchObject({ classes: count, redundant: 0, complete: true, divergences: [] });
  });

  test('a lock that does not say that it is exclusive makes some executions redundant', () => {
    const careful = [read('e'), lock('l', 'm'), write('x'), { do: 'exit' } as const];
    expect(search(times(3, careful))).toMatchObject({ classes: 6, redundant: 4, complete: true });
  });
});

test('finds each deadlock, and the one who waits for itself', () => {
  const { executions } = search([
    [lock('l'), lock('m')],
    [lock('m'), lock('l')],
    [lock('n'), lock('n')],
  ]);
  const stuck = executions.map(({ trace }) => trace.stuck.map(({ session, step }) => `${session}:${step.path}`).sort());
  expect(distinct(stuck.map(String))).toEqual(['0:l,2:n', '0:m,1:l,2:n', '1:m,2:n']);
});

describe.each(shapes)('random programs, %s', (shape) => {
  const results = Array.from({ length: 500 }, (_, seed) => randomProgram(`${seed}`, shape, 8)).flatMap((program) => {
    const all = everyExecution(program, 1500);
    return all ? [{ program, all, ...search(program) }] : [];
  });
  const ended = (executions: readonly Execution[]): readonly Execution[] => executions.filter((one) => !one.redundant);

  test('one execution of every class, and so every final state and every way to be stuck', () => {
    for (const { program, all, executions, complete, divergences } of results) {
      const classes = distinct(all.map(normalForm));
      expect({ program, classes: ended(executions).map(normalForm).sort(), complete, divergences }).toEqual({
        program,
        classes,
        complete: true,
        divergences: [],
      });
      expect(distinct(ended(executions).map(({ final }) => final))).toEqual(distinct(all.map(({ final }) => final)));
    }
  });

  test('few redundant executions', () => {
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
    const redundant = sum(results.map((result) => result.redundant));
    expect(redundant / sum(results.map((result) => result.classes))).toBeLessThan(redundancy[shape]);
  });
});

/** Redundant executions for each that is not; a little more than it is. */
const redundancy = { cells: 0.01, critical: 0.005, nested: 0.03, waiting: 0.07, spinning: 0.09, mixed: 0.03 } as const;

test('a race that shows up only in a redundant execution, with someone who is blocked at its end', () => {
  // Sessions 0 and 1 wait for each other, so that session 2, which needs both locks, comes after both of them. Where session 1
  // begins, it soon has to wait for session 0, which sleeps; only that session 2 is blocked there tells that it can be first.
  const program: Program = [
    [lock('l'), write('x'), { do: 'await', objects: ['y'], value: 1 }, unlock('l')],
    [lock('m'), write('y'), { do: 'await', objects: ['x'], value: 1 }, unlock('m')],
    [lock('l', 'm'), { do: 'exit' }],
  ];
  const forms = search(program)
    .executions.filter(({ redundant }) => !redundant)
    .map(normalForm);
  expect(forms.sort()).toEqual(distinct(everyExecution(program, 10_000)!.map(normalForm)));
});

describe('trusts nothing', () => {
  /** Runs a search on a program that is another one in some executions, or that tells lies. */
  function searchOf(programIn: (execution: number) => Program, lie = (choice: Choice): Choice => choice) {
    const scheduler = exhaustive();
    const run = scheduler.explore();
    let executions = 0;
    for (let next = run.next(); !next.done; executions++) {
      const choose: Choose = next.value;
      const { trace } = execute(programIn(executions), (choice) => {
        const chosen = choose(lie(choice));
        return chosen && choice.enabled.find((one) => one.session === chosen.session && one.outwait === chosen.outwait);
      });
      next = run.next(trace);
    }
    const { complete, redundant, divergences } = scheduler;
    return { executions, complete, redundant, divergences };
  }

  test('a step that is another one when it is repeated', () => {
    const result = searchOf((execution) => [[write('x')], [write(execution === 0 ? 'x' : 'y')]]);
    const message = 'decision 1: session 1 did write x in operation 0 before, and now does write y in operation 0';
    expect(result).toEqual({ executions: 2, complete: false, redundant: 0, divergences: [message] });
  });

  test('a session that cannot go on when it is its turn again', () => {
    const result = searchOf((execution) => [[write('x')], execution === 0 ? [write('x')] : []]);
    const message = 'decision 1: session 1 did write x in operation 0 before, and now it cannot go on';
    expect(result).toEqual({ executions: 2, complete: false, redundant: 0, divergences: [message] });
  });

  test('patience that has no end when it is tried again', () => {
    const wait = (bound: { readonly rounds?: number }): Instruction => ({
      do: 'await',
      objects: ['x'],
      value: 1,
      ...bound,
    });
    const result = searchOf((execution) => [[wait(execution === 0 ? { rounds: 9 } : {})], [write('x')]]);
    expect(result.divergences).toEqual([
      'decision 2: session 0@outwait did stat x in operation 0 before, and now it cannot go on',
    ]);
    expect(result.complete).toBe(false);
  });

  test('what diverges once is left, and the rest explored', () => {
    const program = (wrong: boolean): Program => [[write('x')], [write(wrong ? 'y' : 'x')], [write('x')]];
    const { executions, complete, divergences } = searchOf((execution) => program(execution === 2));
    // 3! orders but for the two that session 1 begins, and the attempt to begin with it.
    expect({ executions, complete, count: divergences.length }).toEqual({ executions: 5, complete: false, count: 1 });
  });

  test('a step that lets another go on, though it says that it touches something else', () => {
    const lie = ({ step, ...candidate }: Candidate): Candidate => ({
      ...candidate,
      step: step.call === 'write' ? { ...step, accesses: [{ object: 'z', mode: 'write' }] } : step,
    });
    const result = searchOf(
      () => [[{ do: 'await', objects: ['x'], value: 1 }], [write('x')], [write('z')]],
      ({ enabled, blocked }) => ({ enabled: enabled.map(lie), blocked }),
    );
    const message =
      'write x in operation 0 of session 1 changed whether session 0 can stat x in operation 0, though by their accesses they ' +
      'have nothing to do with each other';
    // It is noticed with session 2 before it, and after it.
    expect(result).toMatchObject({
      executions: 2,
      complete: false,
      divergences: [`decision 2: ${message}`, `decision 3: ${message}`],
    });
  });

  test('a step that touches nothing any more once another one has been made', () => {
    // Of the reader, once the writer has ended.
    const hidden = (candidate: Candidate): Candidate => ({ ...candidate, step: { ...candidate.step, accesses: [] } });
    const result = searchOf(
      () => [[write('x')], [read('x')]],
      ({ enabled, blocked }) => ({
        enabled: enabled.length === 1 && enabled[0]!.session === 1 ? enabled.map(hidden) : enabled,
        blocked,
      }),
    );
    expect(result).toEqual({ executions: 2, complete: true, redundant: 0, divergences: [] });
  });

  test('a step that does not say what it touches could touch anything', () => {
    const silent = (candidate: Candidate): Candidate => {
      const { accesses: _, ...step } = candidate.step;
      return { ...candidate, step };
    };
    const result = searchOf(
      () => [
        [write('x'), write('x')],
        [write('y'), write('y')],
      ],
      ({ enabled, blocked }) => ({ enabled: enabled.map(silent), blocked }),
    );
    expect(result).toEqual({ executions: 6, complete: true, redundant: 0, divergences: [] });
  });
});

test('is complete only at the end, and starts afresh when it is asked to explore again', () => {
  const scheduler = exhaustive();
  const program = times(3, [read('e'), lock('l', 'm'), { do: 'exit' }]);
  expect(executionsOf(program, scheduler, 9)).toHaveLength(9);
  expect(scheduler.complete).toBe(false);
  expect(executionsOf(program, scheduler)).toHaveLength(10);
  expect(scheduler).toMatchObject({ complete: true, redundant: 4 });
});
