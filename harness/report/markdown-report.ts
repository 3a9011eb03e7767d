/** Markdown for a comment on a pull request, or the summary of a step: what needs attention first, all else folded away. */

import { rowName } from '../verdict/fingerprint.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';
import { type Concern, concernsOf } from './concerns.ts';
import { cellName, judgedCells, judgedRows } from './judged.ts';
import { block, code, heading, tableOf } from './markdown-safe.ts';
import { cellWords } from './matrix.ts';
import type { Report, Reporter } from './report.ts';
import { byReplay, quoted, timeline } from './timeline.ts';
import { amount, durationWords, effortWords, evidenceWords, lossWords, verdictWords } from './words.ts';

export const markdownReport: Reporter = (report) => {
  const concerns = concernsOf(report);
  const errors = concerns.filter(({ level }) => level === 'error');
  return [
    heading(headline(report, errors.length)),
    ...concernTable(errors),
    ...pictures(report),
    ...commands(report, errors),
    ...folded('Besides', concernTable(concerns.filter(({ level }) => level !== 'error'))),
    ...folded(`${amount(report.results.verdicts.length, 'row')}`, rowTable(report)),
    ...folded(`${amount(report.faults?.faults.length ?? 0, 'cell')} under faults`, cellTable(report)),
    effort(report),
    '',
  ].join('\n\n');
};

function headline({ results, comparison, faults }: Report, errors: number): string {
  const cells = faults === undefined ? [] : [`${amount(faults.faults.length, 'cell')} under faults`];
  const rows = results.verdicts.length === 0 && cells.length > 0 ? [] : [amount(results.verdicts.length, 'row')];
  const all = [...rows, ...cells].join(' and ');
  const against = comparison === undefined ? '' : `, against ${comparison.baseline}`;
  if (errors > 0) return `✗ collide: ${amount(errors, 'problem')} in ${all}${against}`;
  return `✓ collide: ${all} as expected${against}`;
}

/** A summary that nobody reads to its end says nothing. */
const CONCERNS_MAX = 50;

function concernTable(concerns: readonly Concern[]): readonly string[] {
  if (concerns.length === 0) return [];
  const shown = concerns.slice(0, CONCERNS_MAX);
  const rest = concerns.length - shown.length;
  const rows = shown.map(({ name, title, message }) => [code(name), code(title), code(message, MESSAGE_CHARS)]);
  return [tableOf(['row', '', 'why'], rows), ...(rest === 0 ? [] : [`… and ${rest} more.`])];
}

const MESSAGE_CHARS = 300;

/** Of more than these, the witnesses alone are told. */
const PICTURES_MAX = 3;
const PICTURE_COLUMNS = 110;

function pictures(report: Report): readonly string[] {
  const { scenarios, replayWith } = report;
  const wrong = [
    ...judgedRows(report).map(({ verdict, judgement }) => ({ ...verdict, judgement, name: rowName(verdict) })),
    ...judgedCells(report).map(({ cell, judgement }) => ({ ...cell, judgement, name: cellName(cell) })),
  ].filter(({ judgement }) => judgement === 'wrong');
  const findings = wrong.flatMap(({ target, name, findings }) =>
    findings
      .filter(({ witness }: RecordedFinding) => witness.steps !== undefined)
      .map((finding: RecordedFinding) => ({ target, name, finding })),
  );
  return findings.slice(0, PICTURES_MAX).flatMap(({ target, name, finding }) => {
    const scenario = scenarios.find(({ id }) => id === target);
    if (scenario === undefined) return [];
    const options = { width: PICTURE_COLUMNS, ...(replayWith === undefined ? {} : { replayWith }) };
    return folded(`${name}: ${finding.class}, step by step`, [block('text', timeline(scenario, finding, options))]);
  });
}

/** What to type to see them. */
function commands({ replayWith = byReplay }: Report, errors: readonly Concern[]): readonly string[] {
  const lines = errors.flatMap(({ replays }) => replays).map((replay) => replayWith(quoted(replay)));
  const shown = lines.slice(0, CONCERNS_MAX);
  return shown.length === 0 ? [] : ['To see them again:', block('sh', shown.join('\n'))];
}

const folded = (summary: string, content: readonly string[]): readonly string[] =>
  content.length === 0 ? [] : [`<details><summary>${code(summary)}</summary>`, ...content, '</details>'];

const marks = { fine: '', wrong: '✗', unjudged: '✗', skipped: '–' } as const;

function rowTable(report: Report): readonly string[] {
  const rows = judgedRows(report).map(({ verdict, judgement }) => [
    marks[judgement],
    code(rowName(verdict)),
    verdict.priority,
    code(verdictWords(verdict)),
    code(evidenceWords(verdict)),
    code(lossWords(verdict), MESSAGE_CHARS),
  ]);
  return rows.length === 0 ? [] : [tableOf(['', 'row', '', 'verdict', 'strength', 'what was lost'], rows)];
}

/** Under most kinds of fault most strategies hold: a row for each strategy, and what breaks it. */
function cellTable(report: Report): readonly string[] {
  const groups = Map.groupBy(judgedCells(report), ({ cell }) => `${cell.target}/${cell.strategy}`);
  const rows = [...groups].map(([name, cells]) => [
    cells.some(({ judgement }) => judgement === 'wrong' || judgement === 'unjudged') ? '✗' : '',
    code(name),
    cells
      .map(({ cell, judgement }) => `${marks[judgement]} ${cell.kind}: ${code(cellWords(cell))}`.trim())
      .join('<br>'),
  ]);
  return rows.length === 0 ? [] : [tableOf(['', 'strategy', 'under faults'], rows)];
}

function effort({ results }: Report): string {
  const { options, durationMs, machine } = results;
  const on = `${machine.platform} ${machine.release}, ${amount(machine.cores, 'core')}`;
  return `${effortWords(results) || 'Nothing was run'} in ${durationWords(durationMs)}, up to ${options.writers} writers, seed ${options.seed}, on ${code(on)}.`;
}
