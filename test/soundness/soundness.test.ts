import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onLinux } from '../support/explore-stage.ts';
import { Comparison } from './compare.ts';
import { programs } from './generate.ts';
import { type Flag, type Kind, kinds, type Line, type Program, type SessionProgram } from './program.ts';
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

const a = { type: 'file', path: 'a', content: 'abcd' } as const;
const has = (flags: readonly Flag[], ...lines: readonly Line[]): SessionProgram => ({
  opened: [{ slot: 0, path: 'a', flags }],
  lines,
});
const byte = (from: number): Line => ({
  do: 'fcntl',
  ...{ ofd: false, slot: 0, type: 'exclusive', from, to: from + 1, waits: true },
});

/** Each has shown something once, and is rarely drawn. */
const known: Readonly<Record<string, Program>> = {
  append: {
    initial: [a],
    sessions: [
      has(['BOTH', 'APPEND'], { do: 'write', slot: 0, data: 'x', at: 2 }),
      has(['BOTH', 'APPEND'], { do: 'read', slot: 0, bytes: 4, at: 4 }),
    ],
  },
  processes: { initial: [a], sessions: [has(['BOTH'], byte(1), byte(0)), has(['BOTH'], byte(0), byte(1))] },
};

describe.runIf(onLinux)('the explorer and every order made for real come to the same', () => {
  let comparison: Comparison;
  beforeAll(() => {
    comparison = new Comparison();
  });
  afterAll(async () => await comparison.close());

  test.each(Object.entries(groups))('%s', async (name, group) => {
    const allowed = new Set(group);
    const drawn = fc.sample(programs(allowed), { numRuns: PROGRAMS, seed: 15 });
    const sample: readonly Program[] = name in known ? [known[name]!, ...drawn] : drawn;
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
