import { describe, expect, test } from 'vitest';
import { preemptionBounded } from '../../harness/schedule/bounded.ts';
import type { Trace } from '../../harness/schedule/scheduler.ts';
import { distinct, everyExecution, executionsOf, normalForm } from '../support/brute-force.ts';
import { type Execution, execute, type Instruction, type Program } from '../support/programs.ts';
import { randomProgram, shapes } from '../support/random-programs.ts';

const write = (object: string): Instruction => ({ do: 'write', object, value: 1 });
const steps = (object: string, count: number): readonly Instruction[] =>
  Array.from({ length: count }, () => write(object));

const preemptionsIn = ({ decisions }: Trace): number => decisions.filter(({ preemption }) => preemption).length;
const choicesIn = ({ trace }: Execution): string =>
  trace.decisions.map(({ chosen }) => `${chosen.session}${chosen.outwait ? '@outwait' : ''}`).join(' ');

test('two sessions of 5 steps: the schedules with 0, 1, 2 … preemptions, in this order', () => {
  const scheduler = preemptionBounded();
  const preemptions = executionsOf([steps('x', 5), steps('x', 5)], scheduler).map(({ trace }) => preemptionsIn(trace));
  // One session in i pieces and the other in j, by turns: i + j - 2 preemptions, since whoever has ended is not preempted. Five
  // steps make 1, 4, 6, 4, 1 times 1 to 5 pieces, and i and j differ by 1 at most; where they don't, either may begin.
  const expected = [2 * 1, 2 * 4, 2 * 4 ** 2, 2 * 4 * 6, 2 * 6 ** 2, 2 * 6 * 4, 2 * 4 ** 2, 2 * 4, 2 * 1];
  expect(preemptions).toEqual(expected.flatMap((count, bound) => Array<number>(count).fill(bound)));
  expect(scheduler).toMatchObject({ bound: 8, complete: true, divergences: [] });
});

test('nobody is preempted where nobody cares', () => {
  const scheduler = preemptionBounded();
  expect(executionsOf([steps('x', 5), steps('y', 5)], scheduler)).toHaveLength(2);
  expect(scheduler).toMatchObject({ bound: 0, complete: true });
});

test('the bound is that of all that was tried, and not more than is asked for', () => {
  const program: Program = [steps('x', 3), steps('x', 3)];
  const bounds = (limit: number, max?: number): readonly number[] => {
    const scheduler = preemptionBounded(max);
    const search = scheduler.explore();
    const seen: number[] = [];
    let next = search.next();
    for (let execution = 0; !next.done && execution < limit; execution++) {
      seen.push(scheduler.bound);
      next = search.next(execute(program, next.value).trace);
    }
    return [...seen, scheduler.bound];
  };
  // 2, 4, 8, 4 and 2 schedules.
  expect(bounds(8)).toEqual([-1, -1, 0, 0, 0, 0, 1, 1, 1]);
  expect(bounds(100, 1)).toEqual([-1, -1, 0, 0, 0, 0, 1]);
  expect(bounds(100).at(-1)).toBe(4);
  const cut = preemptionBounded(1);
  executionsOf(program, cut);
  expect(cut.complete).toBe(false);
});

test('who has lost patience did not preempt the one who is blocked', () => {
  const program: Program = [
    [{ do: 'await', objects: ['x'], value: 1, rounds: 9 }, write('y')],
    [write('z'), write('x'), write('y')],
  ];
  expect(executionsOf(program, preemptionBounded(0)).map(choicesIn).sort()).toEqual([
    '0 0@outwait 0 1 1 1',
    '0 1 1 1 0 0',
    '1 1 1 0 0',
  ]);
});

test('who is stuck cares, though what it waits for is never done', () => {
  const lock: Instruction = { do: 'lock', locks: ['l'] };
  const program: Program = [
    [write('x'), lock],
    [{ do: 'await', objects: ['x'], value: 1 }, lock],
  ];
  // Only a preemption right after the write gives the lock to session 1.
  const stuck = executionsOf(program, preemptionBounded(1)).map(({ trace }) =>
    trace.stuck.map(({ session }) => session),
  );
  expect(distinct(stuck.map(String))).toEqual(['0', '1']);
});

describe.each(shapes)('random programs, %s', (shape) => {
  test('up to each bound, an execution of every class that can be had with so few preemptions', () => {
    for (let seed = 0; seed < 150; seed++) {
      const program = randomProgram(`${seed}`, shape, 8);
      const all = everyExecution(program, 400)?.map((execution) => ({
        preemptions: preemptionsIn(execution.trace),
        form: normalForm(execution),
      }));
      for (let bound = 0; all && bound <= 3; bound++) {
        const scheduler = preemptionBounded(bound);
        const tried = executionsOf(program, scheduler);
        const wanted = all.filter(({ preemptions }) => preemptions <= bound).map(({ form }) => form);
        expect({ program, forms: distinct(tried.map(normalForm)) }).toEqual({ program, forms: distinct(wanted) });
        expect(Math.max(...tried.map(({ trace }) => preemptionsIn(trace)))).toBeLessThanOrEqual(bound);
        expect(distinct(tried.map(choicesIn))).toHaveLength(tried.length);
        expect(scheduler.bound === bound || scheduler.complete).toBe(true);
      }
    }
  });
});

test('the bound does not rise any more once an execution has not repeated', () => {
  const scheduler = preemptionBounded();
  const search = scheduler.explore();
  let executions = 0;
  for (let next = search.next(); !next.done; executions++) {
    const program = [steps('x', 2), steps(executions === 3 ? 'y' : 'x', 2)];
    next = search.next(execute(program, next.value).trace);
  }
  expect(scheduler).toMatchObject({
    bound: 0,
    complete: false,
    divergences: [
      expect.stringMatching(/^decision \d: session 1 did write x in operation 0 before, and now does write y/),
    ],
  });
});
