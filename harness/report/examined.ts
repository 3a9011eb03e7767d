/** What is said of one target that somebody wanted to know about. */

import { omissionWords } from '../history/omission.ts';
import { someOf } from '../oracle/finding.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Strength } from '../verdict/strength.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { contentionLines } from './contention.ts';
import { quoted, timeline } from './timeline.ts';
import { amount, strengthWords, verdictWords } from './words.ts';

export interface ExaminedOptions {
  /** In columns. */
  readonly width: number;
  readonly replayWith: (witness: string) => string;
  /** Sessions that were asked for. */
  readonly writers: number;
  /** Why nothing could be explored. */
  readonly noGate?: string | undefined;
}

/** Each finding step by step, then the verdict. */
export function examinedText(
  scenario: Scenario,
  verdict: Verdict,
  { width, replayWith, writers, noGate }: ExaminedOptions,
): string {
  const { status, findings, strength, counts, reason, outside = [], uncompared = [], contention } = verdict;
  const pictures = findings.flatMap((finding) => [timeline(scenario, finding, { width, replayWith }), '']);
  const evidence = strengthWords(strength, verdict);
  return [
    ...pictures,
    `${verdictWords(verdict)}${evidence === '' ? '' : `: ${evidence}`}`,
    ...(status === 'SAFE' ? held(verdict, scenario.serial?.isRight === true, uncompared.length > 0) : []),
    ...(verdict.writers > 0 && verdict.writers < writers
      ? [`What they leave tells them apart, and ${writers} have too many orders: ${verdict.writers} were run at once.`]
      : []),
    ...(reason === undefined || (status === 'COLLIDES' && !reason.includes('contradicts itself')) ? [] : [reason]),
    ...(counts.refused === 0 || verdict.classes.includes('FAILS_UNDER_CONTENTION')
      ? []
      : [`Refused, which is no collision: ${counts.refused} of ${counts.refused + counts.acknowledged} operations.`]),
    ...(contention === undefined ? [] : contentionLines(contention, (witness) => replayWith(quoted(witness)))),
    ...(contention === undefined ? [] : ['--expect all-succeed makes that a finding.']),
    ...(uncompared.length === 0 ? [] : [`Not compared, since it differs each time: ${someOf(uncompared)}.`]),
    ...(outside.length === 0
      ? []
      : [`Warning: the commands changed files outside the copy, for real: ${someOf(outside)}`]),
    ...(noGate === undefined ? [] : [`No exploration, storm only: ${noGate}`]),
  ].join('\n');
}

/** What the level means here; where sessions fail because of each other, serial orders explain only what the others leave. */
function held({ level, strength, contention }: Verdict, serial: boolean, inPart: boolean): readonly string[] {
  const part = inPart ? ', as far as it was compared' : '';
  if (contention !== undefined && serial) {
    const outcome = 'the files are what some serial order of the commands that succeeded leaves';
    return [
      `In all of them ${outcome}${part}; but a command fails that never fails alone.`,
      ...(level === 'sampled' ? [`That is a sample, and not all interleavings${beyond(strength)}`] : []),
    ];
  }
  const well = `${serial ? 'has the outcome of a serial order' : 'ends as is expected'}${part}`;
  const { explored } = strength ?? {};
  if (level === 'all' && explored !== undefined)
    return [`Every interleaving of ${explored.sessions} sessions ${well}.`];
  if (level === 'bounded' && explored !== undefined) {
    const bound = amount(explored.preemptions ?? 0, 'preemption');
    return [`Every schedule of ${explored.sessions} sessions with at most ${bound} ${well}.`];
  }
  return [`Whatever was tried ${well}; that is a sample, and not all interleavings${beyond(strength)}`];
}

/** What more time would do. */
function beyond({ explored, probed }: Strength = {}): string {
  const leftOut = omissionWords([...(explored?.omitted ?? []), ...(probed?.omitted ?? [])]);
  return leftOut.length === 0
    ? ': a longer --budget tries more.'
    : `. It can't become complete, because of what was left out: ${leftOut.join(', ')}.`;
}
