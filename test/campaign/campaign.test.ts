import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCampaign } from '../../harness/campaign/campaign.ts';
import type { CampaignOptions } from '../../harness/campaign/options.ts';
import type { Progress } from '../../harness/campaign/progress.ts';
import type { Scenario, Strategy } from '../../harness/scenario/scenario.ts';
import type { Topology } from '../../harness/scenario/topology.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { broken, catalogueUrl, misbehaving, wellBehaved } from '../support/catalogue.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const options = (overrides: Partial<CampaignOptions>): CampaignOptions => ({
  engine: 'storm',
  scenarios: [wellBehaved],
  catalogue: catalogueUrl,
  writers: 2,
  modes: ['shared'],
  seed: 1,
  rounds: 30,
  budgetMs: 600_000,
  dir,
  ...overrides,
});

const never = new AbortController().signal;
const ignore = (): void => {};
const byStrategy = (verdicts: readonly Verdict[]): Record<string, Verdict> =>
  Object.fromEntries(verdicts.map((verdict) => [verdict.strategy, verdict]));

test('every strategy gets the verdict that it earned', async () => {
  const { verdicts, interrupted, rounds } = await runCampaign(options({ rounds: 100 }), never, ignore);
  const { together, contaminated, refusing, 'not-provoked': notProvoked } = byStrategy(verdicts);
  expect(together).toMatchObject({
    status: 'SAFE',
    asExpected: true,
    level: 'sampled',
    counts: { acknowledged: 400, refused: 0 },
  });
  expect(contaminated).toMatchObject({ status: 'COLLIDES', classes: ['CONTAMINATED'], asExpected: true });
  expect(contaminated!.findings[0]).toMatchObject({ rounds: 100, count: 400 });
  expect(refusing!.counts).toMatchObject({ acknowledged: 200, refused: 200 });
  expect(notProvoked!.notProvoked).toEqual(['LAST_WRITER_WINS']);
  expect([interrupted, rounds]).toEqual([false, 500]);
});

test('a writer that fails alone is broken, not racing; what can not be run is skipped; a wrong truth is unexpected', async () => {
  const { verdicts } = await runCampaign(options({ scenarios: [broken], rounds: 3 }), never, ignore);
  const { alone, 'truth-is-wrong': wrong, 'needs-what-nobody-has': skipped } = byStrategy(verdicts);
  expect(alone).toMatchObject({ status: 'BROKEN_ALONE', asExpected: false });
  expect(alone!.reason).toContain('LAST_WRITER_WINS');
  expect(wrong).toMatchObject({ status: 'COLLIDES', asExpected: false });
  expect(wrong!.classes).toContain('TORN_LINES');
  expect(wrong!.reason).toMatch(/^the truth says SAFE, and .*TORN_LINES was found$/);
  expect(skipped).toMatchObject({ status: 'SKIPPED', reason: 'needs no-such-program, which is not on PATH' });
});

test('with private copies the contamination that sessions see is judged apart', async () => {
  const { verdicts } = await runCampaign(options({ modes: ['shared', 'per-session'], rounds: 2 }), never, ignore);
  expect(verdicts.map(({ strategy, mode }) => `${strategy} ${mode}`).slice(0, 2)).toEqual([
    'together shared',
    'together per-session',
  ]);
  expect(verdicts.find(({ strategy, mode }) => strategy === 'append' && mode === 'per-session')!.truth).toBe('SAFE');
});

test('what a server can not be had for is skipped with the reason, and the rest is judged', async () => {
  const { append, together } = wellBehaved.strategies as Record<string, Strategy>;
  const start = (): Promise<never> => Promise.reject(new Error('needs Oracle: none on PATH'));
  const strategies = { append: append!, together: { ...together!, server: { name: 'Oracle', start } } };
  const scenarios = [{ ...wellBehaved, strategies }];
  const { verdicts } = await runCampaign(options({ scenarios, rounds: 2 }), never, ignore);
  const { append: judged, together: skipped } = byStrategy(verdicts);
  expect(skipped).toMatchObject({ status: 'SKIPPED', reason: 'needs Oracle: none on PATH' });
  expect(judged!.counts.acknowledged).toBeGreaterThan(0);
});

test('there are as many sessions as any row takes, whichever comes first', async () => {
  const { append, together } = wellBehaved.strategies as Record<string, Strategy>;
  const scenarios = [
    { ...wellBehaved, strategies: { append: append! }, writersMax: 2 },
    { ...wellBehaved, strategies: { together: together! } },
  ];
  const { verdicts } = await runCampaign(options({ scenarios, writers: 3, rounds: 2 }), never, ignore);
  expect(verdicts.map(({ writers, counts }) => [writers, counts.acknowledged])).toEqual([
    [2, 8],
    [3, 12],
  ]);
});

test('another product that speaks the protocol of a server is judged by what is true of it', async () => {
  const { contaminated } = wellBehaved.strategies as Record<string, Strategy>;
  const running = { address: 'nowhere', listens: [], product: 'Other', stop: async () => {} };
  const strategy: Strategy = {
    ...contaminated!,
    truth: 'SAFE',
    server: { name: 'Named', start: async () => running },
    onProduct: { Other: { truth: contaminated!.truth, why: 'it is not the same' } },
  };
  const scenarios = [{ ...wellBehaved, strategies: { contaminated: strategy } }];
  const { verdicts } = await runCampaign(options({ scenarios, rounds: 2 }), never, ignore);
  expect(verdicts).toMatchObject([{ product: 'Other', status: 'COLLIDES', truth: ['CONTAMINATED'], asExpected: true }]);
});

test('a topology says of each target how sessions have it', async () => {
  const of = (details: Partial<Scenario>): Scenario => ({ ...wellBehaved, ...details });
  const run = async (topology: Topology, scenario: Scenario) =>
    byStrategy((await runCampaign(options({ scenarios: [scenario], topology, rounds: 6 }), never, ignore)).verdicts);
  const hooked = of({ touchedBy: 'sessions with hooks' });
  const { contaminated, 'not-provoked': lone } = await run('with-vanilla', hooked);
  expect(lone).toMatchObject({ mode: 'alone', writers: 1, status: 'SAFE', truth: 'SAFE', strength: { alone: 6 } });
  expect(contaminated).toMatchObject({ mode: 'alone', status: 'SAFE', counts: { acknowledged: 12 } });
  expect((await run('two-directories', hooked)).append).toMatchObject({ mode: 'per-session', writers: 2 });
  expect((await run('two-directories', of({ place: 'home' }))).contaminated).toMatchObject({
    mode: 'shared',
    status: 'COLLIDES',
  });
});

test('a strategy whose sessions always die is inconclusive, and the rows after it are judged', async () => {
  const scenarios = [
    { ...misbehaving, strategies: { 'first-session-dies': misbehaving.strategies['first-session-dies']! } },
    wellBehaved,
  ];
  const { verdicts, sessionsReplaced } = await runCampaign(options({ scenarios, rounds: 2 }), never, ignore);
  expect(verdicts[0]).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false });
  expect(verdicts[0]!.reason).toMatch(/no round came through: session 1 \(pid \d+\) died/);
  expect(sessionsReplaced).toBeGreaterThanOrEqual(2);
  expect(verdicts).toHaveLength(1 + Object.keys(wellBehaved.strategies).length);
});

describe.runIf(process.platform === 'linux')('interleavings', () => {
  const of = (scenario: Scenario, ...names: readonly string[]): Scenario => ({
    ...scenario,
    strategies: Object.fromEntries(names.map((name) => [name, scenario.strategies[name]!])),
  });
  const scenarios = [of(wellBehaved, 'append', 'contaminated', 'not-provoked'), broken];

  test('are explored without a storm', async () => {
    const result = await runCampaign(options({ engine: 'explore', scenarios, writers: 3 }), never, ignore);
    const { append, contaminated, 'not-provoked': refuted, alone, ...others } = byStrategy(result.verdicts);
    expect(append).toMatchObject({ status: 'SAFE', asExpected: true });
    expect(append!.strength).toMatchObject({ explored: { kind: 'exhaustive', traces: 2 }, probed: { sessions: 3 } });
    expect(contaminated).toMatchObject({ status: 'COLLIDES', asExpected: true });
    expect(contaminated!.findings[0]!.replay).toMatch(/^well-behaved\/contaminated:2:/);
    expect(refuted).toMatchObject({ status: 'NOT_PROVOKED', asExpected: false });
    expect(alone).toMatchObject({ status: 'BROKEN_ALONE', asExpected: false });
    expect(alone!.reason).toMatch(/^even with one session: LAST_WRITER_WINS, /);
    expect(others['truth-is-wrong']).toMatchObject({ status: 'COLLIDES', asExpected: false });
    expect(others['needs-what-nobody-has']).toMatchObject({ status: 'SKIPPED' });
    expect(result.verdicts.some(({ strength }) => strength?.stormed !== undefined)).toBe(false);
    expect(result.rounds).toBe(0);
    expect(result.executions).toBeGreaterThan(200);
    expect(readdirSync(dir)).toEqual([]);
  });

  test('are explored first, and stormed then: the witness is that of exploration, the rate that of the storm', async () => {
    const { strategies } = of(wellBehaved, 'append', 'contaminated', 'not-provoked');
    const served = { ...wellBehaved, strategies: { ...strategies, together: servedOnce('together') } };
    const result = await runCampaign(
      options({ engine: 'both', scenarios: [served, broken], rounds: 4 }),
      never,
      ignore,
    );
    const { append, contaminated, together } = byStrategy(result.verdicts);
    expect(append).toMatchObject({ status: 'SAFE', strength: { explored: { kind: 'exhaustive' } } });
    expect(contaminated!.strength).toMatchObject({ explored: { sessions: 2 }, stormed: { rounds: 4, collided: 4 } });
    expect(contaminated!.findings).toMatchObject([{ rounds: 4, count: 16, replay: expect.any(String) }]);
    expect(together!.strength).toEqual({ stormed: expect.objectContaining({ rounds: 4 }) });
    expect(together!.reason).toContain('could not be explored: there is only one');
    expect(result.rounds).toBe(5 * 4); // neither what is broken alone nor what is skipped
    expect(result).not.toHaveProperty('noGate');
  });

  /** A server that the storm has, and exploration has not. */
  function servedOnce(name: string): Strategy {
    let started = 0;
    const running = { address: 'nowhere', listens: [], stop: async () => {} };
    const start = async () => {
      if (started++ > 0) throw new Error('there is only one');
      return running;
    };
    return { ...wellBehaved.strategies[name]!, server: { name: 'Rare', start } };
  }

  test('that can not be chosen are left to the storm, and skipped where there is none', async () => {
    const { append } = wellBehaved.strategies as Record<string, Strategy>;
    const strategies = { append: { ...append!, unexplored: 'nobody can' } };
    const run = (engine: 'both' | 'explore') =>
      runCampaign(options({ engine, scenarios: [{ ...wellBehaved, strategies }], rounds: 3 }), never, ignore);
    const both = await run('both');
    expect(both.verdicts.map(({ strength = {} }) => Object.keys(strength))).toEqual([['stormed']]);
    expect((await run('explore')).verdicts).toMatchObject([
      { status: 'SKIPPED', reason: "can't be explored, only stormed: nobody can" },
    ]);
  });

  test.each(['explore', 'both'] as const)('leave nothing behind where %s is interrupted', async (engine) => {
    const interrupt = new AbortController();
    const watch = (progress: Progress): void => {
      if (progress.type === 'exploring') interrupt.abort();
    };
    const result = await runCampaign(options({ engine, scenarios }), interrupt.signal, watch);
    expect(result).toMatchObject({ interrupted: true, rounds: 0 });
    expect(readdirSync(dir)).toEqual([]);
  });
});

test('an interrupted campaign keeps the verdicts it has, and leaves no directory', async () => {
  const interrupt = new AbortController();
  const watch = (progress: Progress): void => {
    if (progress.type === 'verdict') interrupt.abort();
  };
  const { verdicts, interrupted } = await runCampaign(options({ rounds: 3 }), interrupt.signal, watch);
  expect(interrupted).toBe(true);
  expect(verdicts).toHaveLength(1);
  expect(readdirSync(dir)).toEqual([]);
});

test('a campaign that fails leaves no directory', async () => {
  const failing = runCampaign(options({ catalogue: 'file:///no/such/catalogue.js' }), never, ignore);
  await expect(failing).rejects.toThrow('the sessions could not be started');
  expect(readdirSync(dir)).toEqual([]);
});
