/** Strengths of shards add up; what some could not do is not passed over. */

import { describe, expect, test } from 'vitest';
import type { Exploration, Probing } from '../../harness/verdict/exploration.ts';
import type { RowEvidence } from '../../harness/verdict/gathered.ts';
import { mergeEvidence } from '../../harness/verdict/merging.ts';

const row = { target: 'log', strategy: 'append', mode: 'shared', writers: 4, readers: 0, concluded: true } as const;

const effort = { executions: 10, ms: 5 };
const counts = { acknowledged: 20, refused: 1, unknown: 0, reads: 2 };

const exploration = (part: Exploration['part'], more: Partial<Exploration> = {}): Exploration => ({
  explored: { kind: 'partial', sessions: 2, operations: 1, executions: 10, traces: 2, reordered: 1, steps: 8 },
  findings: [],
  counts,
  effort,
  ...(part === undefined ? {} : { part }),
  ...more,
});

const seen = (traces: readonly string[], orders: readonly (readonly [string, number])[] = []) => ({ traces, orders });

const mergedOf = (...parts: readonly Partial<RowEvidence>[]): RowEvidence =>
  mergeEvidence(parts.map((part) => ({ ...row, ...part })));

const exploredOf = (...parts: readonly Exploration[]) =>
  mergedOf(...parts.map((one) => ({ exploration: one }))).exploration!;

describe('what was explored', () => {
  const exhaustive = (division: string) => ({ exhaustive: { division } });

  test('is partial, and named, where any shard has left something out, though each came to its end', () => {
    const whole = exploration({ ...seen(['a']), ...exhaustive('d') });
    const [kill, semop] = [
      { kind: 'signals', what: 'kill' },
      { kind: 'ipc', what: 'semop' },
    ] as const;
    const lacking = (...omitted: NonNullable<Exploration['explored']['omitted']>) => ({
      ...whole,
      explored: { ...whole.explored, omitted },
    });
    expect(exploredOf(whole, whole).explored).not.toHaveProperty('omitted');
    expect(exploredOf(whole, lacking(kill)).explored).toMatchObject({ kind: 'partial', omitted: [kill] });
    expect(exploredOf(lacking(kill), lacking(semop, { ...kill, what: 'tgkill' })).explored.omitted).toEqual([
      semop,
      kill,
    ]);
  });

  test('is exhaustive if all have exhausted their part, and what several saw counts once', () => {
    const {
      explored,
      doubt,
      counts: summed,
    } = exploredOf(
      exploration({ ...seen(['a', 'b'], [['p', 1]]), ...exhaustive('d') }),
      exploration({
        ...seen(
          ['b', 'c'],
          [
            ['p', 2],
            ['q', 1],
          ],
        ),
        ...exhaustive('d'),
      }),
    );
    expect(explored).toEqual({
      kind: 'exhaustive',
      sessions: 2,
      operations: 1,
      executions: 20,
      traces: 3,
      reordered: 1,
      steps: 8,
    });
    expect(doubt).toBeUndefined();
    expect(summed).toEqual({ acknowledged: 40, refused: 2, unknown: 0, reads: 4 });
  });

  test('is no more than partial if one was not exhausted, is missing, or divided in another way', () => {
    const whole = exploration({ ...seen(['a']), ...exhaustive('d') });
    expect(exploredOf(whole, exploration(seen(['b']))).explored.kind).toBe('partial');
    expect(mergedOf({ exploration: whole }, {}).exploration!.explored.kind).toBe('partial');
    const other = exploredOf(whole, exploration({ ...seen(['b']), ...exhaustive('e') }));
    expect(other.explored.kind).toBe('partial');
    expect(other.doubt).toContain('not divided the interleavings alike');
  });

  test('is bounded by the least bound of those that did not come to their end', () => {
    const bounded = (preemptions: number, complete = false) =>
      exploration({ ...seen([]), bounded: { division: 'd', preemptions, complete } });
    expect(exploredOf(bounded(3), bounded(2), bounded(1, true)).explored).toMatchObject({
      kind: 'bounded',
      preemptions: 2,
    });
    expect(exploredOf(bounded(3, true), bounded(4, true)).explored).toMatchObject({ preemptions: 4 });
  });

  test('keeps every doubt', () => {
    const doubtful = exploration({ ...seen([]), ...exhaustive('d') }, { doubt: 'the writer is not deterministic' });
    expect(exploredOf(exploration({ ...seen([]), ...exhaustive('d') }), doubtful).doubt).toBe(doubtful.doubt);
  });
});

test('schedules that were drawn add up to the guarantee of all of them', () => {
  const probing = (executions: number, traces: readonly string[]): Probing => ({
    probed: { depth: 2, sessions: 4, executions, traces: traces.length, steps: 10, guarantee: 0.5 },
    findings: [],
    counts,
    effort,
    part: seen(traces),
  });
  const { probed } = mergedOf({ probing: probing(3, ['a', 'b']) }, { probing: probing(2, ['b']) }).probing!;
  expect(probed).toMatchObject({ executions: 5, traces: 2, steps: 10 });
  expect(probed.guarantee).toBeCloseTo(1 - (1 - 1 / 40) ** 5);
});

describe('findings', () => {
  const witness = {
    target: 'log',
    strategy: 'append',
    mode: 'shared',
    seed: 1,
    round: 0,
    sessions: [],
    operations: [],
    final: {},
  } as const;
  const lost = (replay: string | undefined, count: number) => ({
    class: 'LAST_WRITER_WINS' as const,
    rounds: 1,
    count,
    message: `${count} lost`,
    witness,
    ...(replay === undefined ? {} : { replay }),
  });
  const found = (...replays: readonly (string | undefined)[]) =>
    exploredOf(...replays.map((replay, at) => exploration(seen([]), { findings: [lost(replay, at + 1)] }))).findings;

  test('one of each class, with the shortest witness, whatever the order', () => {
    expect(found('log/append:2:0,1,0', 'log/append:2:0,1')).toEqual([
      { ...lost('log/append:2:0,1', 3), rounds: 2, message: '2 lost' },
    ]);
    expect(found('log/append:2:0,1', undefined)).toMatchObject([{ replay: 'log/append:2:0,1' }]);
  });
});

describe('what is settled without findings', () => {
  const skipped = { status: 'SKIPPED', reason: 'needs jq' } as const;

  test('stays so if all agree', () => {
    expect(mergedOf({ settled: skipped }, { settled: skipped }).settled).toEqual(skipped);
  });

  test('is inconclusive if some could not do their part, and the others found nothing', () => {
    expect(mergedOf({ settled: skipped }, {}).settled).toEqual({
      status: 'INCONCLUSIVE',
      reason: '1 of 2 shards could not do their part: needs jq',
    });
  });

  test('is broken alone wherever one saw that', () => {
    const broken = { status: 'BROKEN_ALONE', reason: 'with one session already' } as const;
    expect(mergedOf({ settled: skipped }, { settled: broken }).settled).toEqual(broken);
  });
});
