/** Which rows are explored again, and of which schedules are drawn: by explorers that only say what they were asked. */

import { describe, expect, test } from 'vitest';
import { type ExploringOptions, exploreRows } from '../../harness/campaign/exploring.ts';
import type { Row } from '../../harness/campaign/plan.ts';
import type { Explorers } from '../../harness/explore/explorers.ts';
import type { Exploration } from '../../harness/verdict/exploration.ts';
import { defaultRequirement } from '../../harness/verdict/level.ts';
import type { Explored } from '../../harness/verdict/strength.ts';
import { scenario } from '../support/scenario.ts';
import { explored, probed } from '../support/verdict.ts';

const counts = { acknowledged: 2, refused: 0, unknown: 0, reads: 0 };

const exploration = (details: Partial<Explored>, more: Partial<Exploration> = {}): Exploration => ({
  explored: explored(details),
  findings: [],
  counts,
  effort: { executions: 8, ms: 1 },
  ...more,
});

const row = (strategy: string, writers: number): Row => ({
  scenario: scenario(),
  strategy,
  mode: 'shared',
  writers,
  readers: 0,
});

interface Asked {
  readonly strategy?: string;
  readonly writers?: number;
  readonly options?: Partial<ExploringOptions>;
  /** Is told how long the first search may take. */
  readonly timed?: (ms: number) => void;
}

/** `examine`, `examine again`, `probe 59 of 4`: what was asked for, one after another. */
async function asked(found: Exploration, { strategy = 'flock', writers = 4, options = {}, timed }: Asked = {}) {
  const all: string[] = [];
  const probing = { probed: probed(), findings: [], counts, effort: { executions: 200, ms: 1 } };
  const explorers: Explorers = {
    count: 1,
    examine: async ({ again, budgetMs }) => {
      timed?.(budgetMs);
      all.push(again ? 'examine again' : 'examine');
      return found;
    },
    probe: async ({ executions, writers, steps }) => {
      all.push(`probe ${executions ?? 'the usual'} of ${writers}${steps === undefined ? '' : ` in ${steps} steps`}`);
      return probing;
    },
    upset: () => Promise.reject(new Error('nobody asks for that')),
    replay: () => Promise.reject(new Error('nobody asks for that')),
    close: async () => {},
  };
  const nobody = () => {};
  await exploreRows(
    [row(strategy, writers)],
    explorers,
    {
      writers,
      seed: 1,
      budgetMs: 60_000,
      serialRuns: new Map(),
      required: defaultRequirement,
      before: () => undefined,
      ...options,
    },
    new AbortController().signal,
    { progress: nobody, explored: nobody, probed: nobody, failed: nobody },
  );
  return all;
}

const few = exploration({ kind: 'bounded', preemptions: 1 });

describe('a row that holds', () => {
  test.each<[string, Exploration, Asked, readonly string[]]>([
    [
      'is done, but for more writers, once it is exhausted',
      exploration({}, { ended: true }),
      {},
      ['probe the usual of 4'],
    ],
    ['is done with two writers', exploration({}, { ended: true }), { writers: 2 }, []],
    [
      'is not searched again for what was left out',
      exploration({ kind: 'partial', omitted: [{ kind: 'signals', what: 'kill' }] }, { ended: true }),
      {},
      ['probe the usual of 4'],
    ],
    [
      'is drawn as often as usual where a loop was not followed further: no draw follows it further either',
      exploration({ kind: 'partial', omitted: [{ kind: 'retries', what: 'mkdir lock' }] }, { ended: true }),
      {},
      ['probe the usual of 4'],
    ],
    [
      'is not searched again where there is a doubt',
      exploration({ kind: 'partial' }, { doubt: 'why' }),
      { writers: 2 },
      [],
    ],
    ['of which too little was tried is drawn, as often as is enough', few, {}, ['probe 59 of 4']],
    ['is drawn with two writers, too', few, { writers: 2 }, ['probe 59 of 2']],
    [
      'is drawn as often as the rate takes',
      few,
      { options: { required: { level: 'sampled', maxRate: 0.01 } } },
      ['probe 299 of 4'],
    ],
    ['is drawn however few its steps are', few, { options: { steps: 100 } }, ['probe 59 of 4 in 10000 steps']],
    [
      'is not drawn, and so has its time for rounds, where there is no time for enough',
      { ...few, effort: { executions: 1, ms: 20_000 } },
      {},
      [],
    ],
    [
      'is searched again where no sample is enough',
      few,
      { writers: 2, options: { required: { level: 'bounded', maxRate: 0.05 } } },
      ['examine again'],
    ],
    [
      'is searched again where it is bounded already',
      exploration({ kind: 'bounded', preemptions: 2 }),
      { writers: 2 },
      ['examine again'],
    ],
  ])('%s', async (_, found, how, then) => {
    expect(await asked(found, how)).toEqual(['examine', ...then]);
  });
});

test('the search of a single row leaves time for schedules to be drawn', async () => {
  const times: number[] = [];
  await asked(few, { timed: (ms) => times.push(ms), options: { budgetMs: 60_000 } });
  expect(times).toHaveLength(1);
  expect(times[0]).toBeLessThanOrEqual(45_000);
});

test('what is known to collide, and did not, is searched again', async () => {
  expect(await asked(few, { strategy: 'rewrite', writers: 2 })).toEqual(['examine', 'examine again']);
});
