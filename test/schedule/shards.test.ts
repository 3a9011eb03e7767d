/** What shards of a search find together is what one search of all finds. */

import { describe, expect, test } from 'vitest';
import { preemptionBounded } from '../../harness/schedule/bounded.ts';
import { exhaustive } from '../../harness/schedule/exhaustive.ts';
import { pct } from '../../harness/schedule/pct.ts';
import type { Scheduler } from '../../harness/schedule/scheduler.ts';
import type { Shard } from '../../harness/schedule/shard.ts';
import { distinct, executionsOf, normalForm } from '../support/brute-force.ts';
import type { Execution, Instruction, Program } from '../support/programs.ts';
import { randomProgram, shapes } from '../support/random-programs.ts';

const shardsOf = (count: number): readonly Shard[] =>
  Array.from({ length: count }, (_, at) => ({ index: at + 1, count }));

const formsOf = (executions: readonly Execution[]): readonly string[] =>
  distinct(executions.filter(({ redundant }) => !redundant).map(normalForm));

const choicesIn = ({ trace }: Execution): string => trace.decisions.map(({ chosen }) => chosen.session).join('');

const run = <S extends Scheduler>(program: Program, scheduler: S) => ({
  scheduler,
  executions: executionsOf(program, scheduler),
});

describe.each(shapes)('random programs, %s', (shape) => {
  const programs = Array.from({ length: 20 }, (_, seed) => randomProgram(`${seed}`, shape, 11));

  test.each([3])('%i shards of an exhaustive search find every class, and each only once', (count) => {
    for (const program of programs) {
      const whole = formsOf(run(program, exhaustive()).executions);
      const parts = shardsOf(count).map((shard) => run(program, exhaustive(shard)));
      const forms = parts.map(({ executions }) => formsOf(executions));
      expect({ program, forms: distinct(forms.flat()) }).toEqual({ program, forms: whole });
      expect(new Set(parts.map(({ scheduler }) => scheduler.division)).size).toBe(1);
      expect(parts.every(({ scheduler }) => scheduler.complete)).toBe(true);
      for (const { executions } of parts) {
        const ended = executions.filter(({ redundant }) => !redundant);
        expect(formsOf(executions)).toHaveLength(ended.length);
      }
    }
  });

  test('and of a search with bounded preemptions every class up to the bound', () => {
    for (const program of programs.slice(0, 10)) {
      for (const bound of [0, 2]) {
        const whole = distinct(run(program, preemptionBounded(bound)).executions.map(normalForm));
        const parts = shardsOf(3).map((shard) => run(program, preemptionBounded(bound, shard)));
        const forms = distinct(parts.flatMap(({ executions }) => executions.map(normalForm)));
        expect({ program, bound, forms }).toEqual({ program, bound, forms: whole });
        expect(new Set(parts.map(({ scheduler }) => scheduler.division)).size).toBe(1);
        expect(parts.every(({ scheduler }) => scheduler.bound === bound || scheduler.complete)).toBe(true);
      }
    }
  });
});

const writes = (count: number): readonly Instruction[] =>
  Array.from({ length: count }, () => ({ do: 'write', object: 'x', value: 1 }));

test('shards are about equally large', () => {
  const program: Program = [writes(7), writes(7)];
  const sizes = shardsOf(4).map((shard) => run(program, exhaustive(shard)).executions.length);
  expect(3432).toBeLessThanOrEqual(sizes.reduce((a, b) => a + b));
  expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.5);
});

test('shards of random schedules make the same ones as one search, each some of them', () => {
  const program: Program = [writes(3), writes(3), writes(3)];
  const whole = executionsOf(program, pct('s', 3), 40);
  const parts = shardsOf(4).map((shard) => executionsOf(program, pct('s', 3, shard), 10));
  const dealt = whole.map((_, at) => parts[at % 4]![Math.floor(at / 4)]!);
  // The first of each tells it how long executions are: nobody is put last in these.
  expect(dealt.slice(4).map(choicesIn)).toEqual(whole.slice(4).map(choicesIn));
});

test('another program is divided in another way', () => {
  const shard = { index: 1, count: 2 };
  const [one, other] = [
    [writes(4), writes(4)],
    [writes(4), writes(3)],
  ].map((program) => run(program, exhaustive(shard)));
  expect(one!.scheduler.division).not.toBe(other!.scheduler.division);
});
