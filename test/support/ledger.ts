import type { FaultResults } from '../../harness/report/fault-results.ts';
import type { Ledger, Sources } from '../../harness/report/ledger-file.ts';
import { ledgerJsonl, ledgerOf } from '../../harness/report/ledger-file.ts';
import { parseLedger } from '../../harness/report/ledger-read.ts';
import type { Results } from '../../harness/report/results.ts';
import type { FaultVerdict } from '../../harness/verdict/fault-verdict.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { scenario } from './scenario.ts';
import { colliding, foundByChoice, results, stormed, unstormed, verdict } from './verdict.ts';

/** One target of every kind: fixed, promoted, verified, deferred. */
export const catalogue = [
  scenario({ id: 'state', fix: 'flock', audit: 'verified', deferred: { lease: 'needs a database' } }),
  scenario({ id: 'config', touchedBy: 'sessions with hooks' }),
  scenario({ id: 'index', priority: 'P2', source: 'P2-9', audit: 'low' }),
  scenario({ id: 'log', priority: 'P2', source: 'P2-8', audit: 'low' }),
];

export const verdicts: readonly Verdict[] = [
  foundByChoice('LAST_WRITER_WINS', { target: 'state' }),
  verdict({ target: 'state' }),
  verdict({
    target: 'config',
    strategy: 'rewrite',
    status: 'NOT_PROVOKED',
    truth: ['TORN_STATE'],
    notProvoked: ['TORN_STATE'],
    reason: 'known to be TORN_STATE, and not seen',
  }),
  colliding({ DUPLICATE_ENTRY: 7 }, { target: 'index' }),
  unstormed('SKIPPED', 'needs jq', { target: 'index' }),
  verdict({ target: 'log', strategy: 'rewrite' }),
  verdict({ target: 'log', strength: stormed(40, 0, 0) }),
];

/** A run on a day of November, of these verdicts. */
export const runOn = (day: number, of: readonly Verdict[] = verdicts): Results =>
  results(of, { startedAt: `2026-11-${String(day).padStart(2, '0')}T16:03:00.000Z` });

/** What the ledger holds after each of these runs has been entered, one after another. */
export function ledgerAfter(runs: readonly Results[], details: Partial<Sources> = {}): Ledger {
  let ledger: Ledger | undefined;
  for (const run of runs) {
    // As the next one finds it: in a file.
    const last = ledger === undefined ? undefined : parseLedger(ledgerJsonl(ledger), 'ledger.jsonl');
    ledger = ledgerOf({ catalogue, results: run, last, ...details });
  }
  return ledger!;
}

const underFault: FaultVerdict = {
  target: 'state',
  strategy: 'flock',
  kind: 'crash',
  status: 'COLLIDES',
  classes: ['STUCK'],
  truth: ['STUCK'],
  asExpected: true,
  why: 'Nobody unlocks.',
  points: 3,
  executions: 9,
  extent: 2,
  findings: foundByChoice('STUCK').findings,
};

/** `flock` is STUCK after a crash, holds on a full disk, and has no clock to look at. */
export const faults: FaultResults = {
  format: 'collide-faults-1',
  options: { targets: ['all'], kinds: ['crash', 'full', 'clock'], faults: 1, preemptions: 2, seed: 1, budgetMs: 1 },
  machine: results([]).machine,
  faults: [
    underFault,
    { ...underFault, kind: 'full', status: 'SAFE', classes: [], truth: [], findings: [] },
    { ...underFault, kind: 'clock', status: 'NONE', classes: [], truth: [], findings: [] },
  ],
  interrupted: false,
  points: 3,
  executions: 9,
  durationMs: 1,
};

/** What a copy for each session makes of it. */
export const inTwoDirectories: Results = results(
  verdicts.map((each) => ({ ...each, mode: 'per-session' as const })),
  { options: { ...results([]).options, modes: ['per-session'], topology: 'two-directories' } },
);
