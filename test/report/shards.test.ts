/** Shards that do not belong together are refused, in words that say which and why. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mergeShards, readShard, type ShardResults, shardFile } from '../../harness/report/shards.ts';
import type { RowEvidence } from '../../harness/verdict/gathered.ts';
import { catalogue } from '../../scenarios/index.ts';

const row: RowEvidence = {
  target: 'override-token',
  strategy: 'cas-mv',
  mode: 'shared',
  writers: 2,
  readers: 0,
  concluded: true,
  settled: { status: 'INCONCLUSIVE', reason: 'interrupted' },
};

const shard = (index: number, more: Partial<ShardResults> = {}): ShardResults => ({
  format: 'collide-shard-1',
  shard: { index, count: 2 },
  configuration: 'abc',
  startedAt: `2026-01-0${index}T00:00:00.000Z`,
  options: {
    engine: 'explore',
    writers: 2,
    seed: 1,
    targets: ['override-token'],
    modes: ['shared'],
  } as unknown as ShardResults['options'],
  machine: { cores: 2 } as unknown as ShardResults['machine'],
  interrupted: false,
  durationMs: index * 1000,
  rounds: 0,
  executions: 10 * index,
  sessionsReplaced: 0,
  sessionPeakKiB: 5,
  rows: [row],
  ...more,
});

const merged = (...shards: readonly ShardResults[]) =>
  mergeShards(new Map(shards.map((one, at) => [`file-${at + 1}`, one])), catalogue);

test('what they have done adds up, and it took as long as the longest', () => {
  expect(merged(shard(2), shard(1))).toMatchObject({
    format: 'collide-results-2',
    startedAt: '2026-01-01T00:00:00.000Z',
    executions: 30,
    durationMs: 2000,
    interrupted: false,
    verdicts: [{ target: 'override-token', strategy: 'cas-mv' }],
  });
});

test('rows are in the order of the catalogue, whichever was done first', () => {
  const rows = ['copy-then-remove', 'cas-mv', 'check-then-remove'].map((strategy) => ({ ...row, strategy }));
  const { verdicts } = merged(shard(1, { rows }), shard(2, { rows: rows.toReversed() }));
  expect(verdicts.map(({ strategy }) => strategy)).toEqual(['check-then-remove', 'cas-mv', 'copy-then-remove']);
});

describe('is refused:', () => {
  const options = shard(1).options;

  test.each([
    ['nothing at all', [], 'there is no shard to merge'],
    ['one of two', [shard(2)], 'of 2 shards, 1 is missing'],
    ['the same one twice', [shard(1), shard(1)], 'file-1 and file-2 are both shard 1 of 2'],
    [
      'shards of different runs',
      [shard(1), shard(2, { shard: { index: 2, count: 3 } })],
      'file-1 is one of 2 shards, and file-2 one of 3',
    ],
    [
      'another seed',
      [shard(1), shard(2, { options: { ...options, seed: 7 } })],
      'file-1 was run with seed 1, and file-2 with 7',
    ],
    [
      'another configuration',
      [shard(1), shard(2, { configuration: 'abd' })],
      'file-1 and file-2 were not run on the same targets, strategies and truths',
    ],
    [
      'one that has executed nothing',
      [shard(1), shard(2, { executions: 0 })],
      'file-2, shard 2 of 2, has executed nothing',
    ],
    ['one without a row', [shard(1), shard(2, { rows: [] })], 'file-2, shard 2 of 2, has no rows'],
    [
      'one that lacks a row of the others',
      [shard(1), shard(2, { rows: [{ ...row, strategy: 'check-then-remove' }] })],
      'shard 2 of 2 has nothing on override-token/cas-mv',
    ],
    [
      'one that was interrupted',
      [shard(1), shard(2, { interrupted: true })],
      'file-2, shard 2 of 2, was interrupted: `collide run --resume` brings it to its end',
    ],
    [
      'one that was broken off',
      [shard(1, { broken: 'no space left' }), shard(2)],
      'file-1, shard 1 of 2, was broken off: no space left',
    ],
  ] as const)('%s', (_, shards, reason) => {
    expect(() => merged(...shards)).toThrow(reason);
  });
});

describe('a file', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('of a shard is read as it was written', () => {
    const path = join(dir, shardFile({ index: 1, count: 2 }));
    writeFileSync(path, JSON.stringify(shard(1)));
    expect(path).toMatch(/shard-1-of-2\.json$/);
    expect(readShard(path)).toEqual(shard(1));
  });

  test.each([
    [
      'of something else',
      '{"format":"collide-results-2"}',
      /has format "collide-results-2", expected 'collide-shard-1'/,
    ],
    ['that is torn', '{"format":', /can't be read: /],
    ['with nothing in it', 'null', /has format undefined/],
  ])('%s is refused', (_, text, reason) => {
    const path = join(dir, 'x.json');
    writeFileSync(path, text);
    expect(() => readShard(path)).toThrow(reason);
  });
});
