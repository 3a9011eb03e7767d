import { expect, test } from 'vitest';
import { uniformRandom } from '../../harness/schedule/random.ts';
import { executionsOf } from '../support/brute-force.ts';
import type { Execution, Instruction, Program } from '../support/programs.ts';

const write = (object: string): Instruction => ({ do: 'write', object, value: 1 });

const choicesIn = ({ trace }: Execution): string =>
  trace.decisions.map(({ chosen }) => `${chosen.session}${chosen.outwait ? '!' : ''}`).join('');

const share = (executions: readonly Execution[], pattern: RegExp): number =>
  executions.filter((execution) => pattern.test(choicesIn(execution))).length / executions.length;

test('each session has the same chance at every decision', () => {
  const executions = executionsOf(
    [
      [write('x'), write('x')],
      [write('x'), write('x')],
    ],
    uniformRandom('seed'),
    8000,
  );
  // Two or three decisions, until one session has ended.
  for (const [order, probability] of [
    ['0011', 1 / 4],
    ['0101', 1 / 8],
    ['0110', 1 / 8],
    ['1100', 1 / 4],
  ] as const) {
    expect(share(executions, new RegExp(order))).toBeCloseTo(probability, 1);
  }
});

test('others are outwaited in every second execution at most, unless there is no other way', () => {
  const wait: Instruction = { do: 'await', objects: ['x'], value: 1, rounds: 9 };
  const program: Program = [[wait], [write('y'), write('y'), write('x')]];
  const executions = executionsOf(program, uniformRandom('seed'), 2000);
  const outwaited = share(executions, /!/);
  expect(outwaited).toBeGreaterThan(0.2);
  expect(outwaited).toBeLessThan(0.5);
  expect(
    share(
      executions.filter((_, index) => index % 2 === 0),
      /!/,
    ),
  ).toBe(0);
  expect(share(executionsOf([[wait]], uniformRandom('seed'), 10), /^00!$/)).toBe(1);
});

test('the same seed gives the same executions, another one others', () => {
  const program: Program = [[write('x'), write('x')], [write('x'), write('x')], [write('x')]];
  const executions = (seed: string): readonly string[] => executionsOf(program, uniformRandom(seed), 50).map(choicesIn);
  expect(executions('1/a')).toEqual(executions('1/a'));
  expect(executions('1/a')).not.toEqual(executions('2/a'));
});
