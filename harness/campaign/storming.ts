/** The second half of a run: every row under storm, until the rounds or the time are used up. */

import { limits } from '../limits.ts';
import type { Endpoint } from '../scenario/server.ts';
import type { Shard } from '../schedule/shard.ts';
import { type Round, storm } from '../schedule/storm.ts';
import type { SessionPool } from '../session/pool.ts';
import { Tally } from '../verdict/tally.ts';
import type { Row } from './plan.ts';

export interface StormingOptions {
  readonly seed: number;
  /** The directory of the run. */
  readonly sandbox: string;
  readonly serverFor: (row: Row) => Promise<Endpoint | undefined>;
  /** Rounds of each row; without it, as many as fit into the time. */
  readonly rounds?: number;
  readonly shard?: Shard;
  /** Of the whole run. */
  readonly budgetMs: number;
  /** See `CampaignOptions`. */
  readonly usualBudget: boolean;
  /** On the clock of `performance.now`. */
  readonly endsAt: number;
}

export interface StormingWatch {
  /** What is known of a row already, and whether it was seen to work with one session. */
  readonly startsWith: (row: Row) => { readonly tally: Tally; readonly controlled: boolean };
  readonly stormed: (row: Row, tally: Tally, round: Round) => void;
  /** There is a verdict, or a stronger one. */
  readonly concluded: (row: Row, tally: Tally) => void;
  readonly failedAlone: (row: Row, failed: FailedAlone) => void;
}

export interface FailedAlone {
  readonly status: 'BROKEN_ALONE' | 'INCONCLUSIVE';
  readonly reason: string;
}

/** A row under storm: its rounds so far, and where the next come from. */
interface Stormed {
  readonly row: Row;
  readonly tally: Tally;
  readonly rounds: AsyncGenerator<Round, never, void>;
}

/** Part of the time that is kept for rows that turn out to need more than their share; and, of those that need most, for all others. */
const RESERVE = 0.25;
const OTHERS_RESERVE = 0.5;

/** A row of which not one round comes through is given up after this many. */
const FAILED_ROUNDS_MAX = 3;

/**
 * First come the rows that have no verdict without rounds, until they have one; then the others, which give back what is left of
 * their share once more rounds would say no more. What remains goes, a round at a time, to those that still have no verdict, and
 * then to the row with the least evidence among those that more rounds can make stronger: whose known collisions have not been
 * provoked yet, or that hold so far. On a loaded machine that may not be enough for all to say anything: these get some time more.
 */
export async function stormRows(
  rows: readonly Row[],
  pool: SessionPool,
  options: StormingOptions,
  signal: AbortSignal,
  watch: StormingWatch,
): Promise<void> {
  const { endsAt, budgetMs } = options;
  const overtimeMs = budgetMs * limits.overtime[options.usualBudget ? 'usual' : 'asked'];
  const open: Stormed[] = [];
  const needy = rows.filter((row) => watch.startsWith(row).tally.tooFew);
  const queue = [...needy, ...rows.filter((row) => !needy.includes(row))];
  for (const [at, row] of queue.entries()) {
    if (signal.aborted) return;
    const stormed = await start(row);
    if (stormed === undefined) continue;
    const until =
      at < needy.length
        ? shareUntil((needy.length - at) / (needy.length < rows.length ? 1 - OTHERS_RESERVE : 1))
        : shareUntil((queue.length - at) / (1 - RESERVE));
    // Known to be stuck: each round would take as long as its deadline.
    if (!stormed.tally.classes.includes('STUCK')) {
      do await next(stormed);
      while (!signal.aborted && !enough(stormed.tally, until) && !(options.rounds === undefined && stormed.tally.told));
    }
    watch.concluded(row, stormed.tally);
    if (!stormed.tally.exhausted && (!stormed.tally.settled || stormed.tally.classes.length === 0)) open.push(stormed);
  }
  if (options.rounds !== undefined) return;
  while (!signal.aborted) {
    const overtime = performance.now() - endsAt;
    const without = open.filter(({ tally }) => tally.tooFew);
    const left = overtime < 0 && without.length === 0 ? open : without;
    if (left.length === 0 || overtime > overtimeMs) return;
    // Time for one verdict rather than for parts of several.
    const chosen = left.reduce((a, b) =>
      (without.length > 0 ? b.tally.evidence > a.tally.evidence : b.tally.evidence < a.tally.evidence) ? b : a,
    );
    await next(chosen);
    if (enough(chosen.tally, Number.POSITIVE_INFINITY)) open.splice(open.indexOf(chosen), 1);
    watch.concluded(chosen.row, chosen.tally);
  }

  /** The row under storm; undefined where it has its verdict without one. */
  async function start(row: Row): Promise<Stormed | undefined> {
    const { tally, controlled } = watch.startsWith(row);
    const failed = controlled ? undefined : await failsAlone(row);
    if (signal.aborted) return undefined;
    if (failed === undefined) return { row, tally, rounds: await roundsOf(row, row.writers, row.readers) };
    watch.failedAlone(row, failed);
    return undefined;
  }

  /** The control: with one session, and no reader, nothing can race. What is wrong then is wrong with the writer. */
  async function failsAlone(row: Row): Promise<FailedAlone | undefined> {
    const tally = new Tally(row.scenario, row.strategy, row.mode);
    const control = await roundsOf(row, 1, 0);
    for (let round = 0; round < limits.controlRounds && tally.classes.length === 0 && !signal.aborted; round++) {
      tally.add((await control.next()).value);
    }
    const verdict = tally.verdict(1, 0);
    const [finding] = verdict.findings;
    if (finding !== undefined) {
      return { status: 'BROKEN_ALONE', reason: `even with one session: ${finding.class}, ${finding.message}` };
    }
    if (tally.rounds === 0) return { status: 'INCONCLUSIVE', reason: `alone, ${verdict.reason}` };
    if (verdict.counts.acknowledged > 0) return undefined;
    return { status: 'BROKEN_ALONE', reason: 'even with one session no operation succeeded' };
  }

  async function roundsOf(row: Row, writers: number, readers: number): Promise<Stormed['rounds']> {
    const { seed, sandbox, shard } = options;
    const { scenario, strategy, mode } = row;
    const server = await options.serverFor(row);
    const part = shard === undefined ? {} : { shard };
    const plan = { scenario, strategy, mode, seed, writers, readers, sandbox, ...part };
    return storm(pool, server === undefined ? plan : { ...plan, server });
  }

  async function next({ row, tally, rounds }: Stormed): Promise<void> {
    const began = performance.now();
    const { value: round } = await rounds.next();
    if (signal.aborted) return; // its sessions were ended under it
    tally.add({ ...round, ms: performance.now() - began });
    watch.stormed(row, tally, round);
  }

  function enough(tally: Tally, until: number): boolean {
    if (performance.now() >= until) return true;
    const hopeless = tally.rounds === 0 && tally.failedRounds >= FAILED_ROUNDS_MAX;
    // A round that is stuck takes as long as the deadline: one is enough.
    if (hopeless || tally.classes.includes('STUCK')) return true;
    return options.rounds === undefined ? tally.exhausted : tally.rounds + tally.failedRounds >= options.rounds;
  }

  /** When a row must end so that as many more get the same time; with a number of rounds given, only the end of all counts. */
  function shareUntil(rowsLeft: number): number {
    if (options.rounds !== undefined) return endsAt;
    const now = performance.now();
    return now + Math.max(0, endsAt - now) / rowsLeft;
  }
}
