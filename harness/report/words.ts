/** The words that all reports use for verdicts, strengths and losses. */

import type { CampaignResult } from '../campaign/result.ts';
import type { Mode } from '../history/execution.ts';
import { type Omission, omissionWords } from '../history/omission.ts';
import type { CollisionClass } from '../oracle/finding.ts';
import { type Level, nothingLeftOut } from '../verdict/level.ts';
import { type Explored, type Probed, percent, type Sampled, type Strength, upperBound } from '../verdict/strength.ts';
import type { RecordedFinding, Verdict } from '../verdict/verdict.ts';
import { contentionWords } from './contention.ts';

/** How sessions have the resource, where they do not all share it. */
export const modeWords: Readonly<Record<Mode, string>> = {
  shared: '',
  'per-session': ' (a copy for each session)',
  alone: ' (one writer)',
};

/**
 * `LAST_WRITER_WINS + TORN_STATE`, `SAFE (sampled)`, `SAFE, fails under contention in 12 of 40 interleavings`, `not provoked
 * (DOUBLE_CONSUME)`.
 */
export const verdictWords = (verdict: Worded & Pick<Verdict, 'contention'>): string =>
  [statusWords(verdict), ...contentionWords(verdict.contention)].join(', ');

type Worded = Pick<Verdict, 'status' | 'level' | 'classes' | 'notProvoked' | 'strength'>;

/** Without what is told of beside it. */
export function statusWords({ status, level, classes, notProvoked, strength }: Worded): string {
  if (status === 'COLLIDES') return classes.join(' + ');
  if (status === 'NOT_PROVOKED') return `not provoked (${notProvoked.join(' + ')})`;
  if (level === undefined || level === 'all') return status;
  return `${status} (${level === 'sampled' ? level : boundWords(strength?.explored?.preemptions)})`;
}

const boundWords = (preemptions = 0): string => `≤ ${amount(preemptions, 'preemption')}`;

/** Of what: how many sessions there should be, and whether anything was found; of SAFE, what it rests on. */
type Claimed = Pick<Verdict, 'status' | 'level' | 'writers' | 'readers'>;

/**
 * `all 242 interleavings; PCT d=3, 200 schedules of 5 sessions, p ≥ 0.7 %; 0 of 400 rounds, p < 0.75 %`: what a verdict rests
 * on.
 */
export function strengthWords(strength: Strength | undefined, claimed?: Claimed): string {
  const { explored, probed, stormed, alone } = strength ?? {};
  return [
    ...(explored === undefined ? [] : [exploredWords(explored, claimed)]),
    ...(probed === undefined ? [] : [probedWords(probed, stormed, claimed?.level)]),
    ...(stormed === undefined ? [] : [stormedWords(stormed)]),
    ...(alone === undefined ? [] : [`${amount(alone, 'round')} of one session: nothing to interleave`]),
    ...leftOutWords([...(explored?.omitted ?? []), ...(probed?.omitted ?? [])]),
  ].join('; ');
}

/** `left out: signals between sessions (kill)`. */
const leftOutWords = (omitted: readonly Omission[]): readonly string[] =>
  omitted.length === 0 ? [] : [`left out: ${omissionWords(omitted).join(', ')}`];

/** The strength, and on what it was measured where that is not what the server is named after: `on FerretDB; 4 of 4 rounds`. */
export const evidenceWords = (verdict: Pick<Verdict, 'product' | 'strength'> & Claimed): string =>
  [...(verdict.product === undefined ? [] : [`on ${verdict.product}`]), strengthWords(verdict.strength, verdict)]
    .filter(Boolean)
    .join('; ');

/** Different interleavings, as many as contention is told of. Who they are of, where that is not whoever the verdict is on: fewer sessions, or one operation where others met in several. */
function exploredWords(explored: Explored, claimed?: Claimed): string {
  const { kind, preemptions, traces, sessions, operations } = explored;
  const fewer = claimed !== undefined && sessions < claimed.writers + claimed.readers;
  const collides = claimed?.status === 'COLLIDES' && kind === 'exhaustive';
  const each = collides ? ` with ${amount(operations, 'operation')} each` : '';
  const who = fewer || collides ? ` of ${amount(sessions, 'session')}${each}` : '';
  switch (kind) {
    case 'exhaustive':
      return traces === 1 ? `1 interleaving${who}: nothing conflicts` : `all ${number(traces)} interleavings${who}`;
    case 'bounded':
      // No preemption at all: these are the serial orders, and no bound to speak of.
      if ((preemptions ?? 0) === 0) return amount(traces, 'interleaving');
      return `${boundWords(preemptions)}${who} (${number(traces)})`;
    case 'partial':
      return amount(traces, 'interleaving');
  }
}

/** As a sample where they are the one that the level rests on. */
function probedWords(probed: Probed, stormed: Sampled | undefined, level: Level | undefined): string {
  const { depth, sessions, executions, guarantee } = probed;
  const bound = upperBound(0, executions);
  if (level === 'sampled' && nothingLeftOut(probed) && bound < (stormed?.upperBound ?? 1)) {
    return `${number(executions)} random schedules of ${sessions} sessions, p < ${percent(bound)}`;
  }
  return `PCT d=${depth}, ${number(executions)} schedules of ${sessions} sessions, p ≥ ${atLeastPercent(guarantee)}`;
}

function stormedWords({ rounds, collided, failed, upperBound }: Sampled): string {
  if (rounds === 0) return 'no round overlapped';
  const of = `${collided} of ${rounds} rounds${failed > 0 ? ` (${failed} failed)` : ''}`;
  return collided > 0 || upperBound === 1 ? of : `${of}, p < ${percent(upperBound)}`;
}

/** `402 executions explored and 800 rounds stormed`, of which only what there was; empty where nothing was run. */
export const effortWords = ({ executions, rounds }: Pick<CampaignResult, 'executions' | 'rounds'>): string =>
  [
    ...(executions > 0 ? [`${amount(executions, 'execution')} explored`] : []),
    ...(rounds > 0 ? [`${amount(rounds, 'round')} stormed`] : []),
  ].join(' and ');

/** `1,204`. */
export const number = (value: number): string => value.toLocaleString('en-US');

/** `1 round`, `1,204 rounds`. */
export const amount = (value: number, noun: string): string => `${number(value)} ${noun}${value === 1 ? '' : 's'}`;

/** Two significant digits, rounded down so that a guarantee stays one. */
function atLeastPercent(share: number): string {
  const value = share * 100;
  if (value <= 0) return '0 %';
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return `${Number((Math.floor(value / unit + 1e-9) * unit).toPrecision(2))} %`;
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
  FAILS_UNDER_CONTENTION: ({ count }) => `${count} failed because of others`,
  STUCK: ({ count }) => `stuck ${times(count)}`,
  LOST_ON_CRASH: ({ count }) => `${count} lost in a crash`,
  CORRUPT_ON_CRASH: ({ count }) => `unreadable after ${count} crashes`,
};

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** What was lost, torn, doubled or mixed up, and beside it what was refused or counted. */
export function lossWords(verdict: Verdict): string {
  const { counts, findings } = verdict;
  return [
    ...findings.map((finding) => lossOf(finding, verdict)),
    ...(counts.refused > 0 ? [`${counts.refused} refused`] : []),
    ...(counts.unknown > 0 ? [`${counts.unknown} failed`] : []),
    ...Object.entries(counts.others).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : [])),
  ].join('; ');
}

/** What the storm lost; where it lost nothing, a schedule had to be chosen for it. */
function lossOf(finding: RecordedFinding, verdict: Verdict): string {
  if (finding.count > 0) return losses[finding.class](finding, verdict);
  return verdict.strength?.stormed === undefined ? finding.message : `${finding.class} under a chosen schedule only`;
}

/** `12.3 s`, `1 min 5 s`. */
export function durationWords(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
