import type { FaultResults } from '../../harness/report/fault-results.ts';
import type { FaultVerdict } from '../../harness/verdict/fault-verdict.ts';
import type { RecordedFinding } from '../../harness/verdict/verdict.ts';
import { execution } from './execution.ts';

/** A class that was found under a fault. */
export const finding = (kind: RecordedFinding['class'], details: Partial<RecordedFinding> = {}): RecordedFinding => ({
  class: kind,
  rounds: 0,
  count: 0,
  message: `${kind} of s0.0`,
  witness: execution({}),
  replay: `ledger/flock:2+1:0,2~0@write:x=${kind === 'STUCK' ? 'crash' : 'EIO'}`,
  ...details,
});

/** SAFE: 13 faults, each with at most two preemptions. */
export const faultVerdictOf = (details: Partial<FaultVerdict> = {}): FaultVerdict => ({
  target: 'ledger',
  strategy: 'flock',
  kind: 'crash',
  status: 'SAFE',
  classes: [],
  truth: [],
  asExpected: true,
  why: 'the next session goes on',
  points: 13,
  executions: 100,
  extent: 2,
  findings: [],
  ...details,
});

/** STUCK under a crash, as is known. */
export const stuck = (details: Partial<FaultVerdict> = {}): FaultVerdict =>
  faultVerdictOf({
    status: 'COLLIDES',
    classes: ['STUCK'],
    truth: ['STUCK'],
    why: 'nobody takes the lock of the dead',
    findings: [finding('STUCK')],
    ...details,
  });

export const faultResultsOf = (faults: readonly FaultVerdict[], details: Partial<FaultResults> = {}): FaultResults => ({
  format: 'collide-faults-1',
  options: {
    targets: ['all'],
    kinds: [...new Set(faults.map(({ kind }) => kind))],
    faults: 1,
    preemptions: 2,
    seed: 1,
    budgetMs: 10_000,
  },
  machine: { platform: 'linux', release: '6.18', cores: 2, node: 'v24.0.0' },
  faults,
  interrupted: false,
  durationMs: 12_345,
  executions: 1_234,
  points: 56,
  ...details,
});
