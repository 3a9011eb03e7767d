/** What of a report is wrong: decided here, once, for all formats. */

import type { Change } from '../baseline/change.ts';
import type { FaultVerdict } from '../verdict/fault-verdict.ts';
import { rowName } from '../verdict/fingerprint.ts';
import type { Status, Verdict } from '../verdict/verdict.ts';
import type { FaultResults } from './fault-results.ts';
import type { Report } from './report.ts';
import { unexpectedOf } from './results.ts';

/**
 * - `fine`: as it should be, be it SAFE or a collision that is known. - `wrong`: not what it should be. - `unjudged`: there should be
 * a verdict, and there is none. - `skipped`: it could not be tried here, or there was nothing to try.
 */
export type Judgement = 'fine' | 'wrong' | 'unjudged' | 'skipped';

export interface JudgedRow {
  readonly verdict: Verdict;
  readonly judgement: Judgement;
  /** How it differs from the baseline, where there is one. */
  readonly changes: readonly Change[];
}

/** Nothing was learned about collisions: a session alone is no collision either. */
export const WITHOUT_VERDICT: ReadonlySet<Status> = new Set(['INCONCLUSIVE', 'VACUOUS', 'BROKEN_ALONE']);

/** Every row. Against a baseline those are wrong of which a change fails; else those that are not as their truth says. */
export function judgedRows({ results, comparison }: Report): readonly JudgedRow[] {
  const unexpected = new Set(unexpectedOf(results.verdicts));
  const byRow = Map.groupBy(comparison?.changes ?? [], ({ row }) => row);
  return results.verdicts.map((verdict) => {
    const changes = byRow.get(rowName(verdict)) ?? [];
    const bad = comparison === undefined ? unexpected.has(verdict) : changes.some(failsOn(verdict));
    return { verdict, changes, judgement: judgementOf(verdict.status, bad, changes) };
  });
}

/** That a row comes to nothing has to be agreed to: not that it could not be run before. */
const failsOn =
  ({ status }: Verdict) =>
  ({ kind, fails }: Change): boolean =>
    fails || (kind === 'unknown' && WITHOUT_VERDICT.has(status));

/** What fails only because it could not be compared is not wrong; what has no verdict is not, either. */
function judgementOf(status: Status, bad: boolean, changes: readonly Change[]): Judgement {
  const failing = changes.filter(({ fails }) => fails);
  const uncompared = failing.length > 0 && failing.every(({ kind }) => kind === 'uncompared');
  if (bad) return uncompared || WITHOUT_VERDICT.has(status) ? 'unjudged' : 'wrong';
  return status === 'SKIPPED' ? 'skipped' : 'fine';
}

/** Changes of rows that the run does not have. */
export function changesBeside({ results, comparison }: Report): readonly Change[] {
  const rows = new Set(results.verdicts.map(rowName));
  return (comparison?.changes ?? []).filter(({ row }) => !rows.has(row));
}

export interface JudgedCell {
  readonly cell: FaultVerdict;
  readonly judgement: Judgement;
}

/** Every strategy under every kind of fault. A baseline says nothing of these, so their truth decides. */
export const judgedCells = ({ faults }: Report): readonly JudgedCell[] =>
  (faults?.faults ?? []).map((cell) => ({ cell, judgement: cellJudgement(cell) }));

function cellJudgement({ status, asExpected }: FaultVerdict): Judgement {
  if (!asExpected) return status === 'INCONCLUSIVE' ? 'unjudged' : 'wrong';
  return status === 'SKIPPED' || status === 'NONE' ? 'skipped' : 'fine';
}

/** Of all that a report is about, for the exit code. Where there is no place for a fault, that was found out. */
export const judgementsOf = (report: Report): readonly Judgement[] => [
  ...judgedRows(report).map(({ judgement }) => judgement),
  ...changesBeside(report).map(({ fails }) => (fails ? 'wrong' : 'fine')),
  ...(report.faults === undefined ? [] : cellJudgements(report.faults)),
];

export const cellJudgements = ({ faults }: Pick<FaultResults, 'faults'>): readonly Judgement[] =>
  faults.map((cell) => (cell.status === 'NONE' ? 'fine' : cellJudgement(cell)));

/** `daily-log/append, crash`. */
export const cellName = ({ target, strategy, kind }: FaultVerdict): string => `${target}/${strategy}, ${kind}`;
