import { describe, expect, test } from 'vitest';
import { ledgerEntries } from '../../harness/report/ledger.ts';
import type { AuditStatus, Scenario } from '../../harness/scenario/scenario.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { scenario, strategy } from '../support/scenario.ts';
import {
  colliding,
  explored,
  foundByChoice,
  probed,
  results,
  stormed,
  unstormed,
  verdict,
} from '../support/verdict.ts';

const asFound = colliding({ LAST_WRITER_WINS: 120 });
const fixed = verdict();

/** The entry of one scenario, whose writer as found is `rewrite` and whose fix is `flock`. */
const entryOf = (verdicts: readonly Verdict[], details: Partial<Scenario> = {}) =>
  ledgerEntries([scenario({ fix: 'flock', ...details })], results(verdicts))[0]!;

describe('an entry of the ledger', () => {
  test('says what the writer does as found, what the fix does, and what else there is', () => {
    const strategies = { ...scenario().strategies, link: strategy() };
    const link = verdict({ strategy: 'link' });
    expect(entryOf([asFound, fixed, link], { strategies, deferred: { lease: 'needs a database' } })).toEqual({
      target: 'ledger',
      priority: 'P1',
      source: 'P1-1',
      resource: 'a ledger',
      writer: 'every session',
      pattern: 'reads and rewrites',
      before: {
        strategy: 'rewrite',
        verdict: 'LAST_WRITER_WINS',
        strength: 'storm',
        evidence: '100 of 400 rounds; 120 of 1000 updates lost; LAST_WRITER_WINS of s0.1',
      },
      after: { strategy: 'flock', verdict: 'SAFE', strength: 'storm', evidence: '0 of 400 rounds, p < 0.75 %' },
      others: [{ strategy: 'link', verdict: 'SAFE', strength: 'storm', evidence: '0 of 400 rounds, p < 0.75 %' }],
      status: 'APPLIED-flock',
      audit: null,
      contradicted: null,
      deferred: { lease: 'needs a database' },
      blocked: [
        { strategy: 'lease', what: 'strategy', because: 'needs a database', until: 'a version that can run it' },
      ],
    });
  });

  test('has the reason for evidence where nothing was stormed', () => {
    expect(entryOf([unstormed('SKIPPED', 'needs jq', { strategy: 'rewrite' })]).before).toEqual({
      strategy: 'rewrite',
      verdict: 'SKIPPED',
      strength: 'none',
      evidence: 'needs jq',
      reason: 'needs jq',
    });
  });

  test('has the witness for evidence, to be replayed, where a schedule was chosen', () => {
    const safe = verdict({ strength: { explored: explored(), probed: probed() } });
    const { before, after } = entryOf([foundByChoice('LAST_WRITER_WINS'), safe]);
    expect(before).toMatchObject({
      strength: 'witness',
      evidence: '2 interleavings; LAST_WRITER_WINS of s0.1',
      replay: 'ledger/rewrite:2:0@open:state.json,1',
    });
    expect(after?.strength).toBe('exhaustive');
    expect(after?.evidence).toBe('all 6 interleavings of 3 sessions; PCT d=3, 200 schedules of 5 sessions, p ≥ 4.3 %');
  });

  test('has both for evidence where it was stormed as well, the message once', () => {
    const found = foundByChoice('LAST_WRITER_WINS');
    const strength = { ...found.strength, ...stormed(400, 0, 0) };
    expect(entryOf([{ ...found, strength }]).before.evidence).toBe(
      '2 interleavings; 0 of 400 rounds, p < 0.75 %; LAST_WRITER_WINS under a chosen schedule only; ' +
        'LAST_WRITER_WINS of s0.1',
    );
  });

  test('has no fix where the writer needs none', () => {
    const { before, after, others } = entryOf([verdict({ strategy: 'rewrite' }), fixed]);
    expect(before.verdict).toBe('SAFE');
    expect(after).toBeNull();
    expect(others.map((other) => other.strategy)).toEqual(['flock']);
  });

  test('has the measure for evidence, and no reason, where there is one', () => {
    const reason = 'not provoked';
    expect(entryOf([verdict({ strategy: 'rewrite', status: 'NOT_PROVOKED', reason })]).before.evidence).toBe(
      '0 of 400 rounds, p < 0.75 %',
    );
  });

  test('is about the first strategy of the scenario, whichever was run first', () => {
    expect(entryOf([fixed, asFound])).toEqual(entryOf([asFound, fixed]));
  });

  test('is there for targets of the run, in the order of the catalogue', () => {
    const catalogue = ['c', 'a', 'b'].map((id) => scenario({ id }));
    const run = results([
      { ...asFound, target: 'a' },
      { ...asFound, target: 'c' },
    ]);
    expect(ledgerEntries(catalogue, run).map(({ target }) => target)).toEqual(['c', 'a']);
  });

  test('is of the shared copy, not of private ones', () => {
    const isolated = verdict({ strategy: 'rewrite', mode: 'per-session' });
    expect(ledgerEntries([scenario()], results([isolated]))).toEqual([]);
    expect(entryOf([isolated, asFound]).before.verdict).toBe('LAST_WRITER_WINS');
  });
});

describe('the status', () => {
  const safe = verdict({ strategy: 'rewrite' });
  const notProvoked = verdict({ strategy: 'rewrite', status: 'NOT_PROVOKED', notProvoked: ['LAST_WRITER_WINS'] });
  const vacuous = verdict({ strategy: 'rewrite', status: 'VACUOUS' });
  const alone = (status: 'SKIPPED' | 'BROKEN_ALONE' | 'INCONCLUSIVE') =>
    unstormed(status, 'why', { strategy: 'rewrite' });
  const notFixed = colliding({ TORN_STATE: 1 }, { strategy: 'flock' });
  const p2 = { priority: 'P2' } as const;

  test.each<[string, string, readonly Verdict[], Partial<Scenario>]>([
    ['VERIFIED', 'the writer as found is SAFE', [safe], {}],
    ['VERIFIED', 'so is that of a P2 target', [safe], p2],
    ['APPLIED-flock', 'it collides and the fix is SAFE', [asFound, fixed], {}],
    ['PROMOTED', 'that of a P2 target collides', [asFound], p2],
    ['PROMOTED', 'that of a P2 target collides and the fix is SAFE', [asFound, fixed], p2],
    ['DEFERRED-flock-not-shown', 'it collides and so does the fix', [asFound, notFixed], {}],
    ['DEFERRED-flock-not-shown', 'it collides and the fix was skipped', [asFound, unstormed('SKIPPED', 'why')], {}],
    ['DEFERRED-flock-not-shown', 'it collides and the fix was not run', [asFound], {}],
    ['DEFERRED-no-fix', 'it collides and there is no fix', [asFound, fixed], { fix: undefined as never }],
    ['DEFERRED-not-provoked', 'the collision was not shown', [notProvoked, fixed], {}],
    ['DEFERRED-not-provoked', 'that of a P2 target was not shown either', [notProvoked], p2],
    ['DEFERRED-vacuous', 'nothing overlapped', [vacuous, fixed], {}],
    ['DEFERRED-skipped', 'it can not be run here', [alone('SKIPPED'), fixed], {}],
    ['DEFERRED-broken-alone', 'it is broken alone', [alone('BROKEN_ALONE'), fixed], {}],
    ['DEFERRED-inconclusive', 'no round came through', [alone('INCONCLUSIVE'), fixed], {}],
  ])('is %s where %s', (status, _, verdicts, details) => {
    expect(entryOf(verdicts, details).status).toBe(status);
  });
});

describe("the audit's claim", () => {
  const audit = 'low';

  test('is contradicted where the writer as found collides, expected or not', () => {
    expect(entryOf([asFound], { audit }).contradicted).toBe(true);
    expect(entryOf([colliding({ TORN_LINES: 1 }, { truth: 'SAFE', asExpected: false })], { audit }).contradicted).toBe(
      true,
    );
  });

  test('is not contradicted where the writer as found is SAFE', () => {
    expect(entryOf([verdict({ strategy: 'rewrite' })], { audit }).contradicted).toBe(false);
  });

  test('is neither where the collision was not provoked, or the writer not run', () => {
    const truth = ['LAST_WRITER_WINS'] as const;
    const notProvoked = verdict({ strategy: 'rewrite', status: 'NOT_PROVOKED', truth, notProvoked: truth });
    expect(entryOf([notProvoked], { audit }).contradicted).toBeNull();
    expect(entryOf([unstormed('SKIPPED', 'no jq', { strategy: 'rewrite', truth })], { audit }).contradicted).toBeNull();
  });

  test('is neither where the audit says nothing', () => {
    expect(entryOf([asFound])).toMatchObject({ audit: null, contradicted: null });
    expect(entryOf([verdict({ strategy: 'rewrite' })])).toMatchObject({ audit: null, contradicted: null });
  });
});

describe("the audit's claim of a fix", () => {
  const safe = verdict({ strategy: 'rewrite' });
  const notFixed = colliding({ TORN_STATE: 1 }, { strategy: 'flock' });
  const notProvoked = verdict({ strategy: 'rewrite', status: 'NOT_PROVOKED', notProvoked: ['LAST_WRITER_WINS'] });

  test.each<[AuditStatus, string, readonly Verdict[], boolean | null]>([
    ['fix deferred', 'the writer as found collides', [asFound], false],
    ['fix deferred', 'it is SAFE', [safe], true],
    ['fix deferred', 'it was not provoked', [notProvoked], null],
    ['fix applied', 'it collides, and the fix is SAFE', [asFound, fixed], false],
    ['fix applied', 'it collides, and so does the fix', [asFound, notFixed], true],
    ['fix applied', 'it is SAFE', [safe, fixed], true],
    ['fix applied', 'it collides, and the fix was not run', [asFound], null],
    ['fix applied', 'it collides, and the fix was skipped', [asFound, unstormed('SKIPPED', 'no jq')], null],
    ['fix applied', 'it was not provoked, and the fix is SAFE', [notProvoked, fixed], null],
  ])('%s: where %s', (audit, _, verdicts, contradicted) => {
    expect(entryOf(verdicts, { audit }).contradicted).toBe(contradicted);
  });

  test('fix applied: where the fix is the writer as found, that alone counts', () => {
    const details = { audit: 'fix applied', fix: 'rewrite' } as const;
    expect(entryOf([safe], details).contradicted).toBe(false);
    expect(entryOf([asFound], details).contradicted).toBe(true);
    expect(entryOf([notProvoked], details).contradicted).toBeNull();
  });
});

describe('what blocks it', () => {
  const asFoundIs = (status: 'SKIPPED' | 'INCONCLUSIVE') => unstormed(status, 'needs jq', { strategy: 'rewrite' });
  const notFixed = colliding({ TORN_STATE: 1 }, { strategy: 'flock' });

  test.each<[string, readonly Verdict[], Partial<Scenario>, readonly string[]]>([
    ['a component', [asFoundIs('SKIPPED'), fixed], {}, ['rewrite', 'target', 'needs jq', 'collide doctor']],
    ['time', [asFoundIs('INCONCLUSIVE')], {}, ['rewrite', 'target', 'needs jq', '--targets ledger --budget 5m']],
    ['no fix', [asFound], { fix: undefined as never }, ['rewrite', 'target', 'no fix is known', 'measured SAFE']],
    ['its fix', [asFound, notFixed], {}, ['flock', 'target', 'the fix collides: TORN_STATE', 'measured SAFE']],
    ['no fix of what was promoted', [asFound], { priority: 'P2', fix: undefined as never }, ['no fix is known']],
    [
      'time for another strategy',
      [asFound, fixed, verdict({ strategy: 'sh', status: 'VACUOUS', reason: 'nothing overlapped' })],
      {},
      ['sh', 'strategy', 'nothing overlapped', 'sessions that overlap'],
    ],
    ['the targets of the run', [asFound], {}, ['flock', 'target', 'not part of the run', '--targets ledger']],
    [
      'a component of another strategy',
      [asFound, fixed, unstormed('SKIPPED', 'no dash', { strategy: 'sh' })],
      {},
      ['sh', 'strategy', 'no dash', 'collide doctor'],
    ],
  ])('can be %s', (_, verdicts, details, words) => {
    const { blocked } = entryOf(verdicts, details);
    expect(blocked).toHaveLength(1);
    for (const word of words) expect(Object.values(blocked[0]!).join('|')).toContain(word);
  });

  test('is nothing where all is settled', () => {
    expect(entryOf([asFound, fixed]).blocked).toEqual([]);
  });
});

test.each([
  ['SKIPPED', unstormed('SKIPPED', 'no jq', { strategy: 'rewrite', truth: 'SAFE' })],
  ['INCONCLUSIVE', unstormed('INCONCLUSIVE', 'all died', { strategy: 'rewrite' })],
  ['VACUOUS', verdict({ strategy: 'rewrite', status: 'VACUOUS' })],
] as const)('a target that is %s neither clears nor contradicts the audit', (_, shown) => {
  expect(ledgerEntries([scenario({ audit: 'low' })], results([shown]))[0]?.contradicted).toBeNull();
});

test('a fix that is the writer as found is no other writer', () => {
  const [entry] = ledgerEntries([scenario({ fix: 'rewrite' })], results([colliding({ TORN_LINES: 1 })]));
  expect(entry?.after).toBeNull();
});
