/** What `collide gate` prints: what got worse first, with its steps, then what is to be known. */

import type { Change, Comparison } from '../baseline/change.ts';
import type { Updated } from '../baseline/update.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { fingerprintOf, rowName } from '../verdict/fingerprint.ts';
import type { RecordedFinding, Verdict } from '../verdict/verdict.ts';
import type { Results } from './results.ts';
import { byReplay, quoted, timeline } from './timeline.ts';
import { amount, durationWords, effortWords } from './words.ts';
import { wrapped } from './wrap.ts';

export interface ComparisonLook {
  readonly columns: number;
  /** The command that makes an execution again from its witness. */
  readonly replayWith?: (witness: string) => string;
}

/** Of more new races than this, the others are only named. */
const PICTURES_MAX = 3;

export function comparisonText(
  comparison: Comparison,
  results: Results,
  scenarios: readonly Scenario[],
  { columns, replayWith = byReplay }: ComparisonLook,
): string {
  const failing = comparison.changes.filter(({ fails }) => fails);
  const others = comparison.changes.filter(({ fails }) => !fails);
  const pictured = failing.filter(({ kind }) => kind === 'worse' || kind === 'unknown').slice(0, PICTURES_MAX);
  const picture = (change: Change): readonly string[] => {
    const found = findingOf(change, results);
    const scenario = scenarios.find(({ id }) => id === found?.witness.target);
    if (found === undefined || scenario === undefined) return [];
    return ['', timeline(scenario, found, { width: columns, replayWith })];
  };
  return [
    ...failing.flatMap((change) => [
      ...changeLines(change, columns, pictured.includes(change) ? undefined : replayWith),
      ...(pictured.includes(change) ? picture(change) : []),
      '',
    ]),
    ...alike(others).flatMap((change) => changeLines(change, columns)),
    ...(others.length > 0 ? [''] : []),
    ...wrapped(verdictLine(comparison, results), columns, '  '),
    ...wrapped(
      `${effortWords(results) || 'Nothing was run'} in ${durationWords(results.durationMs)}, up to ` +
        `${results.options.writers} writers, seed ${results.options.seed}.`,
      columns,
      '  ',
    ),
    '',
  ].join('\n');
}

/** What is said of several rows is said once. */
function alike(changes: readonly Change[]): readonly Change[] {
  const groups = Map.groupBy(changes, ({ kind, message }) => `${kind} ${message}`);
  return [...groups.values()].map((group) => ({ ...group[0]!, row: group.map(({ row }) => row).join(', ') }));
}

/** @param replayWith left out: how to replay it is said elsewhere, or not at all. */
function changeLines(
  { kind, row, message, replay, fails }: Change,
  columns: number,
  replayWith?: (witness: string) => string,
): readonly string[] {
  return [
    ...wrapped(`${fails ? '✗' : '–'} ${row}: ${kind}: ${message}.`, columns, '  '),
    ...(replay === undefined || replayWith === undefined ? [] : [`  Replay it: ${replayWith(quoted(replay))}`]),
  ];
}

/** The race that a change is about; of a row without an entry, the first one. */
function findingOf({ row, fingerprint }: Change, { verdicts }: Results): RecordedFinding | undefined {
  const verdict = verdicts.find((each) => rowName(each) === row);
  return verdict?.findings.find((each) => fingerprint === undefined || fingerprintOf(verdict, each) === fingerprint);
}

function verdictLine({ baseline, rows, changes }: Comparison, { verdicts }: Results): string {
  const compared = `${amount(rows, 'row')} compared with ${baseline}`;
  const skipped = verdicts.filter(({ status }) => status === 'SKIPPED').length;
  const others = skipped === 0 ? '' : `; ${skipped} could not be run here, and ${skipped === 1 ? 'is' : 'are'} not`;
  const failing = Map.groupBy(
    changes.filter(({ fails }) => fails),
    ({ kind }) => kind,
  );
  const counts = [...failing].map(([kind, { length }]) => `${length} ${kind}`).join(', ');
  return `${counts === '' ? 'Nothing is worse' : `The gate fails, with ${counts}`}: ${compared}${others}.`;
}

/** What `collide gate --update` prints: what changed, and what nothing is held to. */
export function updateText(
  { baseline, kept, without }: Updated,
  { path, columns, comparison }: { readonly path: string; readonly columns: number; readonly comparison?: Comparison },
): string {
  const changes = (comparison?.changes ?? []).filter(({ kind }) => kind !== 'uncompared');
  const lines = [
    ...changes.flatMap((change) => changeLines({ ...change, fails: false }, columns)),
    ...byReason(kept).map(([reason, rows]) => `Kept as it was: ${rows}: ${reason}.`),
    ...byReason(without).map(([reason, rows]) => `Without a verdict: ${rows}: ${reason}.`),
    `${path} ${comparison === undefined ? 'is new' : changes.length === 0 ? 'is as it was' : 'is as it is now'}: ` +
      `${amount(Object.keys(baseline.rows).length, 'row')}, ${amount(Object.keys(baseline.findings).length, 'known race')}.`,
  ];
  return `${lines.flatMap((line) => wrapped(line, columns, '  ')).join('\n')}\n`;
}

function byReason(verdicts: readonly Verdict[]): readonly (readonly [string, string])[] {
  const groups = Map.groupBy(verdicts, ({ status, reason }) => `${status}, ${reason ?? 'no reason given'}`);
  return [...groups].map(([reason, rows]) => [reason, rows.map(rowName).join(', ')]);
}
