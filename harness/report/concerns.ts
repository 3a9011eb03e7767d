/** What somebody has to look at, and how urgently. */

import type { Change, ChangeKind } from '../baseline/change.ts';
import type { FaultVerdict } from '../verdict/fault-verdict.ts';
import { rowName } from '../verdict/fingerprint.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';
import { contentionMessage, contentionWords } from './contention.ts';
import { cellName, changesBeside, type JudgedRow, judgedCells, judgedRows } from './judged.ts';
import { cellWords } from './matrix.ts';
import type { Report } from './report.ts';
import { criticalIn, criticalWords, destructiveIn, destructiveWords } from './timeline.ts';
import { amount, verdictWords } from './words.ts';

/** Most urgent first. `error`: the run fails because of it. `warning`: it covers less than it seems to. `notice`: good to know. */
export const levels = ['error', 'warning', 'notice'] as const;

export type Level = (typeof levels)[number];

export interface Concern {
  readonly level: Level;
  /** Of one target. */
  readonly target?: string;
  /** The row, the cell, or what else it is about. */
  readonly name: string;
  /** What is the matter, in a few words: `LAST_WRITER_WINS`. */
  readonly title: string;
  /** In words, of which parts may be from files. */
  readonly message: string;
  /** Witnesses. */
  readonly replays: readonly string[];
}

/** Errors first, then warnings, then notices; the order of the catalogue within these. */
export function concernsOf(report: Report): readonly Concern[] {
  const all = [...ofRows(report), ...changesBeside(report).map(ofChange), ...ofCells(report), ...ofRun(report)];
  return levels.flatMap((level) => all.filter((concern) => concern.level === level));
}

function ofRows(report: Report): readonly Concern[] {
  return judgedRows(report).flatMap((judged) => [
    ...(report.comparison === undefined ? ofRow(judged) : judged.changes.map((change) => ofRowChange(judged, change))),
    ...ofContention(judged),
  ]);
}

/** It does not change what the row is judged to be. */
function ofContention({ verdict }: JudgedRow): readonly Concern[] {
  const { target, contention } = verdict;
  if (contention === undefined) return [];
  const [title = ''] = contentionWords(contention);
  const { replay } = contention;
  const about = { level: 'notice', target, name: rowName(verdict), title } as const;
  return [
    { ...about, message: contentionMessage(contention).join('\n'), replays: replay === undefined ? [] : [replay] },
  ];
}

function ofRow({ verdict, judgement }: JudgedRow): readonly Concern[] {
  if (judgement !== 'wrong' && judgement !== 'unjudged') return [];
  const { target, reason, findings } = verdict;
  const title = verdictWords(verdict);
  const message = [reason, ...findings.flatMap(findingLines)].filter(Boolean);
  return [
    {
      level: 'error',
      target,
      name: rowName(verdict),
      title,
      message: message.join('\n') || title,
      replays: replaysOf(findings),
    },
  ];
}

/** What it is, then the steps that did it, as far as they are known. */
function findingLines(finding: RecordedFinding): readonly string[] {
  const critical = criticalIn(finding);
  const destructive = destructiveIn(finding);
  return [
    `${finding.class}: ${finding.message}`,
    ...(critical === undefined ? [] : [criticalWords(critical, finding.witness)]),
    ...(destructive === undefined ? [] : [destructiveWords(destructive, finding.witness)]),
  ];
}

const ofRowChange = ({ verdict }: JudgedRow, change: Change): Concern => ({
  ...ofChange(change),
  target: verdict.target,
});

const changeLevels: Readonly<Record<ChangeKind, Exclude<Level, 'error'>>> = {
  worse: 'warning',
  weaker: 'warning',
  unknown: 'warning',
  vanished: 'warning',
  stale: 'warning',
  expired: 'warning',
  uncompared: 'warning',
  better: 'notice',
  stronger: 'notice',
};

const ofChange = ({ kind, row, message, replay, fails }: Change): Concern => ({
  level: fails ? 'error' : changeLevels[kind],
  name: row,
  title: kind,
  message,
  replays: replay === undefined ? [] : [replay],
});

function ofCells(report: Report): readonly Concern[] {
  return judgedCells(report).flatMap(({ cell, judgement }) =>
    judgement === 'wrong' || judgement === 'unjudged' ? [ofCell(cell)] : [],
  );
}

const ofCell = (cell: FaultVerdict): Concern => ({
  level: 'error',
  target: cell.target,
  name: cellName(cell),
  title: cellWords(cell),
  message: cell.why,
  replays: replaysOf(cell.findings),
});

const replaysOf = (findings: readonly RecordedFinding[]): readonly string[] =>
  findings.flatMap(({ replay }) => replay ?? []);

/** What the run did not do. */
function ofRun({ results, faults }: Report): readonly Concern[] {
  const { broken, interrupted, noGate, verdicts } = results;
  const about = (level: Level, title: string, message: string): Concern => ({
    level,
    name: 'collide',
    title,
    message,
    replays: [],
  });
  const skipped = Map.groupBy(
    verdicts.filter(({ status }) => status === 'SKIPPED'),
    ({ reason }) => reason,
  );
  const done = `${amount(verdicts.length, 'row')} were done; the others have no verdict`;
  return [
    ...(broken === undefined ? [] : [about('error', 'broken off', `${broken}. ${done}`)]),
    ...(interrupted && broken === undefined ? [about('warning', 'interrupted', done)] : []),
    ...(faults?.interrupted ? [about('warning', 'interrupted', 'not all faults were tried')] : []),
    ...(noGate === undefined ? [] : [about('warning', 'storm only', noGate)]),
    ...[...skipped].map(([reason, rows]) =>
      about('notice', 'SKIPPED', `${rows.map(rowName).join(', ')}: ${reason ?? 'no reason is known'}`),
    ),
  ];
}
