import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import { safetyOf, type Tier, tiers } from '../../harness/verdict/tier.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { scenario } from '../support/scenario.ts';
import { colliding, unstormed, verdict } from '../support/verdict.ts';

const p1 = scenario({ id: 'state', fix: 'flock' });
const p2 = scenario({ id: 'log', priority: 'P2' });

const of = (each: Scenario, measured: Verdict): Verdict => ({
  ...measured,
  target: each.id,
  priority: each.priority,
});

const lost = colliding({ LAST_WRITER_WINS: 3 });
const fixed = verdict();
const safe = verdict({ strategy: 'rewrite' });

const safety = (scenarios: readonly Scenario[], ...verdicts: readonly Verdict[]) =>
  safetyOf('same-directory', scenarios, verdicts);

describe('a tier', () => {
  test('is Dangerous where a P1 target collides as found, and Safe where its fix holds', () => {
    const { asFound, withFixes, targets } = safety([p1], of(p1, lost), of(p1, fixed));
    expect(asFound).toEqual({
      tier: 'Dangerous',
      causes: [
        {
          target: 'state',
          strategy: 'rewrite',
          tier: 'Dangerous',
          why: 'collides',
          verdict: { mode: 'shared', status: 'COLLIDES', classes: ['LAST_WRITER_WINS'], notProvoked: [] },
        },
      ],
    });
    expect(withFixes).toEqual({ tier: 'Safe', causes: [] });
    expect(targets).toBe(1);
  });

  test('is Risky where a P2 target collides', () => {
    expect(safety([p2], of(p2, lost)).asFound).toMatchObject({ tier: 'Risky', causes: [{ why: 'collides' }] });
  });

  test('counts a target without a fix as it was found', () => {
    expect(safety([p2], of(p2, lost), of(p2, fixed)).withFixes.tier).toBe('Risky');
  });

  test('counts no other strategy: what others might write is not what was found', () => {
    const other = colliding({ TORN_STATE: 1 }, { strategy: 'in-place' });
    expect(safety([p1], of(p1, safe), of(p1, fixed), of(p1, other)).asFound.tier).toBe('Safe');
  });

  test.each([
    ['SKIPPED', unstormed('SKIPPED', 'no jq', { strategy: 'rewrite' })],
    ['INCONCLUSIVE', unstormed('INCONCLUSIVE', 'no round', { strategy: 'rewrite' })],
    ['BROKEN_ALONE', unstormed('BROKEN_ALONE', 'alone', { strategy: 'rewrite' })],
    ['NOT_PROVOKED', verdict({ strategy: 'rewrite', status: 'NOT_PROVOKED', notProvoked: ['STUCK'] })],
    ['VACUOUS', verdict({ strategy: 'rewrite', status: 'VACUOUS' })],
  ] as const)('is Risky and never Safe where a verdict is %s', (status, measured) => {
    expect(safety([p1], of(p1, measured), of(p1, fixed)).asFound).toMatchObject({
      tier: 'Risky',
      causes: [{ why: 'unknown', verdict: { status } }],
    });
  });

  test('is Risky where a run was broken off before a target', () => {
    const { asFound } = safety([p1, p2], of(p1, safe));
    expect(asFound).toEqual({
      tier: 'Risky',
      causes: [{ target: 'log', strategy: 'rewrite', tier: 'Risky', why: 'unknown' }],
    });
  });

  describe('where sessions are apart', () => {
    const marker = scenario({ id: 'marker', fix: 'flock', isolated: ['DOUBLE_CONSUME'] });
    const twice = (strategy: string, mode: Verdict['mode']) =>
      of(marker, colliding({ DOUBLE_CONSUME: 3 }, { strategy, mode }));

    test('is Risky because of what exists to coordinate them, and says what it is for those who need none', () => {
      const { withFixes } = safety([marker], twice('rewrite', 'per-session'), twice('flock', 'per-session'));
      expect(withFixes).toMatchObject({ tier: 'Risky', causes: [{ why: 'apart' }], uncoordinated: 'Safe' });
    });

    test('is Dangerous where anything else is wrong with it, or where they are not apart', () => {
      const torn = of(marker, colliding({ DOUBLE_CONSUME: 3, TORN_STATE: 1 }, { mode: 'per-session' }));
      expect(safety([marker], torn).asFound).toMatchObject({ tier: 'Dangerous', causes: [{ why: 'collides' }] });
      expect(safety([marker], twice('rewrite', 'shared')).asFound.tier).toBe('Dangerous');
    });

    test('says nothing of coordination where it makes no difference', () => {
      const { asFound } = safety([marker, p1], twice('rewrite', 'per-session'), of(p1, lost));
      expect(asFound.tier).toBe('Dangerous');
      expect(asFound).not.toHaveProperty('uncoordinated');
    });
  });
});

const verdicts = fc.constantFrom(
  safe,
  lost,
  verdict({ strategy: 'rewrite', status: 'VACUOUS' }),
  unstormed('SKIPPED', 'no jq', { strategy: 'rewrite' }),
);

const rows = fc.array(fc.tuple(fc.constantFrom('P1', 'P2'), verdicts), { maxLength: 6 }).map((all) =>
  all.map(([priority, measured], at) => {
    const each = scenario({ id: `target-${at}`, priority });
    return { each, measured: of(each, measured) };
  }),
);

const worseness = Object.keys(tiers) as Tier[];

test('one more target never makes a topology safer, and only SAFE targets make it Safe', () => {
  fc.assert(
    fc.property(rows, (all) => {
      const tierOf = (some: typeof all): Tier =>
        safety(
          some.map(({ each }) => each),
          ...some.map(({ measured }) => measured),
        ).asFound.tier;
      const tier = tierOf(all);
      expect(worseness.indexOf(tier)).toBeLessThanOrEqual(worseness.indexOf(tierOf(all.slice(1))));
      expect(tier === 'Safe').toBe(all.every(({ measured }) => measured.status === 'SAFE'));
      const dangerous = all.some(({ each, measured }) => each.priority === 'P1' && measured.status === 'COLLIDES');
      expect(tier === 'Dangerous').toBe(dangerous);
    }),
  );
});
