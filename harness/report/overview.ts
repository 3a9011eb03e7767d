/** What a run prints: the table, what it amounts to, and the findings step by step where they are few. */

import type { Comparison } from '../baseline/change.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { RecordedFinding, Verdict } from '../verdict/verdict.ts';
import type { FaultResults } from './fault-results.ts';
import { matrix, matrixSummary } from './matrix.ts';
import type { Report, Reporter } from './report.ts';
import { safetyWords } from './safety.ts';
import { summary } from './summary.ts';
import { isolationTable, type Look, verdictTable } from './table.ts';
import { byReplay, quoted, timeline } from './timeline.ts';
import { amount } from './words.ts';
import { wrapped } from './wrap.ts';

export const tableReport: Reporter = (report) => {
  const { results, faults, comparison, replayWith } = report;
  const look = report.look ?? PIPED;
  const { options, verdicts, safety } = results;
  const table = options.modes.length > 1 && options.topology === undefined ? isolationTable : verdictTable;
  return [
    table(verdicts, look),
    '',
    summary(results),
    ...(safety === undefined ? [] : ['', safetyWords(safety, look.columns)]),
    `${pictures(report, look.columns)}\n`,
    ...(comparison === undefined ? [] : [changesText(comparison, look.columns, replayWith)]),
    ...(faults === undefined ? [] : [faultsText(faults, report.look, replayWith)]),
  ].join('\n');
};

const PIPED: Look = { columns: 140, colour: false };

/** Of more findings than this, only those that nobody expected are shown step by step. */
const PICTURES_MAX = 4;

/** Wider, and the eye loses the row. */
const PICTURE_COLUMNS = 120;

/** The witnesses step by step, where there are few; else how to see them. */
function pictures({ results, scenarios, replayWith }: Report, columns: number): string {
  const explored = results.verdicts.flatMap((verdict) =>
    verdict.findings.filter(({ replay }) => replay !== undefined).map((finding) => ({ verdict, finding })),
  );
  if (explored.length === 0) return '';
  const few = explored.length <= PICTURES_MAX;
  const shown = explored.filter(({ verdict }) => few || !verdict.asExpected).slice(0, PICTURES_MAX);
  const width = Math.min(columns, PICTURE_COLUMNS);
  const blocks = shown.flatMap(({ verdict, finding }) =>
    picture(scenarios, verdict, finding, { width, ...(replayWith === undefined ? {} : { replayWith }) }),
  );
  const [{ verdict }] = explored as [(typeof explored)[number]];
  const hint = `Every finding that was explored has a witness: \`collide replay ${verdict.target}/${verdict.strategy}\` shows that one step by step.`;
  return ['', ...blocks, ...(few ? [] : [hint])].join('\n\n').replace(/^\n/, '');
}

/** None of a target that is not there any more. */
function picture(
  scenarios: readonly Scenario[],
  { target }: Verdict,
  finding: RecordedFinding,
  options: Parameters<typeof timeline>[2],
): readonly string[] {
  const scenario = scenarios.find(({ id }) => id === target);
  return scenario === undefined ? [] : [timeline(scenario, finding, options)];
}

/** What differs from the baseline, those that fail first. */
function changesText({ baseline, rows, changes }: Comparison, columns: number, replayWith = byReplay): string {
  const failing = changes.filter(({ fails }) => fails).length;
  return [
    `Against ${baseline}: ${amount(rows, 'row')} compared, ${amount(changes.length, 'change')}, ${failing} of which fail.`,
    ...changes.flatMap(({ fails, kind, row, message, replay }) => [
      ...wrapped(`${fails ? '✗ ' : ''}${row}: ${kind}: ${message}`, columns, '  '),
      ...(replay === undefined ? [] : [`  ${replayWith(quoted(replay))}`]),
    ]),
    '',
  ].join('\n');
}

const PIPED_FAULTS: Look = { columns: 160, colour: false };
const FAULT_TEXT_COLUMNS = 120;

/**
 * The matrix of strategies and kinds of fault, and what it says.
 *
 * @param look without it: wider than the table, since the matrix has more columns.
 */
export function faultsText(
  results: FaultResults,
  look: Look = PIPED_FAULTS,
  replayWith?: (witness: string) => string,
): string {
  if (results.faults.length === 0) {
    if (results.interrupted) return 'Interrupted before any strategy was done.\n';
    return 'None of these targets has a strategy that is SAFE while all goes well.\n';
  }
  return `${matrix(results, look)}\n\n${matrixSummary(results, Math.min(look.columns, FAULT_TEXT_COLUMNS), replayWith)}\n`;
}
