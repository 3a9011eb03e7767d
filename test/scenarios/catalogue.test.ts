/** The catalogue as a whole: what it must hold, and that serial executions are never accused of what takes a race. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Execution } from '../../harness/history/execution.ts';
import { collisionClasses } from '../../harness/oracle/finding.ts';
import { type Scenario, truthClasses } from '../../harness/scenario/scenario.ts';
import { serially } from '../../harness/schedule/serially.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
import { judge } from '../../harness/verdict/verdict.ts';
import { catalogue } from '../../scenarios/index.ts';
import { surroundings } from '../support/servers.ts';

const strategies = catalogue.flatMap((scenario) =>
  Object.entries(scenario.strategies).map(([name, strategy]) => ({ scenario, name, strategy })),
);

test('ids are unique, and P1 comes before P2', () => {
  expect(new Set(catalogue.map(({ id }) => id)).size).toBe(catalogue.length);
  expect(catalogue.every(({ id }) => /^[a-z]+(-[a-z]+)*$/.test(id))).toBe(true);
  const priorities = catalogue.map(({ priority }) => priority);
  expect(priorities).toEqual(priorities.toSorted());
});

test('every fix that is recommended is a strategy that is known to hold', () => {
  const wrong = catalogue.filter(({ fix, strategies }) => fix !== undefined && strategies[fix]?.truth !== 'SAFE');
  expect(wrong.map(({ id }) => id)).toEqual([]);
});

test('every strategy says what it does and why it collides or holds, in known classes', () => {
  const wrong = strategies.filter(({ strategy: { does, why, truth, may = [] } }) => {
    const known = [...truthClasses(truth), ...may].every((kind) => kind in collisionClasses);
    return does === '' || why === '' || !known || (truth !== 'SAFE' && truth.length === 0);
  });
  expect(wrong.map(({ scenario, name }) => `${scenario.id}/${name}`)).toEqual([]);
});

test('every strategy that is SAFE says what it costs, in a sentence', () => {
  const wrong = strategies.filter(
    ({ strategy: { truth, cost = '' } }) => truth === 'SAFE' && !/^[A-Z].*\.$/.test(cost),
  );
  expect(wrong.map(({ scenario, name }) => `${scenario.id}/${name}`)).toEqual([]);
});

test("every row of the reference audit has the audit's own status, and nothing else has", () => {
  const wrong = catalogue.filter(({ source, audit }) => /^P[12]-\d+$/.test(source) !== (audit !== undefined));
  expect(wrong.map(({ id }) => id)).toEqual([]);
  const p2 = catalogue.filter(({ priority, audit }) => priority === 'P2' && audit !== undefined);
  expect(p2.filter(({ audit }) => !audit?.startsWith('low')).map(({ id }) => id)).toEqual([]);
});

test('every script of a strategy is there', () => {
  const scripts = strategies.flatMap(({ strategy: { perform } }) =>
    typeof perform === 'function' ? [] : perform.script,
  );
  expect(scripts.filter((script) => !existsSync(script))).toEqual([]);
});

describe('three sessions, one after another', () => {
  const SESSIONS = 3;
  let sandbox: string;
  let pool: SessionPool;
  const around = surroundings(catalogue);

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    const url = new URL('../../scenarios/index.ts', import.meta.url).href;
    pool = await createPool({ writers: SESSIONS, readers: 0, catalogue: url, sandbox });
  });

  afterAll(async () => {
    await pool.close();
    await around.close();
    rmSync(sandbox, { recursive: true });
  });

  async function inOrder(scenario: Scenario, strategy: string): Promise<Execution> {
    const writers = Math.min(SESSIONS, scenario.writersMax ?? SESSIONS);
    const after = await serially(pool, {
      scenario,
      strategy,
      sessions: Array.from({ length: writers }, (_, index) => index),
      writers,
      operations: scenario.strategies[strategy]!.operations ?? scenario.operations ?? 3,
      sandbox,
      server: await around.serverFor(scenario.id, strategy, 'test'),
    });
    return after.at(-1)!;
  }

  test.each(strategies.map(({ scenario, name }) => [scenario.id, name] as const))('%s/%s', async (id, name) => {
    const { scenario, strategy } = strategies.find((each) => each.scenario.id === id && each.name === name)!;
    if (!(await around.has(id, name))) return;
    const execution = await inOrder(scenario, name);
    const classes = judge(scenario, execution).map((finding) => finding.class);
    const allowed = [...truthClasses(strategy.truth), ...(strategy.may ?? [])].filter((kind) => !takesARace.has(kind));
    expect(classes.filter((kind) => !allowed.includes(kind))).toEqual([]);
    expect(execution.operations.filter(({ outcome }) => outcome === 'unknown')).toEqual([]);
    expect(execution.operations.some(({ outcome }) => outcome === 'ok')).toBe(true);
  });

  /** Without concurrency, nothing is torn, granted twice or forked, whoever writes it. */
  const takesARace: ReadonlySet<string> = new Set([
    'TORN_LINES',
    'TORN_STATE',
    'DOUBLE_CONSUME',
    'DUPLICATE_ENTRY',
    'FORKED_CHAIN',
  ]);

  test('two sessions that share their state both see 57.2 % and hand off, though their own are 14.7 % and 42.5 %', async () => {
    const scenario = catalogue.find(({ id }) => id === 'session-state')!;
    const shared = await inOrder(scenario, 'shared');
    const seen = shared.operations.filter(({ kind }) => kind === 'finally').map(({ output }) => output);
    const both = { messages: 50, tokens: 114_414, pressure: 57.2, level: 'HIGH', handOff: true };
    expect(seen).toEqual([both, both]);
    const apart = await inOrder(scenario, 'session-dir');
    expect(apart.operations.filter(({ kind }) => kind === 'finally').map(({ output }) => output)).toEqual([
      { messages: 8, tokens: 29_414, pressure: 14.7, level: 'NORMAL', handOff: false },
      { messages: 42, tokens: 85_000, pressure: 42.5, level: 'ELEVATED', handOff: false },
    ]);
  });
});
