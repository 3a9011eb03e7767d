/** The fixes, broken: there are enough of them, and they are right as long as nobody comes between. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Execution, Operation } from '../../harness/history/execution.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import { createRoundSandbox } from '../../harness/schedule/sandbox.ts';
import { nowUs } from '../../harness/session/clock.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
import type { PerformTask } from '../../harness/session/protocol.ts';
import { judge } from '../../harness/verdict/verdict.ts';
import { catalogue as fixes } from '../../scenarios/index.ts';
import { catalogue, catalogueUrl, mutants } from './catalogue.ts';

test('every strategy that is said to be SAFE has at least two mutants', () => {
  const mutated = Object.values(mutants).map(({ of, fix }) => `${of.id}/${fix}`);
  const safe = fixes.flatMap(({ id, strategies }) =>
    Object.entries(strategies).flatMap(([name, { truth }]) => (truth === 'SAFE' ? `${id}/${name}` : [])),
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

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    pool = await createPool({ writers: SESSIONS, readers: 0, catalogue: catalogueUrl, sandbox });
  });

  afterAll(async () => {
    await pool.close();
    rmSync(sandbox, { recursive: true });
  });

  /** Each session performs all of its operations before the next one begins; `sessions` are their places in the pool. */
  async function serially(scenario: Scenario, sessions: readonly number[], operations: number): Promise<Execution> {
    const [strategy] = Object.keys(scenario.strategies) as [string];
    const round = await createRoundSandbox(sandbox, scenario, 'shared', SESSIONS);
    const startUs = nowUs();
    const performed: Operation[] = [];
    for (const kind of scenario.finally ? (['write', 'finally'] as const) : (['write'] as const)) {
      for (const index of sessions) {
        const task: PerformTask = {
          type: 'perform',
          target: scenario.id,
          strategy,
          index,
          writers: SESSIONS,
          role: 'writer',
          kind,
          dir: round.resource,
          operations,
          stopFile: round.stopFile,
          startUs,
          beatUs: 0,
          jitterUs: 0,
          seed: 'serial',
        };
        const result = await pool.writers[index]!.perform(task);
        if (result.kind !== 'performed') throw new Error(result.reason);
        performed.push(...result.performed.operations);
      }
    }
    const final = round.snapshot();
    await round.remove();
    const identities = pool.writers.map(({ identity }) => identity);
    const common = { target: scenario.id, strategy, mode: 'shared', seed: 0, round: 0 } as const;
    return { ...common, sessions: identities, operations: performed, final };
  }

  /** What it takes no race to show: these share a path, and whoever comes second finds what the first has left there. */
  const shared: ReadonlySet<string> = new Set(['marker-of-any-session', 'claim-of-another-variable']);

  const orders = [
    ['the first alone, three operations', [0], 3],
    ['the first, then the second', [0, 1], 1],
    ['the second, then the first', [1, 0], 1],
  ] as const;

  test.each(catalogue.map((scenario) => [scenario.id, scenario] as const))('%s', async (id, scenario) => {
    const [strategy] = Object.values(scenario.strategies) as [Scenario['strategies'][string]];
    if ((await missingNeed(strategy.needs ?? [])) !== undefined) return;
    for (const [order, sessions, operations] of orders) {
      const execution = await serially(scenario, sessions, operations);
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
