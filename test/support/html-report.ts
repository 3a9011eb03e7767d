/** Reports to look at in a browser: few findings with all that there can be, or many that are alike. */

import type { Execution } from '../../harness/history/execution.ts';
import type { Access, Call, Step } from '../../harness/history/step.ts';
import type { FaultResults } from '../../harness/report/fault-results.ts';
import type { Report } from '../../harness/report/report.ts';
import { FORMAT, type Results } from '../../harness/report/results.ts';
import type { FaultVerdict } from '../../harness/verdict/fault-verdict.ts';
import type { RecordedFinding, Verdict } from '../../harness/verdict/verdict.ts';
import { execution, read, write } from './execution.ts';
import { scenario, strategy } from './scenario.ts';

const machine = { platform: 'linux', release: '6.18', cores: 2, node: 'v24.0.0' } as const;

const state = (count: number, last: string): string => `{"fire_count":${count},"last":"${last}"}\n`;

const step = (session: number, call: Call, path: string, details: Partial<Step> = {}): Step => {
  const mode: Access['mode'] = call === 'write' || call === 'lock' || call === 'exit' ? 'write' : 'read';
  const object = call === 'lock' || call === 'exit' ? `lock ${path}` : `inode ${path}`;
  return { session, operation: 0, call, path, accesses: [{ object, mode }], ...details };
};

const reads = (session: number, data: string): Step =>
  step(session, 'read', 'health.json', { data, bytes: data.length });

const writes = (session: number, data: string, details: Partial<Step> = {}): Step =>
  step(session, 'write', 'health.json', { data, bytes: data.length, ...details });

const witness = (details: Parameters<typeof execution>[0]): Execution =>
  execution({ target: 'ingest-health', strategy: 'rmw', ...details });

/** Step 2 and step 5 decide. */
export const lostUpdate = (hostile = ''): RecordedFinding => ({
  class: 'LAST_WRITER_WINS',
  rounds: 1,
  count: 1,
  message: `acknowledged, then overwritten: s1.0 (based on setup)${hostile}`,
  witness: witness({
    steps: [
      step(0, 'open', 'health.json'),
      reads(0, `${state(41, 'setup')}${hostile}`),
      reads(1, state(41, 'setup')),
      writes(1, state(42, 's1.0')),
      writes(0, state(42, 's0.0')),
    ],
    operations: [
      write(0, 0, { invokedUs: 1, respondedUs: 5, output: { basedOn: `setup${hostile}` } }),
      write(1, 0, { invokedUs: 3, respondedUs: 4, output: { basedOn: 'setup' } }),
    ],
    final: { 'health.json': `${state(42, 's0.0')}${hostile}`, [`notes${hostile}.txt`]: 'nobody touches these\n' },
  }),
  serial: {
    operations: [write(1, 0, { output: { basedOn: 'setup' } }), write(0, 0, { output: { basedOn: `s1.0${hostile}` } })],
    final: { 'health.json': `${state(43, 's0.0')}${hostile}`, [`notes${hostile}.txt`]: 'nobody touches these\n' },
  },
  replay: `ingest-health/rmw:2:0@write:health.json,1${hostile}`,
  critical: { first: 1, second: 3, last: 4 },
});

const torn = (): RecordedFinding => ({
  class: 'TORN_STATE',
  rounds: 1,
  count: 1,
  message: 'a reader saw: Unexpected end of JSON input',
  witness: witness({
    steps: [
      step(0, 'open', 'health.json', { flags: ['TRUNC'], accesses: [{ object: 'inode health.json', mode: 'write' }] }),
      reads(1, ''),
      writes(0, state(42, 's0.0')),
    ],
    operations: [
      write(0, 0, { invokedUs: 1, respondedUs: 3 }),
      read(1, 0, {
        invokedUs: 2,
        respondedUs: 2,
        outcome: 'unknown',
        error: { name: 'SyntaxError', message: 'Unexpected end of JSON input' },
      }),
    ],
    final: { 'health.json': state(42, 's0.0') },
  }),
  replay: 'ingest-health/rmw:1:0@write:health.json,1',
});

/** Seen while running free: there are no steps. */
const stormed = (): RecordedFinding => ({
  class: 'DOUBLE_CONSUME',
  rounds: 3,
  count: 3,
  message: 'granted to s0 and s1',
  witness: witness({ operations: [write(0, 0), write(1, 0)], final: { token: 'spent\n' } }),
});

const killed = (): RecordedFinding => ({
  class: 'LOST_ON_CRASH',
  rounds: 0,
  count: 0,
  message: 's1.0 counts 1 after 41',
  witness: witness({
    faults: '0@write:health.json=crash',
    steps: [
      step(0, 'lock', 'lock'),
      reads(0, state(41, 'setup')),
      writes(0, state(42, 's0.0'), { fault: 'killed before it' }),
      step(1, 'lock', 'lock'),
      reads(1, ''),
      writes(1, state(1, 's1.0')),
      step(1, 'exit', 'lock'),
    ],
    operations: [
      write(0, 0, { invokedUs: 1, respondedUs: 3, outcome: 'unknown', error: { name: 'Killed', message: 'killed' } }),
      write(1, 0, { invokedUs: 4, respondedUs: 7 }),
    ],
    final: { 'health.json': state(1, 's1.0') },
  }),
  replay: 'ingest-health/flock:1+1:0,1~0@write:health.json=crash',
});

const verdict = (details: Partial<Verdict>): Verdict => {
  const { findings = [] } = details;
  return {
    target: 'ingest-health',
    priority: 'P1',
    strategy: 'rmw',
    mode: 'shared',
    writers: 4,
    readers: 1,
    status: findings.length > 0 ? 'COLLIDES' : 'SAFE',
    classes: findings.map((finding) => finding.class),
    truth: findings.length > 0 ? findings.map((finding) => finding.class) : 'SAFE',
    notProvoked: [],
    asExpected: true,
    strength: { stormed: { rounds: 10, collided: 0, failed: 0, serial: 0, upperBound: 0.26 } },
    counts: { acknowledged: 64, refused: 0, unknown: 0, reads: 0, failedRounds: 0, others: {} },
    findings,
    ...details,
  };
};

const resultsOf = (verdicts: readonly Verdict[]): Results => ({
  format: FORMAT,
  options: {
    engine: 'both',
    writers: 4,
    targets: ['all'],
    modes: ['shared'],
    seed: 1,
    rounds: null,
    budgetMs: 90_000,
  },
  machine,
  verdicts,
  interrupted: false,
  durationMs: 1_000,
  rounds: 10,
  executions: 20,
  sessionsReplaced: 0,
  sessionPeakKiB: 1,
});

const cell = (details: Partial<FaultVerdict>): FaultVerdict => ({
  target: 'ingest-health',
  strategy: 'flock',
  kind: 'crash',
  status: 'SAFE',
  classes: [],
  truth: [],
  asExpected: true,
  why: 'it holds',
  points: 13,
  executions: 26,
  extent: 2,
  findings: [],
  ...details,
});

const faults: FaultResults = {
  format: 'collide-faults-1',
  options: { targets: ['all'], kinds: ['crash', 'full', 'clock'], faults: 1, preemptions: 2, seed: 1, budgetMs: 1 },
  machine,
  faults: [
    cell({ status: 'COLLIDES', classes: ['LOST_ON_CRASH'], truth: ['LOST_ON_CRASH'], findings: [killed()] }),
    cell({ kind: 'full' }),
    cell({ kind: 'clock', status: 'SKIPPED', why: 'the clock of commands can not be changed' }),
  ],
  interrupted: false,
  durationMs: 1_000,
  executions: 40,
  points: 13,
};

/** @param hostile what every text of the user's ends with. */
export const smallReport = (hostile = ''): Report => ({
  results: resultsOf([
    verdict({ findings: [lostUpdate(hostile), torn()] }),
    verdict({ strategy: 'flock' }),
    verdict({
      strategy: `late${hostile}`,
      status: 'NOT_PROVOKED',
      notProvoked: ['TORN_STATE'],
      reason: `not provoked${hostile}`,
    }),
    verdict({
      target: 'token',
      priority: 'P2',
      strategy: 'check',
      asExpected: false,
      truth: 'SAFE',
      findings: [stormed()],
    }),
    verdict({ target: 'token', priority: 'P2', strategy: 'cas', status: 'SKIPPED', reason: 'needs Redis' }),
  ]),
  scenarios: [
    scenario({
      id: 'ingest-health',
      resource: `JSON health file; every ingest adds one to \`fire_count\`${hostile}`,
      strategies: {
        rmw: strategy({ does: `read, parse, write in place${hostile}` }),
        flock: strategy(),
        [`late${hostile}`]: strategy(),
      },
    }),
    scenario({ id: 'token', priority: 'P2', resource: 'a token', strategies: { check: strategy(), cas: strategy() } }),
  ],
  faults,
  comparison: {
    baseline: 'collide-baseline.json',
    rows: 5,
    changes: [
      { kind: 'worse', row: 'ingest-health/rmw', message: `TORN_STATE is new${hostile}`, fails: true },
      { kind: 'better', row: 'token/cas', message: 'nothing is found any more', fails: false },
    ],
  },
});

/** So many findings, each of a row of its own. */
export const largeReport = (findings: number): Report => ({
  results: resultsOf(
    Array.from({ length: findings }, (_, at) =>
      verdict({ target: `target-${at % 50}`, strategy: `strategy-${at}`, findings: [lostUpdate()] }),
    ).sort((a, b) => a.target.localeCompare(b.target)),
  ),
  scenarios: [],
});
