/** The audit ledger: one entry a target, from what a run measured. The same results give the same bytes. */

import { type AuditStatus, auditStatuses, type Priority, priorities, type Scenario } from '../scenario/scenario.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { faultSection, faultsOf, type JudgedFault } from './fault-ledger.ts';
import type { FaultResults } from './fault-results.ts';
import { escaped, row } from './markdown.ts';
import type { Results } from './results.ts';
import { effortWords, evidenceWords, lossWords, verdictWords } from './words.ts';

export interface LedgerEntry {
  readonly target: string;
  readonly priority: Priority;
  readonly source: string;
  readonly resource: string;
  readonly writer: string;
  /** What the writer does as it was found: the first strategy of the scenario. */
  readonly pattern: string;
  readonly before: Judged;
  /** The recommended fix; null where the writer needs none, or there is none. */
  readonly after: Judged | null;
  /** Other ways of writing, and what they lead to. */
  readonly others: readonly Judged[];
  readonly status: string;
  /** The reference audit's own status, where it has one. */
  readonly audit: AuditStatus | null;
  /** Does the evidence contradict the audit? null where it says nothing, or what would tell was not shown. */
  readonly contradicted: boolean | null;
  /** Strategies that could not be part of the run, with the reason. */
  readonly deferred: Readonly<Record<string, string>>;
  /** What becomes of its strategies when something goes wrong, where that was tried. */
  readonly underFaults?: readonly JudgedFault[];
}

export interface Judged {
  readonly strategy: string;
  readonly verdict: string;
  readonly evidence: string;
}

/** Entries of the targets that the run included, in the catalogue's order. */
export function ledgerEntries(
  catalogue: readonly Scenario[],
  results: Results,
  faults?: FaultResults,
): readonly LedgerEntry[] {
  const shared = results.verdicts.filter(({ mode }) => mode === 'shared');
  return catalogue.flatMap((scenario) => {
    const verdicts = shared.filter(({ target }) => target === scenario.id);
    const found = verdicts.find(({ strategy }) => strategy === Object.keys(scenario.strategies)[0]);
    if (found === undefined) return [];
    const entry = entryOf(scenario, found, verdicts);
    return faults === undefined ? [entry] : [{ ...entry, underFaults: faultsOf(scenario.id, faults) }];
  });
}

function entryOf(scenario: Scenario, found: Verdict, verdicts: readonly Verdict[]): LedgerEntry {
  const fix =
    found.status === 'SAFE'
      ? undefined
      : verdicts.find((verdict) => verdict !== found && verdict.strategy === scenario.fix);
  return {
    target: scenario.id,
    priority: scenario.priority,
    source: scenario.source,
    resource: scenario.resource,
    writer: scenario.writers,
    pattern: scenario.strategies[found.strategy]!.does,
    before: judged(found),
    after: fix === undefined ? null : judged(fix),
    others: verdicts.filter((verdict) => verdict !== found && verdict !== fix).map(judged),
    status: statusOf(scenario, found, fix),
    audit: scenario.audit ?? null,
    contradicted: contradicted(scenario, found, verdicts),
    deferred: scenario.deferred ?? {},
  };
}

function judged(verdict: Verdict): Judged {
  const [strength, loss, [finding]] = [evidenceWords(verdict), lossWords(verdict), verdict.findings];
  const evidence = [
    strength,
    loss,
    finding === undefined || loss.includes(finding.message) ? '' : finding.message,
    finding?.replay === undefined ? '' : `replay ${finding.replay}`,
    strength === '' ? (verdict.reason ?? '') : '',
  ];
  return {
    strategy: verdict.strategy,
    verdict: verdictWords(verdict),
    evidence: evidence.filter((part) => part !== '').join('; '),
  };
}

/**
 * - `VERIFIED`: the writer as found is SAFE.
 * - `PROMOTED`: a P2 target whose writer as found collides.
 * - `APPLIED-fix`: the writer as found collides, and the fix was measured SAFE.
 * - `DEFERRED-reason`: no fix was shown to hold, or the collision itself was not shown.
 */
function statusOf(scenario: Scenario, found: Verdict, fix: Verdict | undefined): string {
  if (found.status === 'SAFE') return 'VERIFIED';
  if (found.status !== 'COLLIDES') return `DEFERRED-${found.status.toLowerCase().replace('_', '-')}`;
  if (scenario.priority === 'P2') return 'PROMOTED';
  if (fix?.status === 'SAFE') return `APPLIED-${fix.strategy}`;
  return scenario.fix === undefined ? 'DEFERRED-no-fix' : `DEFERRED-${scenario.fix}-not-shown`;
}

/** Held against what was measured. Where the fix is what was found, there is no writer from before it to judge. */
function contradicted({ audit, fix }: Scenario, found: Verdict, verdicts: readonly Verdict[]): boolean | null {
  if (audit === undefined) return null;
  const collides = collision(found);
  const claim = auditStatuses[audit];
  if (claim === 'holds') return collides;
  if (claim === 'collides') return negated(collides);
  const before = found.strategy === fix ? false : negated(collides);
  const after = collision(verdicts.find(({ strategy }) => strategy === fix));
  if (before || after) return true;
  return before === false && after === false ? false : null;
}

/** Does it collide? null where there is no verdict. */
function collision(verdict: Verdict | undefined): boolean | null {
  if (verdict?.status === 'COLLIDES') return true;
  return verdict?.status === 'SAFE' ? false : null;
}

const negated = (value: boolean | null): boolean | null => (value === null ? null : !value);

export const ledgerJsonl = (entries: readonly LedgerEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

export function ledgerMarkdown(entries: readonly LedgerEntry[], results: Results, faults?: FaultResults): string {
  const { options, machine } = results;
  return [
    '# Collision ledger',
    '',
    `Measured by \`collide run --engine ${options.engine} --writers ${options.writers} --targets ${options.targets.join(',')}` +
      `${options.topology === undefined ? '' : ` --topology ${options.topology}`}\`: ` +
      `${effortWords(results) || 'nothing was run'}, seed ${options.seed}, on ${machine.platform} ${machine.release}, ` +
      `${machine.cores} cores, Node ${machine.node}.` +
      (results.noGate === undefined ? '' : ` Storm only: ${escaped(results.noGate)}.`) +
      (results.interrupted || results.broken ? ' **The run did not come to its end: targets are missing.**' : ''),
    '',
    ...legend,
    '',
    ...section(`P1: ${priorities.P1}`, entries, 'P1'),
    ...section(`P2: ${priorities.P2}`, entries, 'P2'),
    ...(faults === undefined ? [] : faultSection(faults)),
    ...counts(entries),
    ...contradictions(entries),
    ...deferrals(entries),
  ].join('\n');
}

/** What the words of a strength mean, whichever engine they come from. */
const legend = [
  'What a verdict rests on:',
  '',
  '- `all N interleavings`: every one of two writers with one operation each, up to the order of steps that commute.',
  '- `N interleavings`: some of these.',
  '- `≤ N preemptions`: every schedule of these writers with so many preemptions at most.',
  '- `PCT d=N, p ≥ x`: schedules of more writers, drawn at random. With at least this probability they would have shown a ' +
    'collision that depends on N orderings of two steps.',
  '- `p < x`: a storm of sessions that run free. It bounds the probability that a round collides, with 95 % confidence.',
  '',
  '`replay x` is a witness: `collide replay x` makes that execution again. "Not provoked" is not SAFE.',
];

function section(title: string, entries: readonly LedgerEntry[], priority: Priority): readonly string[] {
  const rows = entries.filter((entry) => entry.priority === priority);
  if (rows.length === 0) return [];
  return [
    `## ${title}`,
    '',
    '| target | source | resource | writer | pattern | before → after the fix | evidence | status |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((entry) =>
      row([
        `\`${entry.target}\``,
        entry.source,
        entry.resource,
        entry.writer,
        entry.pattern,
        beforeAfter(entry),
        entry.after === null ? entry.before.evidence : `${entry.before.evidence} → ${entry.after.evidence}`,
        entry.status,
      ]),
    ),
    '',
    ...otherStrategies(rows),
  ];
}

function otherStrategies(entries: readonly LedgerEntry[]): readonly string[] {
  const rows = entries.flatMap(({ target, others }) => others.map((other) => ({ target, other })));
  if (rows.length === 0) return [];
  return [
    'Other ways of writing to them:',
    '',
    '| target | strategy | verdict | evidence |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ target, other }) => row([`\`${target}\``, `\`${other.strategy}\``, other.verdict, other.evidence])),
    '',
  ];
}

function counts(entries: readonly LedgerEntry[]): readonly string[] {
  const statuses = new Map<string, number>();
  for (const { status } of entries) {
    const kind = status.replace(/-.*/, '');
    statuses.set(kind, (statuses.get(kind) ?? 0) + 1);
  }
  return [
    '## Counts',
    '',
    ...[...statuses].sort(([a], [b]) => (a < b ? -1 : 1)).map(([status, count]) => `- ${status}: ${count}`),
    `- targets: ${entries.length}`,
    '',
  ];
}

function contradictions(entries: readonly LedgerEntry[]): readonly string[] {
  const claims = entries.filter(({ audit }) => audit !== null);
  if (claims.length === 0) return [];
  const words = ({ contradicted }: LedgerEntry): string =>
    contradicted === null ? 'neither' : contradicted ? '**contradicted**' : 'agrees';
  return [
    "## The reference audit's claims",
    '',
    "The audit's own status of a row, and what was measured here. `low`, `verified` and `probed SAFE` claim that the writer as " +
      'found does not collide; `fix deferred`, that it does; `fix applied`, that it did, and that the fix holds.',
    '',
    '| target | source | the audit | measured | the evidence |',
    '| --- | --- | --- | --- | --- |',
    ...claims.map((entry) =>
      row([`\`${entry.target}\``, entry.source, entry.audit ?? '', beforeAfter(entry), words(entry)]),
    ),
    '',
  ];
}

/** `LAST_WRITER_WINS → SAFE (`flock`)`. */
const beforeAfter = ({ before, after }: LedgerEntry): string =>
  after === null ? before.verdict : `${before.verdict} → ${after.verdict} (\`${after.strategy}\`)`;

function deferrals(entries: readonly LedgerEntry[]): readonly string[] {
  const rows = entries.flatMap(({ target, deferred }) =>
    Object.entries(deferred).map(([strategy, reason]) => `- \`${target}/${strategy}\`: ${escaped(reason)}`),
  );
  return rows.length === 0 ? [] : ['## Deferred strategies', '', ...rows, ''];
}
