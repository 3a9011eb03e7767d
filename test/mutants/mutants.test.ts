/** The oracles against the fixes, broken: every mutant must be found, by the class that it deserves. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import { truthClasses } from '../../harness/scenario/scenario.ts';
import { storm } from '../../harness/schedule/storm.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
import { judge } from '../../harness/verdict/verdict.ts';
import { catalogue, catalogueUrl } from './catalogue.ts';

let sandbox: string;
let pool: SessionPool;
const killed: string[] = [];

beforeAll(async () => {
  sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
  pool = await createPool({ writers: 2, readers: 1, catalogue: catalogueUrl, sandbox });
});

afterAll(async () => {
  await pool.close();
  rmSync(sandbox, { recursive: true });
  process.stdout.write(`mutants killed: ${killed.length} of ${catalogue.length}\n`);
});

test.each(catalogue.map((scenario) => [scenario.id, scenario] as const))('%s', async (id, scenario) => {
  const [[fix, strategy]] = Object.entries(scenario.strategies) as [[string, (typeof scenario.strategies)[string]]];
  const readers = strategy.read === undefined ? 0 : 1;
  const plan = { scenario, strategy: fix, mode: 'shared', seed: 1, writers: 2, readers, sandbox } as const;
  const { value: round } = await storm(pool, plan).next();
  expect(round.failures).toEqual([]);
  const found: readonly CollisionClass[] = judge(scenario, round.execution).map((finding) => finding.class);
  expect(found).toContain(truthClasses(strategy.truth)[0]);
  killed.push(id);
});
