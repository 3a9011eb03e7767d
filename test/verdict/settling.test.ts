/** What is proposed where too little was shown: whoever follows it gets a verdict, and it is never what was given already. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../harness/limits.ts';
import type { Evidence, Speed } from '../../harness/verdict/decide.ts';
import { levelOf, type Requirement } from '../../harness/verdict/level.ts';
import { type Given, type Remedy, remedies } from '../../harness/verdict/remedy.ts';
import { settling } from '../../harness/verdict/settling.ts';

const DAY_MS = 24 * 3_600_000;
const START_MS = 5_000;

const given = (details: Partial<Given> = {}): Given => ({
  budgetMs: DAY_MS,
  usualBudget: false,
  rows: 1,
  shards: 1,
  ...details,
});

const of = (overlapping: number, whole = overlapping, failed = 0): Evidence['stress'] => ({
  ...{ whole, overlapping, failed },
  alone: 0,
});

const none = of(0);
const partial = { kind: 'partial', executions: 300, traces: 300, steps: 40 } as const;
const omitted = [{ kind: 'signals', what: 'kill' }] as const;
const storm = (roundMs: number): Speed => ({ roundMs, without: 'exploration' });
const explore = (executionMs: number): Speed => ({ executionMs, without: 'stress' });

const evidenceOf = (details: Partial<Evidence>): Evidence => ({
  found: [],
  stress: none,
  acknowledged: 12,
  unknown: 0,
  speed: {},
  ...details,
});

interface Line {
  readonly shown: Partial<Evidence>;
  readonly given?: Given;
  readonly required?: Partial<Requirement>;
  readonly says: string;
}

const ROUNDS: readonly Line[] = [
  {
    shown: { stress: of(44, 59), speed: storm(50) },
    given: given({ rounds: 59 }),
    says: '44 of 59 rounds overlapped: --rounds 95 may be enough',
  },
  {
    shown: { stress: of(231, 299), speed: storm(50) },
    given: given({ rounds: 299 }),
    required: { maxRate: 0.01 },
    says: '231 of 299 rounds overlapped: --rounds 420 may be enough',
  },
  { shown: { stress: of(20), speed: storm(50) }, given: given({ rounds: 20 }), says: '--rounds 70 may be enough' },
  { shown: { stress: of(5) }, says: '--rounds 110 may be enough' },
  // Those that fail now fail the next time as well.
  { shown: { stress: of(91, 91, 1) }, given: given({ rounds: 92 }), says: '--rounds 130 may be enough' },
  {
    shown: { stress: of(94, 94, 6) },
    given: given({ rounds: 100 }),
    says: 'sessions did not come through 6 of 100 rounds, and as long as they do not, no number of rounds is enough',
  },
  {
    shown: { stress: of(0, 60), explored: partial },
    given: given({ rounds: 60 }),
    says: 'none of 60 rounds overlapped, so that it takes more sessions at once, or what they do to take longer',
  },
  { shown: { stress: { ...none, whole: 3, alone: 3 } }, given: given({ rounds: 3 }), says: '--rounds 5 may be enough' },
];

const TIME: readonly Line[] = [
  // The rounds were the limit, and more fit into the budget; or do not.
  {
    shown: { stress: of(5), explored: partial, speed: { roundMs: 40 } },
    given: given({ rounds: 5, budgetMs: 30_000 }),
    says: '--rounds 110 may be enough',
  },
  {
    shown: { stress: of(5), explored: partial, speed: { roundMs: 40 } },
    given: given({ rounds: 5, budgetMs: 10_000 }),
    says: '--rounds 110 --budget 25s may be enough',
  },
  // The budget was.
  {
    shown: { stress: of(40), speed: storm(100) },
    given: given({ rounds: 500, budgetMs: 4_000 }),
    says: '--budget 15s may be enough',
  },
  {
    shown: { stress: of(20), speed: storm(100) },
    given: given({ budgetMs: 4_000 }),
    says: '--budget 15s may be enough',
  },
  {
    shown: { stress: of(20), explored: partial, speed: { roundMs: 1_000 } },
    given: given({ budgetMs: 30_000, usualBudget: true }),
    says: '--budget 4m may be enough',
  },
  {
    shown: { stress: of(20), explored: partial, speed: { roundMs: 100 } },
    given: given({ budgetMs: 90_000, usualBudget: true, rows: 40 }),
    says: '--rounds 70 or --budget 30m may be enough',
  },
  // The other half of `--engine all` is for the faults.
  {
    shown: { stress: of(20), speed: storm(100) },
    given: given({ budgetMs: 4_000, budgetPart: 0.5 }),
    says: '--budget 30s may be enough',
  },
  {
    shown: { stress: of(20), explored: partial, speed: { roundMs: 100 } },
    given: given({ budgetMs: 90_000, rows: 40 }),
    says: '--budget 9m may be enough',
  },
];

const EXPLORED: readonly Line[] = [
  { shown: { explored: { ...partial, omitted } }, says: '--engine both --rounds 80 may be enough' },
  {
    shown: { explored: { ...partial, omitted }, speed: explore(300) },
    given: given({ budgetMs: 10_000 }),
    says: '--engine both --rounds 80 --budget 65s may be enough',
  },
  {
    shown: { explored: { ...partial, omitted }, speed: explore(300) },
    given: given({ steps: 20_000 }),
    says: '--engine both --rounds 80 may be enough',
  },
  {
    shown: { explored: partial, speed: explore(50) },
    given: given({ budgetMs: 6_000 }),
    says: '--budget 20s or --engine both --rounds 80 --budget 20s may be enough',
  },
  {
    shown: { explored: partial, drawn: { executions: 20 }, speed: explore(50) },
    given: given({ steps: 100 }),
    says: '--steps 15000 or --engine both --rounds 80 may be enough',
  },
  {
    shown: { explored: partial, drawn: { executions: 20, omitted }, speed: explore(50) },
    given: given({ steps: 100 }),
    says: '--engine both --rounds 80 may be enough',
  },
  {
    shown: { explored: { ...partial, kind: 'bounded', preemptions: 1 }, speed: explore(10) },
    given: given({ budgetMs: 400_000 }),
    required: { level: 'bounded' },
    says: 'about --budget 9m or --steps 1200000 would be enough',
  },
  {
    shown: { explored: partial, speed: { executionMs: 10 }, stress: of(400) },
    given: given({ rounds: 400, steps: 900_000 }),
    required: { level: 'all' },
    says: 'at least --steps 1000000 is needed',
  },
];

const settled = ({ shown, given, required }: Omit<Line, 'says'>): string =>
  settling(evidenceOf(shown), { level: 'sampled', maxRate: 0.05, ...required }, { given });

test.each([...ROUNDS, ...TIME, ...EXPLORED])('after $shown, given $given: $says', ({ says, ...line }) => {
  expect(settled(line).split(' is required: ')[1]).toBe(says);
});

/** What a run was given, and went on to show: plain rounds, at one speed, of which so many overlapped. */
interface Ran {
  readonly given: Given;
  readonly required: Requirement;
  readonly share: number;
  readonly roundMs: number;
  readonly explores: boolean;
}

const ran: fc.Arbitrary<Ran> = fc.record({
  given: fc
    .record({
      rounds: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
      budgetMs: fc.oneof(fc.integer({ min: 7, max: 600 }), fc.constant(DAY_MS / 1000)).map((s) => s * 1000),
      usualBudget: fc.boolean(),
    })
    .map(({ rounds, ...rest }) => given({ ...rest, ...(rounds === undefined ? {} : { rounds }) })),
  required: fc.record({ level: fc.constant('sampled' as const), maxRate: fc.constantFrom(0.01, 0.05, 0.2) }),
  share: fc.double({ min: 0.05, max: 1, noNaN: true }),
  roundMs: fc.integer({ min: 5, max: 3_000 }),
  explores: fc.boolean(),
});

/** Sessions start, half of the time goes to exploration where there is any, and the rest to rounds. */
function after({ given: { rounds, budgetMs }, share, roundMs, explores }: Ran): Evidence {
  const exploredMs = explores ? Math.min(budgetMs, rounds === undefined ? budgetMs : limits.explorationMs) / 2 : 0;
  const ms = budgetMs - exploredMs - START_MS;
  const whole = Math.max(1, Math.min(rounds ?? Number.POSITIVE_INFINITY, Math.floor(ms / roundMs)));
  return evidenceOf({
    ...(explores ? { explored: partial } : {}),
    stress: of(Math.floor(whole * share + 1e-9), whole),
    speed: { roundMs, ...(explores ? {} : { without: 'exploration' }) },
  });
}

const following = (run: Ran, { rounds, budgetMs }: Remedy): Ran => ({
  ...run,
  given: {
    ...run.given,
    ...(rounds === undefined ? {} : { rounds }),
    ...(budgetMs === undefined ? {} : { budgetMs, usualBudget: false }),
  },
});

const levelAfter = (run: Ran) => levelOf(after(run), run.required.maxRate);

describe('whatever a run was given', () => {
  test('whoever follows a remedy gets the level that is required', () => {
    fc.assert(
      fc.property(ran, (run) => {
        fc.pre(levelAfter(run) === undefined);
        const evidence = after(run);
        const ways = remedies(evidence, run.required, run.given);
        if (evidence.stress.overlapping > 0) expect(ways).not.toEqual([]);
        for (const way of ways) expect(levelAfter(following(run, way))).toBe('sampled');
      }),
      { numRuns: 1_000 },
    );
  });

  const shown = fc.record({
    stress: fc
      .record({ overlapping: fc.nat(60), serial: fc.nat(60), failed: fc.nat(4) })
      .map(({ overlapping, serial, failed }) => of(overlapping, overlapping + serial, failed)),
    explored: fc.constantFrom(partial, { ...partial, omitted }),
    speed: fc.record({
      roundMs: fc.integer({ min: 1, max: 9_000 }),
      executionMs: fc.integer({ min: 1, max: 9_000 }),
    }),
  });

  const engine = fc.constantFrom<Pick<Speed, 'without'>>({}, { without: 'stress' }, { without: 'exploration' });

  const bounds = fc
    .record(
      {
        rounds: fc.integer({ min: 1, max: 1_000 }),
        steps: fc.integer({ min: 1, max: 1_000_000 }),
        budgetMs: fc.integer({ min: 1, max: 10_000_000 }),
        usualBudget: fc.boolean(),
        rows: fc.integer({ min: 1, max: 50 }),
        shards: fc.integer({ min: 1, max: 4 }),
        budgetPart: fc.constantFrom(0.5, 1),
      },
      { requiredKeys: ['budgetMs', 'usualBudget', 'rows', 'shards'] },
    )
    .map((bounds) => bounds as Given);

  const required = fc.record({
    level: fc.constantFrom('sampled' as const, 'bounded' as const, 'all' as const),
    maxRate: fc.constantFrom(0.01, 0.05),
  });

  test('a remedy is more than what was given, and names something', () => {
    fc.assert(
      fc.property(shown, engine, bounds, required, (shown, without, given, required) => {
        const evidence = evidenceOf({ ...shown, speed: { ...shown.speed, ...without } });
        for (const way of remedies(evidence, required, given)) {
          expect(Object.keys(way)).not.toEqual([]);
          const { rounds = 0, steps = 0, budgetMs, budgetPart = 1 } = given;
          const said = { rounds, steps, budgetMs: budgetMs / budgetPart };
          for (const flag of ['rounds', 'steps', 'budgetMs'] as const)
            expect(way[flag] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(said[flag]);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
