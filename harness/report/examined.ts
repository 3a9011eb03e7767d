/** What is said of one target that somebody wanted to know about. */

import { someOf } from '../oracle/finding.ts';
import type { Scenario } from '../scenario/scenario.ts';
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
    ...(status === 'SAFE' ? [held(verdict, scenario.serial?.isRight === true, uncompared.length > 0)] : []),
    ...(verdict.writers > 0 && verdict.writers < writers
      ? [`What they leave tells them apart, and ${writers} have too many orders: ${verdict.writers} were run at once.`]
      : []),
    ...(reason === undefined || (status === 'COLLIDES' && !reason.includes('contradicts itself')) ? [] : [reason]),
    ...(counts.refused === 0 || verdict.classes.includes('FAILS_UNDER_CONTENTION')
      ? []
      : [`Refused, which is no collision: ${counts.refused} of ${counts.refused + counts.acknowledged} operations.`]),
    ...(contention === undefined ? [] : contentionLines(contention, (witness) => replayWith(quoted(witness)))),
    ...(uncompared.length === 0 ? [] : [`Not compared, since it differs each time: ${someOf(uncompared)}.`]),
    ...(outside.length === 0 ? [] : [`Written outside of the copy, for real, and not looked at: ${someOf(outside)}.`]),
    ...(noGate === undefined ? [] : [`No exploration, storm only: ${noGate}`]),
  ].join('\n');
}

function held({ level, strength }: Verdict, serial: boolean, inPart: boolean): string {
  const well = `${serial ? 'has the outcome of a serial order' : 'ends as is expected'}${inPart ? ', as far as it was compared' : ''}`;
  const { explored } = strength ?? {};
  if (level === 'all' && explored !== undefined) return `Every interleaving of ${explored.sessions} sessions ${well}.`;
  if (level === 'bounded' && explored !== undefined) {
    return `Every schedule of ${explored.sessions} sessions with at most ${amount(explored.preemptions ?? 0, 'preemption')} ${well}.`;
  }
  return `Whatever was tried ${well}; that is a sample, and not all interleavings: a longer --budget tries more.`;
}
