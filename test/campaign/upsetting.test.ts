/** The passes over strategies and kinds of faults: what is tried again, how far, and what it all amounts to. */

import { describe, expect, test } from 'vitest';
import { planRows } from '../../harness/campaign/plan.ts';
import {
  type FaultOptions,
  type FaultProgress,
  isUpset,
  type Means,
  upsetRows,
} from '../../harness/campaign/upsetting.ts';
import type { UpsetTask } from '../../harness/explore/protocol.ts';
import type { FaultKind } from '../../harness/scenario/faults.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import type { FaultExploration, FaultSearch } from '../../harness/verdict/fault-verdict.ts';
import { finding } from '../support/fault-verdict.ts';
import { scenario, strategy } from '../support/scenario.ts';

type Task = Omit<UpsetTask, 'type' | 'server'>;

const target = scenario({
  strategies: { flock: strategy({ underFaults: { crash: { truth: ['STUCK'], why: 'nobody takes it' } } }) },
});

const search = (kind: FaultKind, details: Partial<FaultSearch> = {}): FaultSearch => ({
  kind,
  findings: [],
  points: 3,
  executions: 30,
  extent: 2,
  ...details,
});

/** As far as it is asked for: -1 is with nobody beside. */
const asFar = (kind: FaultKind, { preemptions }: Task, details: Partial<FaultSearch> = {}): FaultSearch =>
  search(kind, { extent: preemptions < 0 ? 'alone' : preemptions, ...details });

const options = (kinds: readonly FaultKind[], details: Partial<FaultOptions> = {}): FaultOptions => ({
  scenarios: [target],
  catalogue: '',
  kinds,
  faults: 1,
  preemptions: 2,
  seed: 1,
  budgetMs: 60_000,
  ...details,
});

/** What explorers are asked, and what comes of it all. */
async function passes(
  asked: FaultOptions,
  answer: (task: Task, at: number) => FaultExploration,
  more: Partial<Means> & { readonly signal?: AbortSignal } = {},
) {
  const { signal = new AbortController().signal, ...means } = more;
  const tasks: Task[] = [];
  const told: FaultProgress[] = [];
  const rows = await planRows(asked.scenarios, 3, ['shared']);
  const explorers = {
    count: 1,
    upset: async (task: Task) => {
      tasks.push(task);
      return answer(task, tasks.length - 1);
    },
  } as Means['explorers'];
  const all = { explorers, serverFor: async () => undefined, learn: async () => [], ...means };
  const found = await upsetRows(rows, all, asked, signal, (progress) => told.push(progress));
  return {
    asked: tasks.map(({ strategy, kinds, preemptions }) => [strategy, kinds.join(), preemptions]),
    verdicts: [...found.values()].flat(),
    tasks,
    told,
  };
}

const known = search('crash', { findings: [finding('STUCK')], extent: 'none' });

describe('the passes', () => {
  test('first each fault once; then all that is not settled, as far as is asked for', async () => {
    const { asked, verdicts, told } = await passes(options(['crash', 'errno', 'server']), (task) => ({
      searches: task.kinds.map((kind) => {
        if (kind === 'crash') return known;
        return kind === 'server' ? search(kind, { inapplicable: 'no server', extent: 'none' }) : asFar(kind, task);
      }),
    }));
    expect(asked).toEqual([
      ['flock', 'crash,errno,server', -1],
      ['flock', 'errno', 2],
    ]);
    expect(verdicts.map(({ kind, status, extent }) => [kind, status, extent])).toEqual([
      ['crash', 'COLLIDES', 'none'],
      ['errno', 'SAFE', 2],
      ['server', 'NONE', 'none'],
    ]);
    expect(told.filter(({ type }) => type === 'tried')).toHaveLength(1);
  });

  test('what takes long is tried once more by itself, before more of the others', async () => {
    const { asked, verdicts } = await passes(options(['errno', 'full']), (task, at) => ({
      searches: task.kinds.map((kind) => asFar(kind, task, kind === 'errno' && at === 0 ? { extent: 'none' } : {})),
    }));
    expect(asked).toEqual([
      ['flock', 'errno,full', -1],
      ['flock', 'errno', -1],
      ['flock', 'errno,full', 2],
    ]);
    expect(verdicts.map(({ extent }) => extent)).toEqual([2, 2]);
  });

  test('what is only a part of what is known is searched on, and what was found is kept', async () => {
    const two = { truth: ['STUCK', 'DOUBLE_CONSUME'], why: 'both' } as const;
    const scenarios = [scenario({ strategies: { flock: strategy({ underFaults: { crash: two } }) } })];
    const { asked, verdicts } = await passes(options(['crash'], { scenarios }), (task) => ({
      searches: [
        asFar('crash', task, { findings: [finding(task.preemptions < 0 ? 'STUCK' : 'DOUBLE_CONSUME')], executions: 7 }),
      ],
    }));
    expect(asked).toEqual([
      ['flock', 'crash', -1],
      ['flock', 'crash', 2],
    ]);
    expect(verdicts).toMatchObject([
      { classes: ['DOUBLE_CONSUME', 'STUCK'], asExpected: true, extent: 2, why: 'both' },
    ]);
  });

  test('what is settled at once is done, and is told at once', async () => {
    const { asked, told } = await passes(options(['crash', 'power-ext4']), () => ({
      searches: [known, search('power-ext4', { extent: 0 })],
    }));
    expect(asked).toHaveLength(1);
    expect(told).toMatchObject([
      { type: 'tried', done: 1, of: 1, verdicts: [{ kind: 'crash' }, { kind: 'power-ext4' }] },
    ]);
  });
});

describe('there is no verdict', () => {
  const answered = (task: Task): FaultExploration => ({ searches: task.kinds.map((kind) => asFar(kind, task)) });

  test('where it is wrong already without any fault', async () => {
    const { verdicts } = await passes(options(['crash', 'full']), () => ({ searches: [], broken: 'it is wrong' }));
    expect(verdicts).toMatchObject(
      ['crash', 'full'].map((kind) => ({ kind, status: 'INCONCLUSIVE', why: 'it is wrong' })),
    );
  });

  test('where sessions are lost; but one that was there before is kept', async () => {
    const { verdicts } = await passes(options(['errno']), (task, at) => {
      if (at > 0) throw new Error('a session died');
      return answered(task);
    });
    expect(verdicts).toMatchObject([{ status: 'SAFE', extent: 'alone' }]);
    const lost = await passes(options(['errno']), () => {
      throw new Error('a session died');
    });
    expect(lost.verdicts).toMatchObject([{ status: 'INCONCLUSIVE', asExpected: false, why: 'a session died' }]);
  });

  test('where the program is wrong, or there is no room, the run ends', async () => {
    const bug = passes(options(['errno']), () => {
      throw new TypeError('undefined is no function');
    });
    await expect(bug).rejects.toThrow(TypeError);
    const full = passes(options(['errno']), () => {
      throw new Error('ENOSPC: no space left on device');
    });
    await expect(full).rejects.toThrow(/ENOSPC/);
  });

  test('where its server is not there', async () => {
    const serverFor = async (): Promise<never> => {
      throw new Error('needs Redis');
    };
    const { asked, verdicts } = await passes(options(['crash']), answered, { serverFor });
    expect(asked).toEqual([]);
    expect(verdicts).toMatchObject([{ status: 'SKIPPED', asExpected: true, why: 'needs Redis' }]);
  });

  test('where on another product it collides by itself', async () => {
    const onProduct = { Valkey: { truth: ['STUCK'] as const, why: 'it does not know the command' } };
    const scenarios: readonly Scenario[] = [scenario({ strategies: { flock: strategy({ onProduct }) } })];
    const endpoint = { name: 'Redis', address: '', space: '', product: 'Valkey', worksOnResource: false };
    const serverFor = async () => endpoint as Awaited<ReturnType<Means['serverFor']>>;
    const { verdicts } = await passes(options(['crash'], { scenarios }), answered, { serverFor });
    expect(verdicts).toMatchObject([{ status: 'SKIPPED', why: 'on Valkey it collides by itself' }]);
  });

  test('after the run was interrupted', async () => {
    const { verdicts, asked } = await passes(options(['crash']), answered, { signal: AbortSignal.abort() });
    expect([verdicts, asked]).toEqual([[], []]);
  });
});

test('strategies that collide by themselves are tried only where it is known what becomes of them then', () => {
  const { flock, rewrite } = scenario().strategies as { [name: string]: ReturnType<typeof strategy> };
  const underFaults = { crash: { truth: ['CORRUPT_ON_CRASH'] as const, why: 'half of it' } };
  expect(isUpset(flock!, ['errno'])).toBe(true);
  expect(isUpset(rewrite!, ['errno'])).toBe(false);
  expect(isUpset({ ...rewrite!, underFaults }, ['crash', 'errno'])).toBe(true);
  expect(isUpset({ ...rewrite!, underFaults }, ['errno'])).toBe(false);
  expect(isUpset({ ...flock!, unexplored: 'many processes' }, ['errno'])).toBe(false);
});

test('what is right is learned for those that are judged by it', async () => {
  const runs = [{ order: [0, 1] }] as unknown as Awaited<ReturnType<Means['learn']>>;
  const learning = { ...target, serial: { isRight: true, lines: [] } } as unknown as Scenario;
  const answer = (task: Task): FaultExploration => ({ searches: task.kinds.map((kind) => search(kind)) });
  const { tasks } = await passes(options(['crash'], { scenarios: [learning] }), answer, { learn: async () => runs });
  expect(tasks[0]).toMatchObject({ serialRuns: runs });
});
