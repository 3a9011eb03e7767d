import { describe, expect, test } from 'vitest';
import { pct, pctGuarantee } from '../../harness/schedule/pct.ts';
import { executionsOf } from '../support/brute-force.ts';
import type { Execution, Instruction, Program } from '../support/programs.ts';

const write = (object: string): Instruction => ({ do: 'write', object, value: 1 });
const steps = (count: number): readonly Instruction[] => Array.from({ length: count }, () => write('x'));

const choicesIn = ({ trace }: Execution): string =>
  trace.decisions.map(({ chosen }) => `${chosen.session}${chosen.outwait ? '!' : ''}`).join('');

/** In which share of the executions the choices are like that. */
const share = (executions: readonly Execution[], pattern: RegExp): number =>
  executions.filter((execution) => pattern.test(choicesIn(execution))).length / executions.length;

describe('pctGuarantee', () => {
  test.each([
    [2, 20, 1, 1, 1 / 2],
    [2, 20, 2, 1, 1 / 40],
    [2, 20, 3, 1, 1 / 800],
    [2, 2, 2, 2, 1 - (3 / 4) ** 2],
    [3, 40, 2, 0, 0],
    [1, 10, 1, 1, 1],
  ])('%d sessions, %d steps, depth %d, %d executions', (sessions, length, depth, executions, probability) => {
    expect(pctGuarantee(sessions, length, depth, executions)).toBeCloseTo(probability, 12);
  });
});

describe('two sessions of 4 steps', () => {
  const program: Program = [steps(4), steps(4)];
  const executions = (depth: number) => executionsOf(program, pct('seed', depth), 20_000);

  test('at depth 1, one after the other: either way as often', () => {
    const all = executions(1);
    expect(share(all, /^0000|^1111/)).toBe(1);
    expect(share(all, /^0000/)).toBeCloseTo(1 / 2, 1);
  });

  test.each([
    // Session 0 is first in half of the executions, and put last before the third of 8 steps in one of 8.
    ['two steps, all of the other session, and the rest', 2, /^00111100$/],
    // And session 1 before the fifth step, behind session 0.
    ['two steps by turns', 3, /^001100../],
  ])('%s: takes depth %d, and comes as often as is guaranteed', (_, depth, order) => {
    const ratio = share(executions(depth), order) / pctGuarantee(2, 8, depth, 1);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.2);
    expect(share(executions(depth - 1), order)).toBe(0);
  });
});

describe('outwaiting', () => {
  const bounded: Instruction = { do: 'await', objects: ['x'], value: 1, rounds: 9 };
  const program: Program = [[bounded], [write('y'), write('y'), write('x')]];

  test('comes at depth 1 only where nobody else can go on', () => {
    expect(share(executionsOf(program, pct('seed', 1), 500), /!/)).toBe(0);
    expect(share(executionsOf([[bounded], [write('y')]], pct('seed', 1), 500), /^010!$|^00!1$|^100!$/)).toBe(1);
    expect(share(executionsOf([[bounded], [write('y')]], pct('seed', 1), 500), /^00!1$/)).toBe(0);
  });

  test('comes at depth 2 where those are slow whom one waits for', () => {
    const executions = executionsOf(program, pct('seed', 2), 2000);
    expect(share(executions, /!/)).toBeGreaterThan(pctGuarantee(2, 5, 2, 1));
    expect(share(executions, /^0/)).toBeGreaterThan(0.3);
    expect(share(executions, /!/)).toBeLessThan(0.8);
  });
});

test('the same seed gives the same executions, another one others', () => {
  const program: Program = [steps(4), steps(4), steps(4)];
  const executions = (seed: string): readonly string[] => executionsOf(program, pct(seed, 3), 50).map(choicesIn);
  expect(executions('1/a')).toEqual(executions('1/a'));
  expect(executions('1/a')).not.toEqual(executions('2/a'));
});

test('counts sessions and steps, which the guarantee depends on', () => {
  const scheduler = pct('seed', 2);
  expect(scheduler).toMatchObject({ sessions: 0, steps: 0 });
  executionsOf([steps(4), steps(3), steps(2)], scheduler, 2);
  expect(scheduler).toMatchObject({ sessions: 3, steps: 9 });
});
