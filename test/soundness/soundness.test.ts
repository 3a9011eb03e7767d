import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onLinux } from '../support/explore-stage.ts';
import { Comparison } from './compare.ts';
import { programs } from './generate.ts';
import { type Kind, kinds, type Program } from './program.ts';
import { smallest } from './smallest.ts';

/** Programs of these kinds, and of no others: a kind that is drawn among all the others is met too rarely. */
const groups: Readonly<Record<string, readonly Kind[]>> = {
  data: ['data', 'shared', 'names'],
  append: ['data', 'append', 'shared'],
  names: ['names', 'data', 'symlinks', 'links'],
  directories: ['directories', 'names', 'listings', 'links'],
  order: ['order', 'names', 'listings'],
  metadata: ['mode', 'times', 'names', 'data', 'links'],
  xattrs: ['xattrs', 'names', 'data'],
  flock: ['flock', 'conversions', 'data', 'shared'],
  ranges: ['ofd', 'data', 'shared'],
  processes: ['posix', 'data', 'shared'],
  retries: ['retries', 'names', 'data', 'flock', 'ofd'],
  everything: Object.keys(kinds) as Kind[],
};

const PROGRAMS = 200;

describe.runIf(onLinux)('the explorer and every order made for real come to the same', () => {
  let comparison: Comparison;
  beforeAll(() => {
    comparison = new Comparison();
  });
  afterAll(async () => await comparison.close());

  test.each(Object.entries(groups))('%s', async (_, group) => {
    const allowed = new Set(group);
    const sample: readonly Program[] = fc.sample(programs(allowed), { numRuns: PROGRAMS, seed: 15 });
    let all = 0;
    for (const program of sample) {
      const { difference, explored } = await comparison.compare(program);
      if (difference !== undefined) expect.fail(await smallest(comparison, program, difference));
      if (explored.claimsAll) all++;
    }
    // A search that claims nothing is never wrong.
    expect(all).toBeGreaterThan(PROGRAMS * 0.8);
  });
});
