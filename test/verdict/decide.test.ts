/** The rule by which a verdict is reached: every row of it, and what must hold whatever the evidence is. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OmissionKind, omissions } from '../../harness/history/omission.ts';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import { type Decision, decide, type Evidence, type Expected, table } from '../../harness/verdict/decide.ts';
import { defaultRequirement, type Level, levels, type Requirement, roundsFor } from '../../harness/verdict/level.ts';

const safe: Expected = { truth: 'SAFE', may: [], why: 'it locks' };
const losing: Expected = { truth: ['LAST_WRITER_WINS'], may: ['TORN_STATE'], why: 'B comes between' };

const noStress = { whole: 0, overlapping: 0, alone: 0, failed: 0 };
const rounds = (overlapping: number, failed = 0): Evidence['stress'] => ({
  whole: overlapping,
  overlapping,
  alone: 0,
  failed,
});

const omitted = [{ kind: 'signals', what: 'kill' }] as const;
const all = { kind: 'exhaustive', executions: 6, traces: 6, steps: 12 } as const;
const partial = { kind: 'partial', executions: 300, traces: 300, steps: 40 } as const;
const upTo = (preemptions: number): NonNullable<Evidence['explored']> => ({
  kind: 'bounded',
  preemptions,
  executions: 20,
  traces: 20,
  steps: 40,
});

const evidence = (details: Partial<Evidence> = {}): Evidence => ({
  found: [],
  stress: noStress,
  acknowledged: 12,
  unknown: 0,
  speed: {},
  ...details,
});

interface Line {
  readonly row: string;
  readonly given: Partial<Evidence>;
  readonly expected?: Expected;
  readonly required?: Partial<Requirement> | undefined;
  /** `SAFE (all)`, or the status. */
  readonly says: string;
  readonly reason?: string | RegExp;
  readonly asExpected?: boolean;
}

const lines: readonly Line[] = [
  {
    row: 'settled',
    given: { settled: { status: 'SKIPPED', reason: 'needs Redis' }, explored: all },
    says: 'SKIPPED',
    reason: 'needs Redis',
  },
  {
    row: 'unexpected collision',
    given: { found: ['TORN_STATE'], explored: partial },
    says: 'COLLIDES',
    reason: 'the truth says SAFE, and TORN_STATE was found',
  },
  {
    row: 'unexpected collision',
    given: { found: ['TORN_STATE'], contradiction: 'please report it', explored: partial, doubt: 'a session died' },
    says: 'COLLIDES',
    reason: 'the truth says SAFE, and TORN_STATE was found; please report it',
  },
  {
    row: 'unexpected collision',
    given: { found: ['DOUBLE_CONSUME', 'TORN_STATE'] },
    expected: losing,
    says: 'COLLIDES',
    reason: 'the truth says LAST_WRITER_WINS, and DOUBLE_CONSUME was found',
  },
  {
    row: 'expected collision',
    given: { found: ['LAST_WRITER_WINS'] },
    expected: losing,
    says: 'COLLIDES',
    asExpected: true,
  },
  {
    row: 'expected collision',
    given: { found: ['TORN_STATE'] },
    expected: losing,
    says: 'COLLIDES',
    asExpected: true,
    reason: 'LAST_WRITER_WINS not found',
  },
  {
    row: 'expected collision',
    given: { found: ['LAST_WRITER_WINS'], contradiction: 'please report it' },
    expected: losing,
    says: 'COLLIDES',
    asExpected: true,
    reason: 'please report it',
  },
  {
    row: 'resource never touched',
    given: { explored: { ...all, steps: 0 }, stress: rounds(400) },
    says: 'VACUOUS',
    reason: /ever touched/,
  },
  { row: 'nothing ran', given: {}, says: 'INCONCLUSIVE', reason: 'no round came through: there was no time for any' },
  {
    row: 'nothing ran',
    given: { failure: 'session 1 died', doubt: 'could not be explored', stress: { ...noStress, failed: 3 } },
    says: 'INCONCLUSIVE',
    reason: 'no round came through: session 1 died; could not be explored',
  },
  {
    row: 'never overlapped',
    given: { stress: { ...noStress, whole: 90 } },
    says: 'VACUOUS',
    reason: /never overlapped in 90 rounds/,
  },
  {
    row: 'expected to collide, and all interleavings say otherwise',
    given: { explored: all },
    expected: losing,
    says: 'NOT_PROVOKED',
    reason: /^no interleaving .*: B comes between$/,
  },
  ...[
    { explored: partial },
    { explored: upTo(2) },
    { explored: all, doubt: 'not deterministic' },
    { stress: rounds(400) },
  ].map(
    (given): Line => ({
      row: 'expected to collide, and did not',
      given,
      expected: losing,
      says: 'NOT_PROVOKED',
      asExpected: true,
      reason: /^not provoked; .*: B comes between$/,
    }),
  ),
  ...[
    { explored: all },
    { explored: partial },
    { explored: partial, stress: rounds(1_000), drawn: { executions: 1_000 } },
    { stress: rounds(1_000) },
  ].map(
    (given): Line => ({
      row: 'search broken off',
      given: { ...given, doubt: 'a session died' },
      says: 'INCONCLUSIVE',
      reason: 'a session died',
    }),
  ),
  {
    row: 'rounds failed',
    given: { explored: all, stress: rounds(9, 1), failure: 'session 1 died' },
    says: 'INCONCLUSIVE',
    reason: 'sessions did not come through 1 of 10 rounds: session 1 died',
  },
  {
    row: 'operations failed',
    given: { explored: all, unknown: 2, unknownError: 'EIO' },
    says: 'INCONCLUSIVE',
    reason: '2 operations failed, the first with: EIO',
  },
  {
    row: 'nothing acknowledged',
    given: { explored: all, acknowledged: 0 },
    says: 'INCONCLUSIVE',
    reason: /acknowledged/,
  },
  { row: 'nothing read', given: { explored: all, reads: 0 }, says: 'INCONCLUSIVE', reason: /never read/ },

  { row: 'enough was shown', given: { explored: all }, says: 'SAFE (all)' },
  { row: 'enough was shown', given: { explored: all, reads: 1 }, says: 'SAFE (all)' },
  { row: 'enough was shown', given: { explored: all, stress: rounds(20, 2) }, says: 'SAFE (all)' },
  { row: 'enough was shown', given: { explored: upTo(2) }, says: 'SAFE (bounded)' },
  { row: 'enough was shown', given: { explored: upTo(3), stress: rounds(100) }, says: 'SAFE (bounded)' },
  { row: 'enough was shown', given: { explored: upTo(1), stress: rounds(59) }, says: 'SAFE (sampled)' },
  { row: 'enough was shown', given: { explored: partial, stress: rounds(59) }, says: 'SAFE (sampled)' },
  { row: 'enough was shown', given: { explored: partial, drawn: { executions: 59 } }, says: 'SAFE (sampled)' },
  ...(Object.keys(omissions) as OmissionKind[]).map((kind): Line => {
    const omitted = [{ kind, what: 'an example' }];
    const given = { explored: { ...partial, omitted }, drawn: { executions: 1_000, omitted } };
    return { row: 'too little was shown', given, says: 'INCONCLUSIVE', reason: /--rounds 80/ };
  }),
  { row: 'enough was shown', given: { explored: { ...partial, omitted }, stress: rounds(59) }, says: 'SAFE (sampled)' },
  { row: 'enough was shown', given: { stress: rounds(59) }, says: 'SAFE (sampled)' },
  { row: 'enough was shown', given: { stress: rounds(92, 1) }, says: 'SAFE (sampled)' },
  { row: 'enough was shown', given: { stress: { ...noStress, whole: 5, alone: 5 } }, says: 'SAFE (all)' },
  { row: 'enough was shown', given: { stress: rounds(29) }, required: { maxRate: 0.1 }, says: 'SAFE (sampled)' },
  { row: 'enough was shown', given: { explored: upTo(2) }, required: { level: 'bounded' }, says: 'SAFE (bounded)' },
  { row: 'enough was shown', given: { explored: all }, required: { level: 'bounded' }, says: 'SAFE (all)' },
  { row: 'enough was shown', given: { explored: all }, required: { level: 'all' }, says: 'SAFE (all)' },

  // The serial orders, and a little more.
  { row: 'too little was shown', given: { explored: upTo(0) }, says: 'INCONCLUSIVE', reason: /--rounds 80/ },
  { row: 'too little was shown', given: { explored: upTo(1) }, says: 'INCONCLUSIVE', reason: /--rounds 80/ },
  {
    row: 'too little was shown',
    given: { explored: upTo(1), stress: rounds(58), speed: { roundMs: 100 } },
    says: 'INCONCLUSIVE',
    reason: /^only 20 interleavings and 58 overlapping rounds \(p < 5.1 %\) .*--rounds 65 may be enough$/,
  },
  { row: 'too little was shown', given: { stress: rounds(5) }, says: 'INCONCLUSIVE', reason: /p < 46 %.*--rounds 110/ },
  { row: 'too little was shown', given: { stress: rounds(91, 1) }, says: 'INCONCLUSIVE', reason: /--rounds 130/ },
  {
    row: 'too little was shown',
    given: { explored: partial, drawn: { executions: 58 }, speed: { without: 'stress', executionMs: 100 } },
    says: 'INCONCLUSIVE',
    reason: /^only 300 interleavings and 58 drawn schedules .*--budget 35s or --engine both --rounds 80/,
  },
  // What the gate leaves out is in no schedule that is drawn, either.
  {
    row: 'too little was shown',
    given: { explored: { ...partial, omitted }, drawn: { executions: 200, omitted } },
    says: 'INCONCLUSIVE',
  },
  { row: 'too little was shown', given: { explored: { ...all, omitted } }, says: 'INCONCLUSIVE' },
  { row: 'too little was shown', given: { explored: { ...upTo(2), omitted } }, says: 'INCONCLUSIVE' },
  {
    row: 'too little was shown',
    given: { stress: rounds(59) },
    required: { maxRate: 0.01 },
    says: 'INCONCLUSIVE',
    reason: /below 1 % .*--rounds 320/,
  },
  {
    row: 'too little was shown',
    given: { stress: rounds(400), explored: upTo(1), speed: { executionMs: 10 } },
    required: { level: 'bounded' },
    says: 'INCONCLUSIVE',
    reason: /≤ 2 preemptions is required: about --budget 40s or --steps 80000 would be enough/,
  },
  {
    row: 'too little was shown',
    given: { explored: upTo(2), speed: { executionMs: 10 } },
    required: { level: 'all' },
    says: 'INCONCLUSIVE',
    reason: /^only schedules with ≤ 2 preemptions .*every interleaving is required: at least --budget 20s/,
  },
  {
    row: 'too little was shown',
    given: { explored: { ...all, kind: 'partial', omitted }, stress: rounds(400) },
    required: { level: 'all' },
    says: 'INCONCLUSIVE',
    reason:
      /^every interleaving is required, but this can't be explored: \w.*\); --require sampled is the most that can be reached$/,
  },
  {
    row: 'too little was shown',
    given: { stress: rounds(400) },
    required: { level: 'bounded' },
    says: 'INCONCLUSIVE',
    reason: /only --require sampled can be enough/,
  },
];

describe('the table', () => {
  test.each(lines)('$row: $says, given $given', ({ given, expected = safe, required, says, reason, asExpected }) => {
    const { status, level, ...rest } = decide(evidence(given), expected, { ...defaultRequirement, ...required });
    expect(level === undefined ? status : `${status} (${level})`).toBe(says);
    expect(rest.asExpected).toBe(asExpected ?? status === 'SAFE');
    if (reason instanceof RegExp) expect(rest.reason).toMatch(reason);
    else if (reason !== undefined) expect(rest.reason).toBe(reason);
    if (status === 'SAFE') expect(rest).not.toHaveProperty('reason');
  });

  test('has no row without a line here, and each line is decided by its row', () => {
    expect([...new Set(lines.map(({ row }) => row))]).toEqual(table.map(({ name }) => name));
    for (const { row, given, expected = safe, required } of lines) {
      const decided = decide(evidence(given), expected, { ...defaultRequirement, ...required });
      expect({ row, ...decided }).toEqual({ row, ...decidedBy(row, { given, expected, required }) });
    }
  });
});

/** What the table says without the rows before this one. */
function decidedBy(
  row: string,
  {
    given,
    expected,
    required,
  }: { given: Partial<Evidence>; expected: Expected; required: Line['required'] | undefined },
): Decision {
  const at = table.findIndex(({ name }) => name === row);
  return decide(evidence(given), expected, { ...defaultRequirement, ...required }, table.slice(at));
}

const requirement = fc.record({
  level: fc.constantFrom(...levels),
  maxRate: fc.constantFrom(0.01, 0.05, 0.1, 0.5),
});

const someOmitted = fc.option(fc.constant(omitted), { nil: undefined });

const explored = fc
  .record({
    kind: fc.constantFrom('exhaustive' as const, 'bounded' as const, 'partial' as const),
    preemptions: fc.nat(4),
    executions: fc.integer({ min: 1, max: 2_000 }),
    steps: fc.nat(60),
    omitted: someOmitted,
  })
  .map(({ omitted, preemptions, ...rest }) => ({
    ...rest,
    ...(rest.kind === 'bounded' ? { preemptions } : {}),
    ...(omitted === undefined ? {} : { omitted }),
  }));

const stress = fc
  .record({ overlapping: fc.nat(400), serial: fc.nat(20), alone: fc.constantFrom(0, 0, 0, 3, 8), failed: fc.nat(12) })
  .map(({ overlapping, serial, alone, failed }) => ({
    whole: overlapping + serial + alone,
    overlapping,
    alone,
    failed,
  }));

const drawn = fc
  .record({ executions: fc.nat(400), omitted: someOmitted })
  .map(({ executions, omitted }) => ({ executions, ...(omitted === undefined ? {} : { omitted }) }));

const some: fc.Arbitrary<Evidence> = fc
  .record({
    found: fc.constantFrom<readonly CollisionClass[]>([], [], [], ['TORN_STATE']),
    explored: fc.option(explored, { nil: undefined }),
    doubt: fc.option(fc.constant('a session died'), { nil: undefined, freq: 3 }),
    drawn: fc.option(drawn, { nil: undefined }),
    stress,
    acknowledged: fc.nat(3),
    unknown: fc.constantFrom(0, 0, 0, 1),
    reads: fc.constantFrom(undefined, 0, 3),
    speed: fc.constant({}),
  })
  .map((drawn) => Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)) as never);

const rank = (given: Evidence, required: Requirement): number => {
  const { status, level } = decide(given, safe, required);
  return status === 'SAFE' ? 1 + levels.indexOf(level!) : 0;
};

describe('whatever the evidence is', () => {
  test('SAFE has a level, which is enough, and nothing else has one', () => {
    fc.assert(
      fc.property(some, requirement, (given, required) => {
        const { status, level } = decide(given, safe, required);
        expect(level !== undefined).toBe(status === 'SAFE');
        if (level !== undefined) expect(levels.indexOf(level)).toBeGreaterThanOrEqual(levels.indexOf(required.level));
      }),
    );
  });

  test('a doubt, a collision, or what was left out without a round, is never SAFE', () => {
    fc.assert(
      fc.property(some, requirement, (given, required) => {
        expect(rank({ ...given, doubt: 'a session died' }, required)).toBe(0);
        expect(rank({ ...given, found: ['TORN_STATE'] }, required)).toBe(0);
        if (given.explored === undefined) return;
        expect(
          rank(
            {
              ...given,
              explored: { ...given.explored, omitted },
              stress: noStress,
              drawn: { executions: 400, omitted },
            },
            required,
          ),
        ).toBe(0);
      }),
    );
  });

  test('an answer that is no SAFE says why', () => {
    fc.assert(
      fc.property(some, requirement, (given, required) => {
        const { status, reason } = decide(given, safe, required);
        if (status !== 'SAFE') expect(reason).not.toBe('');
        if (status === 'INCONCLUSIVE' || status === 'VACUOUS') expect(reason).toMatch(/\w/);
      }),
    );
  });

  const weaker: Readonly<Record<string, (given: Evidence) => Evidence>> = {
    'fewer rounds': (given) => ({
      ...given,
      stress: {
        ...given.stress,
        whole: given.stress.whole - Math.ceil(given.stress.overlapping / 2),
        overlapping: Math.floor(given.stress.overlapping / 2),
      },
    }),
    'more rounds that failed': (given) => ({ ...given, stress: { ...given.stress, failed: given.stress.failed + 1 } }),
    'fewer drawn schedules': ({ drawn, ...given }) =>
      drawn === undefined ? given : { ...given, drawn: { ...drawn, executions: Math.floor(drawn.executions / 2) } },
    'no drawn schedules': ({ drawn: _, ...given }) => given,
    'fewer preemptions': (given) =>
      given.explored?.kind === 'bounded'
        ? { ...given, explored: { ...given.explored, preemptions: given.explored.preemptions! - 1 } }
        : given,
    'some interleavings instead of all': (given) =>
      given.explored === undefined ? given : { ...given, explored: { ...given.explored, kind: 'partial' } },
    'something left out': (given) =>
      given.explored === undefined ? given : { ...given, explored: { ...given.explored, omitted } },
    'a doubt': (given) => ({ ...given, doubt: 'not deterministic' }),
    'nothing acknowledged': (given) => ({ ...given, acknowledged: 0 }),
    'nothing read': (given) => ({ ...given, reads: 0 }),
  };

  test.each(Object.entries(weaker))('%s never make a better verdict', (_, weaken) => {
    fc.assert(
      fc.property(some, requirement, (given, required) => {
        expect(rank(weaken(given), required)).toBeLessThanOrEqual(rank(given, required));
      }),
    );
  });

  test('what is enough for more is enough for less', () => {
    fc.assert(
      fc.property(some, fc.constantFrom(0.01, 0.05), (given, maxRate) => {
        const ranks = levels.map((level: Level) => rank(given, { level, maxRate }));
        for (const [at, rank] of ranks.entries())
          if (rank > 0) expect(ranks.slice(0, at)).toEqual(Array(at).fill(rank));
      }),
    );
  });
});

test.each([
  [0.05, 0, 59],
  [0.05, 1, 93],
  [0.1, 0, 29],
  [0.01, 0, 299],
  [0.5, 0, 5],
])('a bound below %d takes, where %d rounds failed, %d', (maxRate, failed, rounds) => {
  expect(roundsFor(maxRate, failed)).toBe(rounds);
});
