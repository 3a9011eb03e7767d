/** The audit ledger for people, as code hosts show it: tables of short cells, and below them a section for each target. */

import { type Priority, priorities } from '../scenario/scenario.ts';
import { topologies } from '../scenario/topology.ts';
import { faultSection } from './fault-ledger.ts';
import type { FaultResults } from './fault-results.ts';
import type { LedgerEntry } from './ledger.ts';
import { auditWords, changeWords, ledgerChangeKinds } from './ledger-changes.ts';
import type { Ledger, LedgerHeader } from './ledger-file.ts';
import type { TierReached, TopologyTier } from './ledger-safety.ts';
import { restsOnWords } from './ledger-strength.ts';
import { runWords, targetSection, toTarget } from './ledger-target.ts';
import { code, plain, prose, tableHead, tableRow, verdictCell } from './markdown.ts';
import { rule } from './safety.ts';
import { amount, effortWords } from './words.ts';

export interface Around {
  /** What `collide faults` found, for the table of all kinds. */
  readonly faults?: FaultResults | undefined;
  /** Path of collide's README from where the ledger lies, if that has one. */
  readonly readme?: string | undefined;
}

export function ledgerMarkdown({ header, entries }: Ledger, { faults, readme }: Around = {}): string {
  return [
    '# Collision ledger',
    '',
    measuredBy(header),
    '',
    countsOf(entries),
    '',
    guide(readme),
    '',
    ...table(`P1: ${priorities.P1}`, entries, 'P1'),
    ...table(`P2: ${priorities.P2}`, entries, 'P2'),
    ...changed(header, entries),
    ...deferred(entries),
    ...safetyTiers(header.safety, entries),
    ...(faults === undefined ? [] : faultSection(faults, toTarget(entries))),
    ...(entries.length === 0 ? [] : [`## Targets`, '', strengthGuide, '']),
    ...entries.flatMap(targetSection),
  ].join('\n');
}

function measuredBy({ run }: LedgerHeader): string {
  const { options, machine } = run;
  const topology = options.topology === undefined ? '' : ` --topology ${options.topology}`;
  const command = `collide run --engine ${options.engine} --writers ${options.writers} --targets ${options.targets.join(',')}${topology}`;
  return [
    `Measured by ${code(command)}, ${runWords(run)}: ${effortWords(run) || 'nothing was run'}, seed ${options.seed}, on ` +
      `${machine.platform} ${machine.release}, ${amount(machine.cores, 'core')}, Node ${machine.node}.`,
    ...(run.noGate === undefined ? [] : [`Storm only: ${plain(run.noGate)}.`]),
    ...(run.whole ? [] : ['**The run did not come to its end: targets are missing.**']),
  ].join(' ');
}

/** `40 targets: 30 APPLIED, 3 PROMOTED, 7 VERIFIED.` */
function countsOf(entries: readonly LedgerEntry[]): string {
  const kinds = Map.groupBy(entries, ({ status }) => status.replace(/-.*/, ''));
  const counts = [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { length }]) => `${length} ${kind}`)
    .join(', ');
  return `**${amount(entries.length, 'target')}**${counts === '' ? '' : `: ${counts}`}.`;
}

const guide = (readme: string | undefined): string =>
  'Each row is a shared resource, with the verdict on its writer as it was found and on the recommended fix. VERIFIED: as found it is ' +
  'SAFE. APPLIED: it collides, and the fix is SAFE. PROMOTED: said to be harmless, and collides. DEFERRED: not settled, and below ' +
  'stands why. What a verdict rests on: `all interleavings` of two writers, or those with `≤ N preemptions`; a `witness`, from which ' +
  'the collision is made again; or a storm of sessions that run free, and that only. The reference audit claims by `low`, `verified` and `probed SAFE` that ' +
  'the writer as found does not collide; by `fix deferred`, that it does; by `fix applied`, that it did, and that the fix holds. ' +
  (readme === undefined
    ? 'More in the README of collide.'
    : `More in [How to read a verdict](${readme}#how-to-read-a-verdict).`);

function table(title: string, entries: readonly LedgerEntry[], priority: Priority): readonly string[] {
  const rows = entries.filter((entry) => entry.priority === priority);
  if (rows.length === 0) return [];
  // A column without content is only width.
  const used = columns(entries).filter(([, cell]) => rows.some((entry) => cell(entry) !== ''));
  return [
    `## ${title}`,
    '',
    ...tableHead(used.map(([name]) => name)),
    ...rows.map((entry) => tableRow(used.map(([, cell]) => cell(entry)))),
    '',
  ];
}

type Column = readonly [name: string, cell: (entry: LedgerEntry) => string];

const columns = (entries: readonly LedgerEntry[]): readonly Column[] => [
  ['target', ({ target }) => toTarget(entries)(target)],
  ['as found', ({ before }) => code(before.strategy)],
  ['verdict', ({ before }) => verdictCell(before.verdict)],
  ['rests on', ({ before }) => restsOnWords(before.strength)],
  ['fix', ({ after }) => (after === null ? '' : code(after.strategy))],
  [
    'verdict of the fix',
    ({ after }) => (after === null ? '' : `${verdictCell(after.verdict)}, ${restsOnWords(after.strength)}`),
  ],
  // The fix has a cell of its own.
  ['status', ({ status }) => plain(status.replace(/^APPLIED-.*/, 'APPLIED'))],
  [
    'the audit says',
    ({ audit, contradicted }) =>
      audit === null ? '' : `${plain(audit)}: ${contradicted ? '**contradicted**' : auditWords(contradicted)}`,
  ],
];

function changed({ last, changes, absent }: LedgerHeader, entries: readonly LedgerEntry[]): readonly string[] {
  if (last === null) return [];
  const kinds = Map.groupBy(changes, ({ kind }) => kind);
  return [
    '## What changed since the last ledger',
    '',
    `The last one is of ${runWords(last)}.${changes.length === 0 ? ' Nothing has changed.' : ''}`,
    '',
    ...[...kinds].flatMap(([kind, those]) => [
      `- **${kind}**: ${ledgerChangeKinds[kind]}`,
      ...those.map((change) => `  - ${toTarget(entries)(change.target)}: ${verdictCell(changeWords(change))}`),
    ]),
    ...(changes.length === 0 ? [] : ['']),
    ...(absent.length === 0
      ? []
      : [`Not part of this run: ${absent.map(({ target }) => code(target)).join(', ')}.`, '']),
  ];
}

function deferred(entries: readonly LedgerEntry[]): readonly string[] {
  const rows = entries.flatMap(({ target, blocked }) => blocked.map((each) => ({ target, ...each })));
  if (rows.length === 0) return [];
  return [
    '## Deferred, and what blocks it',
    '',
    ...tableHead(['target', 'strategy', 'why', 'until']),
    ...rows.map(({ target, strategy, because, until }) =>
      tableRow([toTarget(entries)(target), code(strategy), prose(because), prose(until)]),
    ),
    '',
  ];
}

function safetyTiers(safety: readonly TopologyTier[], entries: readonly LedgerEntry[]): readonly string[] {
  if (safety.length === 0) return [];
  return [
    '## Safety tiers',
    '',
    `How dangerous it is to run several sessions. ${rule}`,
    '',
    ...tableHead(['topology', 'targets', 'as found', 'with the fixes']),
    ...safety.map(({ topology, targets, asFound, withFixes }) =>
      tableRow([code(topology), String(targets), tierWords(asFound), tierWords(withFixes)]),
    ),
    '',
    ...safety.flatMap(({ topology, asFound, withFixes }) => [
      `- ${code(topology)}: ${topologies[topology]}.`,
      ...causesOf('as found', asFound, entries),
      ...causesOf('with the fixes', withFixes, entries),
    ]),
    '',
  ];
}

const tierWords = ({ tier, uncoordinated }: TierReached): string =>
  `**${tier}**${uncoordinated === undefined ? '' : `; where sessions never go for the same thing: ${uncoordinated}`}`;

const whys = {
  collides: 'collide',
  apart: 'exist to coordinate sessions, and do not reach them all',
  unknown: 'have no verdict',
} as const;

function causesOf(how: string, { causes }: TierReached, entries: readonly LedgerEntry[]): readonly string[] {
  const groups = Map.groupBy(causes, ({ tier, why }) => `${how} ${tier}, because these ${whys[why]}`);
  return [...groups].map(([words, those]) => {
    const names = those.map(
      ({ target, verdict }) => toTarget(entries)(target) + (verdict === undefined ? '' : ` (${verdictCell(verdict)})`),
    );
    return `  - ${words}: ${names.join(', ')}`;
  });
}

/** What the words of the evidence mean, whichever engine they come from. */
const strengthGuide = [
  'What the evidence says:',
  '',
  '- `all N interleavings`: every one of two writers with one operation each, up to the order of steps that commute.',
  '- `N interleavings`: some of these.',
  '- `≤ N preemptions`: every schedule of these writers with so many preemptions at most.',
  '- `PCT d=N, p ≥ x`: schedules of more writers, drawn at random. With at least this probability they would have shown a ' +
    'collision that depends on N orderings of two steps.',
  '- `p < x`: a storm of sessions that run free, or schedules drawn at random. It bounds the probability that one of these collides, with 95 % confidence.',
  '',
  '`collide replay x` makes the execution of a witness again. "Not provoked" is not SAFE.',
].join('\n');
