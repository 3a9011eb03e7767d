/** All that the ledger knows of one target, in a section that its tables lead to. */

import { priorities } from '../scenario/scenario.ts';
import type { JudgedFault } from './fault-ledger.ts';
import type { Judged, LedgerEntry } from './ledger.ts';
import { auditWords } from './ledger-changes.ts';
import type { Past, RunRef } from './ledger-history.ts';
import { restsOnWords } from './ledger-strength.ts';
import { anchorOf, code, link, plain, prose, tableHead, tableRow, verdictCell } from './markdown.ts';

/** Headings of the ledger; a target of the same name is told apart. */
const taken: ReadonlySet<string> = new Set(
  [
    ...Object.entries(priorities).map(([priority, meaning]) => `${priority}: ${meaning}`),
    'Collision ledger',
    'What changed since the last ledger',
    'Deferred, and what blocks it',
    'Safety tiers',
    'Under faults',
    'Targets',
  ].map(anchorOf),
);

export const headingOf = (target: string): string => (taken.has(anchorOf(target)) ? `Target ${target}` : target);

/** Its name, and a link where the ledger has a section on it. */
export const toTarget =
  (entries: readonly LedgerEntry[]) =>
  (target: string): string =>
    entries.some((entry) => entry.target === target) ? link(target, anchorOf(headingOf(target))) : code(target);

/** `2026-11-21 16:03 UTC`, or ``run `3f2a…` `` where results do not say when. */
export const runWords = ({ id, startedAt }: RunRef): string =>
  startedAt === undefined ? `run ${code(id)}` : `${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)} UTC`;

export function targetSection(entry: LedgerEntry): readonly string[] {
  const { target, source, resource, writer, pattern, before, after, others, status } = entry;
  return [
    `### ${plain(headingOf(target))}`,
    '',
    `${plain(source)}, ${plain(status)}${claim(entry)}.`,
    '',
    `- resource: ${prose(resource)}`,
    `- writer: ${prose(writer)}`,
    `- as found: ${prose(pattern)}`,
    '',
    'What was measured:',
    '',
    judgedWords(before, ', as found'),
    ...(after === null ? [] : [judgedWords(after, ', the fix')]),
    ...others.map((other) => judgedWords(other, '')),
    '',
    ...faultWords(entry),
    ...historyWords(entry.history),
    '',
  ];
}

const claim = ({ audit, contradicted }: LedgerEntry): string =>
  audit === null ? '' : `; the audit says ${plain(audit)}: ${auditWords(contradicted)}`;

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function judgedWords({ strategy, verdict, evidence, replay }: Judged, role: string): string {
  const words = evidence === '' ? '' : `; ${plain(evidence)}`;
  const witness = replay === undefined ? '' : `; ${replayWords(replay)}`;
  return `- ${code(strategy)}${role}: ${verdictCell(verdict)}${words}${witness}`;
}

const replayWords = (witness: string): string => code(`collide replay ${witness}`);

/** Of what holds, the table of all strategies says enough. */
function faultWords({ underFaults = [] }: LedgerEntry): readonly string[] {
  const told = underFaults.filter(({ verdict }) => verdict !== 'SAFE');
  const alike = Map.groupBy(told, ({ strategy, verdict, why }) => JSON.stringify([strategy, verdict, why]));
  if (alike.size === 0) return [];
  return [
    'Under faults:',
    '',
    ...[...alike.values()].map((those) => {
      const [{ strategy, verdict, why }] = those as [JudgedFault];
      const kinds = those.map(({ kind }) => kind).join(', ');
      const witnesses = [...new Set(those.flatMap(({ replay }) => replay))].map(replayWords).join(', ');
      // Its reason says so in words.
      const words = verdict === 'NOT_PROVOKED' ? '' : `${verdictCell(verdict)}: `;
      return `- ${code(strategy)}, ${kinds}: ${words}${sentence(prose(why))} ${witnesses}`.trimEnd();
    }),
    '',
  ];
}

function historyWords(history: readonly Past[]): readonly string[] {
  const [first] = history;
  if (history.length === 1) return [`Like this since ${runWords(refOf(first!))}.`];
  return [
    ...tableHead(['since', 'verdict', 'rests on', 'the fix', 'status']),
    ...history.map((past) =>
      tableRow([
        runWords(refOf(past)),
        verdictCell(past.verdict),
        restsOnWords(past.strength),
        past.fixVerdict === undefined
          ? ''
          : `${verdictCell(past.fixVerdict)}, ${restsOnWords(past.fixStrength ?? 'none')}`,
        plain(past.status),
      ]),
    ),
  ];
}

const refOf = ({ run, startedAt }: Past): RunRef => ({ id: run, ...(startedAt === undefined ? {} : { startedAt }) });
