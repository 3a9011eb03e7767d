/** The table of appends: every writer with every length of line. */

import { limits } from '../limits.ts';
import { missingNeed } from '../scenario/needs.ts';
import { append, LINES_MIN, noRoomFor, orderFor, sizes } from './append.ts';
import { type Counted, type Counting, type CountJob, countWrites } from './counting.ts';
import { roomIn } from './file-system.ts';
import type { AppendRow, Cell } from './result.ts';
import { type Ground, shareOf } from './together.ts';
import { type AppendWriter, appendWriters, type Order } from './writers.ts';

/** A row of the table, before anything was measured. */
export interface AppendPlan {
  readonly writer: AppendWriter;
  /** Why it can't be tried. */
  readonly skipped?: string;
  readonly cells: readonly { readonly order: Order; readonly skipped?: string }[];
}

/**
 * @param scripts the directory with those of the writers.
 * @param place the directory that they will append in.
 */
export async function planAppends(scripts: string, place: string, processes: number): Promise<readonly AppendPlan[]> {
  const free = roomIn(place);
  return await Promise.all(
    appendWriters(scripts).map(async (writer): Promise<AppendPlan> => {
      const skipped = await missingNeed(writer.needs);
      if (skipped !== undefined) return { writer, skipped, cells: [] };
      const cells = sizes.map((bytes) => {
        const order = orderFor(bytes, writer, { processes, free });
        const reason = noRoomFor(order, free, limits.freeBytesMin);
        return reason === undefined ? { order } : { order, skipped: reason };
      });
      return { writer, cells };
    }),
  );
}

/** The number of writes by writer and length. */
export interface Counts extends Pick<Counted, 'noGate'> {
  readonly of: (writer: string, bytes: number) => number | undefined;
}

export async function countAll(
  plans: readonly AppendPlan[],
  counting: Counting,
  room: Ground['room'],
): Promise<Counts> {
  const jobs: readonly CountJob[] = plans.flatMap(({ writer, cells }) =>
    cells
      .filter(({ skipped }) => skipped === undefined)
      .map(({ order: { bytes } }) => ({ writer: writer.name, bytes, dir: room() })),
  );
  const { writes, ...failure } = await countWrites(jobs, counting);
  return {
    of: (writer, bytes) => writes[jobs.findIndex((job) => job.writer === writer && job.bytes === bytes)],
    ...failure,
  };
}

export interface AppendingAll extends Ground {
  /** On the clock of `performance.now()`: about when it should be over. */
  readonly end: number;
  /** After this, the longest lines are left out. */
  readonly latest: number;
  readonly watch: (what: string) => void;
}

export async function appendAll(
  plans: readonly AppendPlan[],
  counts: Counts,
  { end, latest, watch, ...ground }: AppendingAll,
): Promise<readonly AppendRow[]> {
  let left = plans.flatMap(({ cells }) => cells).reduce((sum, { order }) => sum + weightOf(order), 0);
  const rows: AppendRow[] = [];
  for (const { writer, skipped: reason, cells } of plans) {
    const measured: Cell[] = [];
    let before: Before | undefined;
    for (const { order: planned, skipped } of cells) {
      ground.signal.throwIfAborted();
      watch(`${writer.name}, lines of ${planned.bytes} bytes`);
      const deadline = shareOf(end, left / weightOf(planned));
      left -= weightOf(planned);
      const order = skipped ?? tooLate(planned, latest) ?? inTime(planned, before);
      if (typeof order === 'string') {
        const { bytes, processes } = planned;
        measured.push({ ...NOTHING, bytes, processes, answer: 'skipped', reason: order });
        continue;
      }
      const { cell, roundMs } = await append(writer, order, counts.of(writer.name, order.bytes), {
        ...ground,
        deadline,
      });
      measured.push(cell);
      before = { order, roundMs };
    }
    rows.push({ writer: writer.name, ...(reason === undefined ? {} : { skipped: reason }), cells: measured });
  }
  return rows;
}

/** A round of the longest lines can't be made shorter. */
const isLongest = ({ bytes }: Order): boolean => bytes === sizes.at(-1);

const tooLate = (order: Order, latest: number): string | undefined =>
  isLongest(order) && performance.now() > latest ? 'no time is left; more --budget makes more' : undefined;

/** Of the time. */
const weightOf = (order: Order): number => (isLongest(order) ? 5 : 1);

const NOTHING = { lines: 0, torn: 0, missingBytes: 0, turns: 0 } as const;

/** A round that was made. */
interface Before {
  readonly order: Order;
  readonly roundMs: number;
}

/** About how long a round should take at most: there are many. */
const ROUND_MS_MAX = 2_000;

/**
 * The round with fewer lines, where the one before it shows that it would take long otherwise; why it is not made, where the
 * fewest would take longer than a session has.
 */
export function inTime(order: Order, before: Before | undefined): Order | string {
  if (before === undefined) return order;
  const lineMs = before.roundMs / before.order.lines;
  const grown = Math.max(1, order.bytes / before.order.bytes);
  const expectedMs = (lines: number): number => lines * lineMs * grown;
  const lines = Math.min(order.lines, Math.max(LINES_MIN, Math.floor(ROUND_MS_MAX / (lineMs * grown))));
  if (expectedMs(lines) <= limits.roundDeadlineMs) return { ...order, lines };
  return `takes about ${Math.round(expectedMs(lines) / 1_000)} s a round`;
}
