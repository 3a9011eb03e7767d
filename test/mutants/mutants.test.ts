/** The fixes, broken: there are enough of them, and they are right as long as nobody comes between. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serially } from '../../harness/schedule/serially.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
import { judge } from '../../harness/verdict/verdict.ts';
import { catalogue as fixes } from '../../scenarios/index.ts';
import { surroundings } from '../support/servers.ts';
import { catalogue, catalogueUrl, mutants } from './catalogue.ts';

test('every strategy that is said to be SAFE has at least two mutants', () => {
  const mutated = Object.values(mutants).map(({ of, fix }) => `${of.id}/${fix}`);
  const safe = fixes.flatMap(({ id, strategies }) =>
    // One that can't be explored has its mutants where it is tested.
    Object.entries(strategies).flatMap(([name, { truth, unexplored }]) =>
      truth === 'SAFE' && unexplored === undefined ? `${id}/${name}` : [],
    ),
  );
  expect(safe.filter((strategy) => mutated.filter((each) => each === strategy).length < 2)).toEqual([]);
  expect(mutated.filter((strategy) => !safe.includes(strategy))).toEqual([]);
});

test('every mutant has a name that is no target, and says what was broken as no other does', () => {
  const breaks = Object.values(mutants).map(({ of, fix, does }) => `${of.id}/${fix}: ${does}`);
  expect(Object.keys(mutants).filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  expect(fixes.filter(({ id }) => id in mutants)).toEqual([]);
  expect(breaks.filter((each, at) => breaks.indexOf(each) !== at)).toEqual([]);
});

test('every script of a mutant is there', () => {
  const scripts = catalogue.flatMap(({ strategies }) =>
    Object.values(strategies).flatMap(({ perform }) => (typeof perform === 'function' ? [] : perform.script)),
  );
  expect(scripts.filter((script) => !existsSync(script))).toEqual([]);
});

describe('two sessions, one after another', () => {
  const SESSIONS = 2;
  let sandbox: string;
  let pool: SessionPool;
  const around = surroundings(catalogue);

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    pool = await createPool({ writers: SESSIONS, readers: 0, catalogue: catalogueUrl, sandbox });
  });

  afterAll(async () => {
    await pool.close();
    await around.close();
    rmSync(sandbox, { recursive: true });
  });

  /** What it takes no race to show: these share a path, and whoever comes second finds what the first has left there. */
  const shared: ReadonlySet<string> = new Set([
    'marker-of-any-session',
    'claim-of-another-variable',
    'worktrees-with-one-index',
  ]);

  const orders = [
    ['the first alone, three operations', [0], 3],
    ['the first, then the second', [0, 1], 1],
    ['the second, then the first', [1, 0], 1],
  ] as const;

  test.each(catalogue.map((scenario) => [scenario.id, scenario] as const))('%s', async (id, scenario) => {
    const [strategy] = Object.keys(scenario.strategies) as [string];
    if (!(await around.has(id, strategy))) return;
    const server = await around.serverFor(id, strategy, 'test');
    for (const [order, sessions, operations] of orders) {
      const serial = { scenario, strategy, sessions, writers: SESSIONS, operations, sandbox, server };
      const execution = (await serially(pool, serial)).at(-1)!;
      const classes = judge(scenario, execution).map((finding) => finding.class);
      const sharing = shared.has(id) && sessions.length > 1;
      expect(
        classes.filter((kind) => !(sharing && kind === 'CONTAMINATED')),
        order,
      ).toEqual([]);
      expect(
        execution.operations.filter(({ outcome }) => outcome === 'unknown'),
        order,
      ).toEqual([]);
      expect(
        execution.operations.some(({ outcome }) => outcome === 'ok'),
        order,
      ).toBe(true);
    }
  });
});
