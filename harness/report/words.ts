/** The words that all reports use for verdicts, strengths and losses. */

import type { CollisionClass } from '../oracle/finding.ts';
import type { Sampled } from '../verdict/strength.ts';
import type { RecordedFinding, Verdict } from '../verdict/verdict.ts';

/** `LAST_WRITER_WINS + TORN_STATE`, `SAFE`, `not provoked (DOUBLE_CONSUME)`. */
export function verdictWords({ status, classes, notProvoked }: Verdict): string {
  if (status === 'COLLIDES') return classes.join(' + ');
  return status === 'NOT_PROVOKED' ? `not provoked (${notProvoked.join(' + ')})` : status;
}

/** `0 of 400 rounds, p < 0.75 %`: what a verdict rests on. */
export function strengthWords(strength: Sampled | undefined): string {
  if (strength === undefined) return '';
  const { rounds, collided, failed, upperBound } = strength;
  const of = `${collided} of ${rounds} rounds${failed > 0 ? ` (${failed} failed)` : ''}`;
  return collided > 0 ? of : `${of}, p < ${percent(upperBound)}`;
}

/** Two significant digits, rounded up so that a bound stays one. */
export function percent(share: number): string {
  const value = share * 100;
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  const rounded = Math.ceil(value / unit - 1e-9) * unit;
  return `${Number(rounded.toPrecision(3))} %`;
}

const losses: Readonly<Record<CollisionClass, (finding: RecordedFinding, verdict: Verdict) => string>> = {
  LAST_WRITER_WINS: ({ count }, { counts }) => `${count} of ${counts.acknowledged} updates lost`,
  TORN_LINES: ({ count }) => `${count} torn lines`,
  TORN_STATE: ({ count }) => `seen or left torn ${times(count)}`,
  DOUBLE_CONSUME: ({ count }) => `granted to several ${times(count)}`,
  EXCLUSION_BROKEN: ({ count }) => `too many holders ${times(count)}`,
  DUPLICATE_KEY: ({ count }) => `${count} keys taken twice`,
  DUPLICATE_ENTRY: ({ count }) => `${count} entries doubled`,
  FOREIGN_DELETE: ({ count }) => `${count} deleted by others`,
  CONTAMINATED: ({ count }) => `foreign state used ${times(count)}`,
  FORKED_CHAIN: ({ count }) => `${count} links broken`,
  NOT_SERIALIZABLE: ({ count }) => `${count} outcomes unexplained`,
  STUCK: ({ count }) => `stuck ${times(count)}`,
  LOST_ON_CRASH: ({ count }) => `${count} lost in a crash`,
  CORRUPT_ON_CRASH: ({ count }) => `unreadable after ${count} crashes`,
};

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** What was lost, torn, doubled or mixed up, and beside it what was refused or counted. */
export function lossWords(verdict: Verdict): string {
  const { counts, findings } = verdict;
  return [
    ...findings.map((finding) => losses[finding.class](finding, verdict)),
    ...(counts.refused > 0 ? [`${counts.refused} refused`] : []),
    ...(counts.unknown > 0 ? [`${counts.unknown} failed`] : []),
    ...Object.entries(counts.others).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : [])),
  ].join('; ');
}

/** `12.3 s`, `1 min 5 s`. */
export function durationWords(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
