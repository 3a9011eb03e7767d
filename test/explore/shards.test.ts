/** Four shards of a search, put together, come to what one search of all comes to. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import type { Shard } from '../../harness/schedule/shard.ts';
import type { RowEvidence } from '../../harness/verdict/gathered.ts';
import { mergeEvidence } from '../../harness/verdict/merging.ts';
import { verdictFrom } from '../../harness/verdict/tally.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { catalogue } from '../../scenarios/index.ts';
import { onLinux } from '../support/explore-stage.ts';

const WRITERS = 3;

/** It ends when all is known. */
const UNLIMITED_MS = 600_000;

describe.skipIf(!onLinux)('four shards', () => {
  let sandbox: string;
  let explorers: Explorers;

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    const url = new URL('../../scenarios/index.ts', import.meta.url).href;
    explorers = await startExplorers({ catalogue: url, sandbox });
  });

  afterAll(async () => {
    await explorers?.close();
    rmSync(sandbox, { recursive: true });
  });

  const shards: readonly Shard[] = [1, 2, 3, 4].map((index) => ({ index, count: 4 }));

  async function gather(target: string, strategy: string, shard?: Shard, probed = false): Promise<RowEvidence> {
    const row = { target, strategy, mode: 'shared', writers: WRITERS, readers: 0, concluded: true } as const;
    const task = { target, strategy, seed: 1, budgetMs: UNLIMITED_MS, ...(shard === undefined ? {} : { shard }) };
    const exploration = await explorers.examine(task);
    return {
      ...row,
      exploration,
      ...(probed ? { probing: await explorers.probe({ ...task, writers: WRITERS }) } : {}),
    };
  }

  /** Of one search, and of its shards. */
  async function verdicts(target: string, strategy: string, probed = false): Promise<readonly [Verdict, Verdict]> {
    const parts = [undefined, ...shards].map((shard) => gather(target, strategy, shard, probed));
    const [whole, ...others] = await Promise.all(parts);
    const scenario = catalogue.find(({ id }) => id === target)!;
    return [verdictFrom(scenario, whole!), verdictFrom(scenario, mergeEvidence(others))];
  }

  test.concurrent.each([
    ['team-config', 'flock'],
    ['override-token', 'cas-mv'],
    ['task-doc', 'rename'],
    ['daily-log', 'link-header'],
    ['task-list', 'link-id'],
  ])('exhaust what one exhausts: %s/%s', async (target, strategy) => {
    const [whole, merged] = await verdicts(target, strategy);
    const { kind, sessions, operations, traces, reordered } = whole.strength!.explored!;
    expect(whole.status).toBe('SAFE');
    expect(kind).toBe('exhaustive');
    expect(merged.status).toBe('SAFE');
    expect(merged.strength?.explored).toMatchObject({ kind, sessions, operations, traces, reordered });
  });

  test.concurrent.each([
    ['evidence-ledger', 'split-append'],
    ['team-config', 'rmw'],
    ['daily-log', 'check-header'],
  ])('find what one finds: %s/%s', async (target, strategy) => {
    const [whole, merged] = await verdicts(target, strategy);
    expect(whole.status).toBe('COLLIDES');
    expect({ status: merged.status, classes: merged.classes }).toEqual({
      status: whole.status,
      classes: whole.classes,
    });
  });

  test('draw as many schedules as one draws', async () => {
    const [whole, merged] = await verdicts('memory-notes', 'append', true);
    const { depth, sessions, executions } = whole.strength!.probed!;
    expect(merged.strength?.probed).toMatchObject({ depth, sessions, executions });
    expect(merged.strength!.probed!.guarantee).toBeCloseTo(whole.strength!.probed!.guarantee);
  });
});
