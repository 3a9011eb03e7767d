/** JUnit's XML, as Jenkins reads it: https://github.com/jenkinsci/xunit-plugin has the schema. */

import type { Change } from '../baseline/change.ts';
import { rowName } from '../verdict/fingerprint.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';
import { contentionLines } from './contention.ts';
import {
  cellName,
  changesBeside,
  type JudgedCell,
  type JudgedRow,
  type Judgement,
  judgedCells,
  judgedRows,
} from './judged.ts';
import { cellWords } from './matrix.ts';
import type { Report, Reporter } from './report.ts';
import { byReplay, quoted, timeline } from './timeline.ts';
import { evidenceWords, lossWords, verdictWords } from './words.ts';
import { type Element, xml } from './xml.ts';

/**
 * A suite for each target, a case for each row. What is known to collide, and does, has passed. `failure`: it is not what it should be;
 * `error`: there should be a verdict, and there is none, which says nothing about the writer.
 */
export const junitReport: Reporter = (report) => {
  const suites = [
    ...suitesOf(
      judgedRows(report),
      ({ verdict }) => verdict.target,
      (row) => rowCase(report, row),
    ),
    ...suitesOf(
      judgedCells(report),
      ({ cell }) => `${cell.target} under faults`,
      (cell) => cellCase(report, cell),
    ),
    ...suitesOf(changesBeside(report), () => 'baseline', changeCase),
    ...suitesOf(report.results.broken === undefined ? [] : [report.results.broken], () => 'collide', brokenCase),
  ];
  const cases = suites.flatMap(({ cases }) => cases);
  return xml({
    name: 'testsuites',
    attributes: {
      name: 'collide',
      tests: cases.length,
      failures: count(cases, 'failure'),
      errors: count(cases, 'error'),
      time: (report.results.durationMs / 1_000).toFixed(3),
    },
    children: suites.map(suite),
  });
};

interface Case {
  readonly classname: string;
  readonly name: string;
  readonly result?: {
    readonly kind: ResultKind;
    readonly type: string;
    readonly message: string;
    readonly text: string;
  };
  readonly output: readonly string[];
}

type ResultKind = 'failure' | 'error' | 'skipped';

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

const suitesOf = <T>(items: readonly T[], nameOf: (item: T) => string, caseOf: (item: T) => Case): readonly Suite[] =>
  [...Map.groupBy(items, nameOf)].map(([name, group]) => ({ name, cases: group.map(caseOf) }));

const count = (cases: readonly Case[], kind: ResultKind): number =>
  cases.filter(({ result }) => result?.kind === kind).length;

const suite = ({ name, cases }: Suite): Element => ({
  name: 'testsuite',
  attributes: {
    name,
    tests: cases.length,
    failures: count(cases, 'failure'),
    errors: count(cases, 'error'),
    skipped: count(cases, 'skipped'),
  },
  children: cases.map(testcase),
});

const testcase = ({ classname, name, result, output }: Case): Element => ({
  name: 'testcase',
  attributes: { classname, name },
  children: [
    ...(result === undefined ? [] : [resultElement(result)]),
    ...(output.length === 0 ? [] : [{ name: 'system-out', children: [output.join('\n')] }]),
  ],
});

/** In the schema, what is skipped has no attributes. */
const resultElement = ({ kind, type, message, text }: NonNullable<Case['result']>): Element =>
  kind === 'skipped'
    ? { name: kind, children: [message] }
    : { name: kind, attributes: { type, message }, children: [text] };

const kinds: Readonly<Record<Judgement, ResultKind | undefined>> = {
  fine: undefined,
  wrong: 'failure',
  unjudged: 'error',
  skipped: 'skipped',
};

function rowCase(report: Report, { verdict, judgement, changes }: JudgedRow): Case {
  const words = verdictWords(verdict);
  const failing = changes.filter(({ fails }) => fails);
  const reasons = failing.length > 0 ? failing.map(changeWords) : [verdict.reason ?? words];
  const kind = kinds[judgement];
  const [, strategy = ''] = rowName(verdict).split(/\/(.*)/s);
  return {
    classname: `collide.${verdict.target}`,
    name: strategy,
    ...(kind === undefined
      ? {}
      : {
          result: {
            kind,
            type: words,
            message: reasons.join('; '),
            text: [...reasons, ...pictures(report, verdict.target, verdict.findings)].join('\n\n'),
          },
        }),
    output: [
      [words, evidenceWords(verdict)].filter(Boolean).join(': '),
      lossWords(verdict),
      ...(verdict.contention === undefined
        ? []
        : contentionLines(verdict.contention, (witness) => (report.replayWith ?? byReplay)(quoted(witness)))),
      ...changes.filter(({ fails }) => !fails).map(changeWords),
      ...replays(report, verdict.findings),
    ].filter(Boolean),
  };
}

const changeWords = ({ kind, message }: Change): string => `${kind}: ${message}`;

function cellCase(report: Report, { cell, judgement }: JudgedCell): Case {
  const { target, why, findings } = cell;
  const kind = kinds[judgement];
  const words = cellWords(cell);
  const text = [why, ...pictures(report, target, findings)].join('\n\n');
  return {
    classname: `collide.${target}.faults`,
    name: cellName(cell).slice(target.length + 1),
    ...(kind === undefined ? {} : { result: { kind, type: words, message: why, text } }),
    output: kind === 'skipped' ? [] : [`${words}: ${why}`, ...replays(report, findings)],
  };
}

const changeCase = (change: Change): Case => ({
  classname: 'collide.baseline',
  name: change.row,
  ...(change.fails
    ? { result: { kind: 'failure', type: change.kind, message: change.message, text: change.message } }
    : {}),
  output: [changeWords(change)],
});

const brokenCase = (broken: string): Case => ({
  classname: 'collide',
  name: 'the run comes to its end',
  result: { kind: 'error', type: 'broken off', message: broken, text: broken },
  output: [],
});

const PICTURE_COLUMNS = 120;

/** What went wrong, step by step. */
function pictures(
  { scenarios, replayWith }: Report,
  target: string,
  findings: readonly RecordedFinding[],
): readonly string[] {
  const scenario = scenarios.find(({ id }) => id === target);
  if (scenario === undefined) return findings.map((finding) => `${finding.class}: ${finding.message}`);
  const options = { width: PICTURE_COLUMNS, ...(replayWith === undefined ? {} : { replayWith }) };
  return findings.map((finding) => timeline(scenario, finding, options));
}

const replays = ({ replayWith = byReplay }: Report, findings: readonly RecordedFinding[]): readonly string[] =>
  findings.flatMap(({ replay }) => (replay === undefined ? [] : [replayWith(quoted(replay))]));
