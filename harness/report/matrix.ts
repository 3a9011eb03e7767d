/** Strategies under faults: a row for each strategy, a column for each kind of fault. */

import { styleText } from 'node:util';
import { collisionClasses } from '../oracle/finding.ts';
import { type FaultKind, faultKinds, isPower } from '../scenario/faults.ts';
import type { FaultVerdict } from '../verdict/fault-verdict.ts';
import type { FaultResults } from './fault-results.ts';
import { type Look, table } from './table.ts';
import { byReplay, quoted } from './timeline.ts';
import { amount, durationWords, number } from './words.ts';
import { wrapped } from './wrap.ts';

export function matrix({ faults, options }: FaultResults, look: Look): string {
  const rows = [...Map.groupBy(faults, ({ target, strategy }) => `${target}/${strategy}`)].map(
    ([name, verdicts], at, all) => {
      const [first] = verdicts;
      const [before] = all[at - 1]?.[1] ?? [];
      const isNew = before?.target !== first!.target;
      const cells = options.kinds.map((kind) =>
        cell(
          verdicts.find((verdict) => verdict.kind === kind),
          look,
        ),
      );
      return [isNew ? first!.target : '', name.slice(first!.target.length + 1), ...cells];
    },
  );
  return table(['target', 'strategy', ...options.kinds], rows, look);
}

/** A class breaks where its words do: columns are narrow. */
const inLines = (words: string): string =>
  words.replaceAll(/_(ON|WINS|BROKEN|CONSUME|STATE|LINES|CHAIN|ENTRY)/g, '_ $1');

function cell(verdict: FaultVerdict | undefined, { colour }: Look): string {
  if (verdict === undefined) return '';
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const words = inLines(cellWords(verdict));
  if (!verdict.asExpected) return paint(['red', 'bold'], `✗ ${words}`);
  switch (verdict.status) {
    case 'SAFE':
      return paint('green', words);
    case 'COLLIDES':
      return paint('yellow', words);
    default:
      return paint('gray', words);
  }
}

/** `SAFE 13·2`, `SAFE 46`, `LOST_ON_CRASH`, `–`. */
export function cellWords({ kind, status, classes, points, extent, partial }: FaultVerdict): string {
  switch (status) {
    case 'COLLIDES':
      return classes.join(' + ');
    case 'SAFE':
      return `SAFE ${points}${partial ? '+' : ''}${isPower(kind) ? '' : `·${extent}`}`;
    case 'NONE':
      return '–';
    case 'NOT_PROVOKED':
      return 'not provoked';
    default:
      return status;
  }
}

/** What the marks in a cell mean. */
const marks: Readonly<Record<string, string>> = {
  'SAFE 13·2':
    'nothing of it came out of 13 different faults of this kind, each in every schedule with at most 2 preemptions',
  '13·alone': 'with no other session beside',
  'SAFE 46': 'nor out of 46 states that the disk may be in when the power fails',
  '13+': 'there may be more than were tried',
  '–': 'nothing of this kind can happen to it',
};

/** Each mark with its meaning, in one line. */
export const marksWords = (shown: (mark: string) => string): string =>
  Object.entries(marks)
    .map(([mark, meaning]) => `${shown(mark)}: ${meaning}`)
    .join('; ');

/** What the matrix says, in words: what breaks and why, what was tried, and what the marks mean. */
export function matrixSummary(results: FaultResults, columns: number, replayWith = byReplay): string {
  const { faults, options, executions, points, durationMs, interrupted } = results;
  const broken = faults.filter(({ status }) => status === 'COLLIDES');
  const others = faults.filter(({ status }) => ['NOT_PROVOKED', 'INCONCLUSIVE', 'SKIPPED'].includes(status));
  const found = [...new Set(broken.flatMap(({ classes }) => classes))];
  const safe = faults.filter(({ status }) => status === 'SAFE').length;
  const unexpected = faults.filter(({ asExpected }) => !asExpected).length;
  const lines = [
    ...broken.flatMap((verdict) => explained(verdict, columns, replayWith)),
    ...(others.length > 0 ? ['No verdict:', ...byReason(others, columns), ''] : []),
    ...found.map((kind) => `  ${kind.padEnd(18)} ${collisionClasses[kind]}`),
    ...(found.length > 0 ? [''] : []),
    ...paragraph(`${marksWords((mark) => mark)}.`, columns),
    ...options.kinds.flatMap((kind) => paragraph(`${kind}: ${faultKinds[kind]}`, columns, '  ')),
    '',
    unexpected === 0
      ? `All ${amount(faults.length, 'cell')} are as their truth says, as far as they were tried: ${safe} SAFE, ${broken.length} not.`
      : `✗ ${unexpected} of ${amount(faults.length, 'cell')} are not as expected.`,
    `${number(points)} different faults in ${number(executions)} executions, in ${durationWords(durationMs)}, seed ${options.seed}${interrupted ? '; interrupted' : ''}.`,
  ];
  return lines.join('\n');
}

function explained(verdict: FaultVerdict, columns: number, replayWith: (witness: string) => string): readonly string[] {
  const { target, strategy, kind, classes, why, asExpected, truth, findings } = verdict;
  const name = `${target}/${strategy}`;
  const said = truth.length === 0 ? 'SAFE' : truth.join(' + ');
  const surprise = asExpected ? '' : ` (✗ expected: ${said})`;
  const replays = findings.flatMap(({ class: found, replay }) => (replay === undefined ? [] : [{ found, replay }]));
  return [
    ...paragraph(`${name}, ${kind}: ${classes.join(' + ')}${surprise}. ${why}`, columns),
    ...replays.map(({ found, replay }) => `  ${replays.length > 1 ? `${found}: ` : ''}${replayWith(quoted(replay))}`),
    '',
  ];
}

function byReason(verdicts: readonly FaultVerdict[], columns: number): readonly string[] {
  const groups = Map.groupBy(verdicts, ({ target, strategy, status, why }) =>
    JSON.stringify([target, strategy, status, why]),
  );
  return [...groups.values()].flatMap((group) => {
    const [{ target, strategy, status, why }] = group as [FaultVerdict];
    const kinds: readonly FaultKind[] = group.map(({ kind }) => kind);
    return paragraph(`${target}/${strategy}, ${kinds.join(', ')}: ${status}, ${why}`, columns, '  ');
  });
}

const paragraph = (text: string, columns: number, indent = ''): readonly string[] =>
  wrapped(`${indent}${text}`, columns, `${indent}  `);
