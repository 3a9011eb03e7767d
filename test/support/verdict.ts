import type { CollisionClass } from '../../harness/oracle/finding.ts';
import type { Results } from '../../harness/report/results.ts';
import { defaultRequirement, roundsFor } from '../../harness/verdict/level.ts';
import { type Explored, type Probed, type Strength, sampled } from '../../harness/verdict/strength.ts';
import type { Counts, Verdict } from '../../harness/verdict/verdict.ts';
import { execution } from './execution.ts';

const nothing: Counts = { acknowledged: 0, refused: 0, unknown: 0, reads: 0, failedRounds: 0, others: {} };

export const counts = (details: Partial<Counts>): Counts => ({ ...nothing, ...details });

/** So many overlapping rounds settle a row, where nothing failed: 59. */
export const roundsEnough = roundsFor(defaultRequirement.maxRate);

/** What a storm alone shows. */
export const stormed = (...rounds: Parameters<typeof sampled>): Strength => ({ stormed: sampled(...rounds) });

/** All 6 interleavings of two writers and a reader, but for what a test says. */
export const explored = (details: Partial<Explored> = {}): Explored => ({
  kind: 'exhaustive',
  sessions: 3,
  operations: 1,
  executions: 8,
  traces: 6,
  reordered: 4,
  steps: 12,
  ...details,
});

/** 200 schedules of four writers and a reader, but for what a test says. */
export const probed = (details: Partial<Probed> = {}): Probed => ({
  depth: 3,
  sessions: 5,
  executions: 200,
  traces: 150,
  steps: 30,
  guarantee: 0.0435,
  ...details,
});

/** SAFE over 400 rounds, but for what a test says. */
export const verdict = (details: Partial<Verdict> = {}): Verdict => ({
  target: 'ledger',
  priority: 'P1',
  strategy: 'flock',
  mode: 'shared',
  writers: 4,
  readers: 1,
  status: 'SAFE',
  classes: [],
  truth: 'SAFE',
  notProvoked: [],
  asExpected: true,
  strength: stormed(400, 0, 0),
  counts: counts({ acknowledged: 1000 }),
  findings: [],
  startSkew: { medianUs: 20, p95Us: 90 },
  ...details,
});

/** What `count` operations, lines or tokens of a class make of a verdict: 100 rounds of 400 collided, as the truth says. */
export function colliding(
  losses: Readonly<Partial<Record<CollisionClass, number>>>,
  details: Partial<Verdict> = {},
): Verdict {
  const classes = Object.keys(losses) as CollisionClass[];
  return verdict({
    strategy: 'rewrite',
    status: 'COLLIDES',
    truth: classes,
    classes,
    strength: stormed(400, 100, 0),
    findings: classes.map((kind) => ({
      class: kind,
      rounds: 100,
      count: losses[kind]!,
      message: `${kind} of s0.1`,
      witness: execution({}),
    })),
    ...details,
  });
}

/** What a chosen schedule makes of a verdict, and free running was not asked: some interleavings, as the truth says. */
export function foundByChoice(kind: CollisionClass, details: Partial<Verdict> = {}): Verdict {
  const { startSkew: _, ...verdict } = colliding({ [kind]: 0 }, { counts: counts({ acknowledged: 4 }), ...details });
  return {
    ...verdict,
    strength: { explored: explored({ kind: 'partial', executions: 2, traces: 2 }) },
    findings: verdict.findings.map((finding) => ({
      ...finding,
      rounds: 0,
      replay: 'ledger/rewrite:2:0@open:state.json,1',
      critical: { first: 1, second: 2 },
    })),
  };
}

/** A verdict on what was neither explored nor stormed. */
export function unstormed(
  status: 'SKIPPED' | 'BROKEN_ALONE' | 'INCONCLUSIVE',
  reason: string,
  details: Partial<Verdict> = {},
): Verdict {
  const {
    strength: _,
    startSkew: __,
    ...rest
  } = verdict({ status, reason, asExpected: false, counts: nothing, ...details });
  return rest;
}

export const results = (verdicts: readonly Verdict[], details: Partial<Results> = {}): Results => ({
  format: 'collide-results-2',
  options: {
    engine: 'storm',
    writers: 4,
    targets: ['all'],
    modes: ['shared'],
    seed: 1,
    rounds: null,
    budgetMs: 45_000,
  },
  machine: { platform: 'linux', release: '6.18', cores: 2, node: 'v24.0.0' },
  verdicts,
  interrupted: false,
  durationMs: 12_345,
  rounds: 800,
  executions: 0,
  sessionsReplaced: 0,
  sessionPeakKiB: 50_000,
  ...details,
});
