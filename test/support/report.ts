/** Reports for the tests of reporters. */

import type { Comparison } from '../../harness/baseline/change.ts';
import type { Step } from '../../harness/history/step.ts';
import type { FaultResults } from '../../harness/report/fault-results.ts';
import type { Report } from '../../harness/report/report.ts';
import type { FaultVerdict } from '../../harness/verdict/fault-verdict.ts';
import type { RecordedFinding } from '../../harness/verdict/verdict.ts';
import { execution, write } from './execution.ts';
import { scenario, strategy } from './scenario.ts';
import { colliding, explored, results, unstormed, verdict } from './verdict.ts';

const inode = { object: 'inode state.json', mode: 'write' } as const;

/** Two sessions that write to a file, one after the other, without having seen what the other one wrote. */
export function lostUpdate(text = '{"n":1}', details: Partial<RecordedFinding> = {}): RecordedFinding {
  const step = (session: number, call: Step['call'], data: string): Step => ({
    session,
    operation: 0,
    call,
    path: 'state.json',
    accesses: [{ ...inode, mode: call === 'read' ? 'read' : 'write' }],
    data,
    bytes: Buffer.byteLength(data),
  });
  return {
    class: 'LAST_WRITER_WINS',
    rounds: 0,
    count: 0,
    message: `acknowledged, then overwritten: ${text}`,
    witness: execution({
      operations: [write(0, 0), write(1, 0)],
      steps: [step(0, 'read', '{}'), step(1, 'read', '{}'), step(1, 'write', text), step(0, 'write', text)],
      final: { 'state.json': text },
    }),
    replay: 'ledger/rewrite:2:0@write:state.json,1',
    critical: { first: 2, second: 3 },
    ...details,
  };
}

/** A row of each kind; two are wrong, and one has no verdict. */
export function reportOf(text = 'too few rounds'): Report {
  const found = { findings: [lostUpdate(text)], strength: { explored: explored({ kind: 'partial' }) } };
  const rows = [
    verdict(),
    colliding({ LAST_WRITER_WINS: 0 }, { strategy: 'known', ...found }),
    colliding(
      { LAST_WRITER_WINS: 0 },
      { ...found, truth: 'SAFE', asExpected: false, reason: `the truth says SAFE: ${text}` },
    ),
    verdict({
      target: 'token',
      strategy: 'rm',
      status: 'NOT_PROVOKED',
      truth: ['STUCK'],
      notProvoked: ['STUCK'],
      asExpected: false,
      reason: 'all interleavings were tried',
    }),
    unstormed('INCONCLUSIVE', text, { target: 'token', strategy: 'mv' }),
    unstormed('SKIPPED', 'needs jq', { target: 'token', strategy: 'jq' }),
  ];
  return {
    results: results(rows),
    scenarios: [scenario({ id: 'ledger', strategies: { rewrite: strategy({ does: 'rewrite it' }) } })],
  };
}

/** A cell of each kind; one is wrong. */
export function faultsOf(text?: string): FaultResults {
  const cell = (details: Partial<FaultVerdict>): FaultVerdict => ({
    target: 'ledger',
    strategy: 'flock',
    kind: 'crash',
    status: 'SAFE',
    classes: [],
    truth: [],
    asExpected: true,
    why: 'it holds',
    points: 13,
    executions: 40,
    extent: 2,
    findings: [],
    ...details,
  });
  const broken = {
    status: 'COLLIDES',
    classes: ['LOST_ON_CRASH'],
    findings: [lostUpdate(text, { class: 'LOST_ON_CRASH' })],
  } as const;
  return {
    format: 'collide-faults-1',
    options: {
      targets: ['all'],
      kinds: ['crash', 'full', 'stall'],
      faults: 1,
      preemptions: 2,
      seed: 1,
      budgetMs: 1_000,
    },
    machine: { platform: 'linux', release: '6.18', cores: 2, node: 'v24.0.0' },
    faults: [
      cell({}),
      cell({ kind: 'full', ...broken, truth: ['LOST_ON_CRASH'], why: 'known' }),
      cell({ kind: 'stall', ...broken, asExpected: false, why: text ?? 'it is lost' }),
      cell({ kind: 'pids', status: 'NONE', why: 'nothing can happen' }),
    ],
    interrupted: false,
    durationMs: 1_000,
    executions: 80,
    points: 39,
  };
}

export const comparisonOf = (changes: Comparison['changes']): Comparison => ({
  baseline: 'collide.baseline.json',
  rows: 6,
  changes,
});
