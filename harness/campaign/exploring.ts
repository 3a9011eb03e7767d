/** The first half of a run: every row is explored, several at once, each for as long as it needs and its share allows. */

import type { Explorers } from '../explore/explorers.ts';
import type { ExamineTask } from '../explore/protocol.ts';
import { limits } from '../limits.ts';
import { JudgeFailed } from '../oracle/judge.ts';
import type { SerialRun } from '../oracle/serial.ts';
import { truthClasses } from '../scenario/scenario.ts';
import type { Shard } from '../schedule/shard.ts';
import type { Exploration, Probing } from '../verdict/exploration.ts';
import { levelOf, nothingLeftOut, type Requirement, roundsFor } from '../verdict/level.ts';
import type { Row } from './plan.ts';

export interface ExploringOptions {
  readonly writers: number;
  readonly seed: number;
  /** Time for all rows together. */
  readonly budgetMs: number;
  /** Instead: how many steps each row gets, whatever time that takes. */
  readonly steps?: number;
  readonly shard?: Shard;
  /** By target: what is right, where that had to be found out. */
  readonly serialRuns: ReadonlyMap<string, readonly SerialRun[]>;
  /** What is enough for SAFE. */
  readonly required: Requirement;
  /** What an earlier part of the same run has found of a row. */
  readonly before: (row: Row) => Exploration | undefined;
}

export interface ExploringWatch {
  readonly progress: (row: Row, executions: number) => void;
  readonly explored: (row: Row, exploration: Exploration) => void;
  readonly probed: (row: Row, probing: Probing) => void;
  /** The row could not be explored; why not. */
  readonly failed: (row: Row, reason: string) => void;
}

/** Most rows take a small part of an equal share, so that others may take several. */
const SHARES = 3;

/** A row that is begun gets this long, however late it is. */
const SHARE_MS_MIN = 200;

/** Of the time for all rows, this much is for the first pass: what it does not exhaust is drawn in the rest. */
const FIRST_PART = 0.75;

/** Of the time that is left after the first pass and the draws, this much goes to the rows that were not exhausted. */
const SECOND_PART = 0.85;

/** Of the time that the first pass has left, this much goes to what is known to be wrong and was not found. */
const MISSING_PART = 0.5;

/** Schedules that settle a row are drawn, though they take so many times the steps of a row. */
const DRAWN_STEPS = 100;

/**
 * Explores the rows in their order with two writers. Then those again that are known to be wrong, where not all of that was found. Then,
 * with all writers, it draws as many schedules as are enough for those that hold so far, and of which too little could be tried: to
 * search these again would be to hope. Then, for longer, it explores others that were not exhausted and hold so far; then, with more writers,
 * all others that hold so far. Resolves when all is done or the time is used up, or soon after the signal.
 */
export async function exploreRows(
  rows: readonly Row[],
  explorers: Explorers,
  options: ExploringOptions,
  signal: AbortSignal,
  watch: ExploringWatch,
): Promise<void> {
  const began = performance.now();
  const endsAt = began + options.budgetMs;
  const draws = options.shard === undefined && options.required.level === 'sampled';
  const firstEndsAt = began + options.budgetMs * (draws ? FIRST_PART : 1);
  const unfinished: { readonly row: Row; readonly first: Exploration }[] = [];
  const holding: Row[] = [];
  const sampled: { readonly row: Row; readonly first: Exploration }[] = [];
  const share = (left: number, of = 1, until = endsAt): number =>
    Math.min(1, (explorers.count * of) / left) * (until - performance.now());

  await inParallel(rows, async (row, left) => {
    const exploration =
      options.before(row) ?? (await examine(row, share(left, options.shard === undefined ? SHARES : 1, firstEndsAt)));
    if (exploration === undefined || !holds(row, exploration)) return;
    holding.push(row);
    if (exploration.doubt !== undefined) return;
    if (draws && isSampled(row, exploration, options.required)) sampled.push({ row, first: exploration });
    else if (!exploration.ended) unfinished.push({ row, first: exploration });
  });
  // With a number of steps the first pass was all there is; and so it is for shards, which must all have searched in the same way.
  const again = options.steps === undefined && options.shard === undefined ? unfinished : [];
  // What is known to be wrong, and not found yet, would be said not to be provoked.
  const [missing, others] = [again.filter(({ row }) => breaks(row)), again.filter(({ row }) => !breaks(row))];
  await inParallel(missing, async ({ row, first }, left) => {
    const ms = share(left) * MISSING_PART;
    if (ms > SHARE_MS_MIN) await examine(row, ms, first);
  });
  // A number of steps alone decides nothing here: what is enough is known, and the same everywhere.
  await inParallel(sampled, async ({ row, first: { effort } }, left) => {
    const executions = roundsFor(options.required.maxRate);
    const steps = options.steps === undefined ? {} : { steps: options.steps * DRAWN_STEPS };
    const ms = share(left);
    // So many at once, or none: fewer settle nothing, and free running needs the time.
    const each = ((effort.ms / effort.executions) * row.writers) / limits.exploredWriters;
    if (executions * each < ms || options.steps !== undefined) await probe(row, ms, { executions, ...steps });
  });
  await inParallel(others, async ({ row, first }, left) => {
    const ms = share(left, SECOND_PART);
    if (ms > SHARE_MS_MIN) await examine(row, ms, first);
  });
  if (options.writers > 2) {
    const undrawn = holding.filter((row) => !sampled.some((one) => one.row === row));
    await inParallel(undrawn, async (row, left) => {
      const ms = share(left);
      if (row.writers > 2 && (ms > 0 || options.steps !== undefined)) await probe(row, ms);
    });
  }

  async function inParallel<T>(queue: readonly T[], work: (each: T, left: number) => Promise<void>): Promise<void> {
    const left = [...queue];
    const worker = async (): Promise<void> => {
      for (let row = left.shift(); row !== undefined && !signal.aborted; row = left.shift())
        await work(row, left.length + 1);
    };
    await Promise.all(Array.from({ length: explorers.count }, worker));
  }

  async function examine(row: Row, ms: number, first?: Exploration): Promise<Exploration | undefined> {
    return await attempt(row, async () => {
      const task = { ...taskOf(row, ms), again: first !== undefined };
      const exploration = await explorers.examine(task, (executions) => watch.progress(row, executions));
      const { explored, findings } = exploration;
      const better = explored.kind === 'exhaustive' || findings.length > (first?.findings.length ?? -1);
      if (better) watch.explored(row, exploration);
      return exploration;
    });
  }

  async function probe(row: Row, ms: number, { steps, ...more }: Drawn = {}): Promise<void> {
    await attempt(row, async () => {
      const writers = Math.min(row.writers, limits.probedWritersMax);
      const task = { ...taskOf(row, ms, steps), ...more, writers };
      watch.probed(row, await explorers.probe(task, (executions) => watch.progress(row, executions)));
    });
  }

  async function attempt<T>(row: Row, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if ((error as Error).name === JudgeFailed.name) throw error;
      if (!signal.aborted) watch.failed(row, (error as Error).message);
      return undefined;
    }
  }

  function budgetOf(
    { scenario, strategy }: Row,
    ms: number,
    steps = options.steps,
  ): Pick<ExamineTask, 'budgetMs' | 'steps'> {
    if (steps === undefined) return { budgetMs: Math.max(SHARE_MS_MIN, Math.min(ms, endsAt - performance.now())) };
    const cost = typeof scenario.strategies[strategy]!.perform === 'function' ? 1 : limits.commandCost;
    return { budgetMs: Number.POSITIVE_INFINITY, steps: Math.ceil(steps / cost) };
  }

  function taskOf(row: Row, ms: number, steps?: number): Omit<ExamineTask, 'type' | 'again'> {
    const serialRuns = options.serialRuns.get(row.scenario.id);
    return {
      target: row.scenario.id,
      strategy: row.strategy,
      seed: options.seed,
      ...budgetOf(row, ms, steps),
      ...(serialRuns === undefined ? {} : { serialRuns }),
      ...(options.shard === undefined ? {} : { shard: options.shard }),
    };
  }
}

/** Of the schedules that are drawn. */
interface Drawn {
  readonly executions?: number;
  readonly steps?: number;
}

/** Too little of it was tried, and a sample would be enough. */
const isSampled = (
  { scenario, strategy }: Row,
  { explored, findings }: Exploration,
  { level, maxRate }: Requirement,
): boolean =>
  level === 'sampled' &&
  scenario.strategies[strategy]!.truth === 'SAFE' &&
  findings.length === 0 &&
  nothingLeftOut(explored) &&
  levelOf({ explored, stress: { whole: 0, overlapping: 0, alone: 0, failed: 0 } }, maxRate) === undefined;

/** Nothing wrong was found, or not all that is known to be wrong: then there is more to try. */
export function holds({ scenario, strategy }: Row, { findings, brokenAlone }: Exploration): boolean {
  if (brokenAlone !== undefined) return false;
  const missing = truthClasses(scenario.strategies[strategy]!.truth).some(
    (kind) => !findings.some((one) => one.class === kind),
  );
  return findings.length === 0 || missing;
}

const breaks = ({ scenario, strategy }: Row): boolean => scenario.strategies[strategy]!.truth !== 'SAFE';

/** Private copies are apart: there is nothing to interleave. */
export const isExplored = ({ scenario, strategy, mode }: Row): boolean =>
  mode === 'shared' && scenario.strategies[strategy]!.unexplored === undefined;
