/** The explorer against the fixes, broken: it must find every one of them. Part of `npm run test:whole`. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { truthClasses } from '../../harness/scenario/scenario.ts';
import { surroundings } from '../support/servers.ts';
import { catalogue, catalogueUrl } from './catalogue.ts';

/** Enough for every mutant that there is, on any machine; and not for a search through all that a few preemptions of git make. */
const STEPS = 30_000;
/** Never used up but on a machine that hangs. */
const BUDGET_MS = 100_000;

let sandbox: string;
let explorers: Explorers;
const around = surroundings(catalogue);
const killed: string[] = [];
const skipped: string[] = [];

beforeAll(async () => {
  sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
  explorers = await startExplorers({ catalogue: catalogueUrl, sandbox, serverFor: around.serverFor });
});

afterAll(async () => {
  await explorers.close();
  await around.close();
  rmSync(sandbox, { recursive: true });
  const words = skipped.length === 0 ? '' : `; not run here: ${skipped.join(', ')}`;
  process.stdout.write(`mutants killed: ${killed.length} of ${catalogue.length - skipped.length}${words}\n`);
});

test.concurrent.each(catalogue.map((scenario) => [scenario.id, scenario] as const))('%s', async (id, scenario) => {
  const [[fix, strategy]] = Object.entries(scenario.strategies) as [[string, (typeof scenario.strategies)[string]]];
  if (!(await around.has(id, fix))) {
    skipped.push(id);
    return;
  }
  const exploration = await explorers.examine({
    target: id,
    strategy: fix,
    seed: 1,
    budgetMs: BUDGET_MS,
    steps: STEPS,
  });
  const found = exploration.findings.map((finding) => finding.class);
  const expected = [...truthClasses(strategy.truth), ...(strategy.may ?? [])];
  expect(
    found.filter((kind) => expected.includes(kind)),
    JSON.stringify(exploration, null, 1).slice(0, 2000),
  ).not.toEqual([]);
  killed.push(id);
});
