/** Rounds of a contest, until its time is over, or it is broken. */

import { rmSync } from 'node:fs';
import type { Operation } from '../history/execution.ts';
import { CONTESTS } from './catalogue.ts';
import { type Contest, ROUNDS } from './contests.ts';
import { answerOf } from './judges.ts';
import type { Guarantee } from './result.ts';
import { type Ground, LEAD_US, NotMeasured, together } from './together.ts';

export interface Contending extends Ground {
  /** How many sessions take part. */
  readonly processes: number;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
}

/** Time from one round to the next: what a process takes for its part, and some more for all to be back from it. */
const BEAT_US_MIN = 400;
const beatFor = (typicalUs: number): number => Math.max(BEAT_US_MIN, typicalUs * 1.5 + 50);

/** Some contests have things to do before the start. */
const leadFor = (readyUs: number): number => Math.min(Math.max(LEAD_US, readyUs * 1.2), LEAD_US_MAX);
const LEAD_US_MAX = 100_000;

interface Pace {
  readonly beatUs: number;
  readonly leadUs: number;
}

export async function contend(contest: Contest, contending: Contending): Promise<Guarantee> {
  const { processes, deadline, graceMs, signal } = contending;
  const { id, operation, purpose, held } = contest;
  const about = { id, operation, purpose, held, processes } as const;
  const rounds: (readonly unknown[])[] = [];
  let pace: Pace = { beatUs: BEAT_US_MIN, leadUs: LEAD_US };
  try {
    while (!signal.aborted) {
      const batch = await oneBatch(contest, contending, pace);
      rounds.push(...batch.rounds);
      pace = batch.pace;
      const { answer } = answerOf(contest.judge(rounds));
      if (answer === 'broken') break; // more would not make it whole
      if (performance.now() >= deadline + (answer === 'holds' ? 0 : graceMs)) break;
    }
  } catch (error) {
    // What was seen broken before stays broken.
    const tally = contest.judge(rounds);
    return { ...about, ...tally, ...answerOf(tally), ...(tally.violations > 0 ? {} : unanswered(error)) };
  }
  const tally = contest.judge(rounds);
  return { ...about, ...tally, ...answerOf(tally) };
}

const unanswered = (error: unknown): Pick<Guarantee, 'answer' | 'reason'> => ({
  answer: 'not measured',
  reason: (error as Error).message,
});

interface Batch {
  /** Of those in which every process has something to report. */
  readonly rounds: readonly (readonly unknown[])[];
  /** For the next batch, from what was learnt of this one. */
  readonly pace: Pace;
}

async function oneBatch(contest: Contest, { pool, processes, room }: Contending, pace: Pace): Promise<Batch> {
  const dir = room();
  try {
    contest.setup?.(dir, processes);
    const sessions = Array.from({ length: processes }, (_, index) => index);
    const { operations: performed, readyUs } = await together(pool, {
      target: CONTESTS,
      strategy: contest.id,
      dir,
      sessions,
      operations: ROUNDS,
      ...pace,
    });
    const operations = performed.flat();
    const worked = operations.filter(({ outcome }) => outcome === 'ok');
    if (worked.length === 0) throw new NotMeasured(operations[0]?.error?.message ?? 'nothing was done');
    return {
      rounds: roundsOf(performed),
      pace: { beatUs: beatFor(median(worked.map(lengthUs))), leadUs: leadFor(readyUs) },
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function roundsOf(performed: readonly (readonly Operation[])[]): Batch['rounds'] {
  const rounds = Array.from({ length: ROUNDS }, (_, round) => performed.map((operations) => operations[round]!));
  return rounds
    .filter((round) => round.every(({ outcome }) => outcome === 'ok'))
    .map((round) => round.map(({ output }) => output));
}

const lengthUs = ({ invokedUs, respondedUs }: Operation): number => respondedUs - invokedUs;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
