/** Several processes append to one file, and what is in it then. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { APPENDS } from './catalogue.ts';
import { bytesOf, judgeLedger } from './ledger.ts';
import type { Cell, LedgerTally } from './result.ts';
import { KIB, MIB, sizeWords } from './size.ts';
import { type Ground, NotMeasured, together } from './together.ts';
import { type AppendWriter, LOG, type Order, writeOrder } from './writers.ts';

/** Lengths of lines, newline included, in bytes. Powers of two: see `writers.ts`. */
export const sizes: readonly number[] = [64, KIB, 4 * KIB, 8 * KIB, 64 * KIB, MIB, 16 * MIB];

/** What one process appends in a round, about, in bytes: enough lines that it is not done before the others begin. */
const SHARE_BYTES = 8 * MIB;
export const LINES_MIN = 4;
const LINES_MAX = 4_000;

/** What a round with lines of this length is, where so many bytes are free: a small disk gets fewer lines. */
export function orderFor(
  bytes: number,
  { linesMax = LINES_MAX }: Pick<AppendWriter, 'linesMax'>,
  { processes, free }: { readonly processes: number; readonly free: number },
): Order {
  const share = Math.min(SHARE_BYTES, free / 4 / processes);
  return { bytes, lines: Math.min(Math.max(Math.floor(share / bytes), LINES_MIN), linesMax), processes };
}

const spaceFor = ({ bytes, lines, processes }: Order): number => bytes * lines * processes;

/**
 * Why there is no room for a round; undefined where there is.
 *
 * @param free bytes. Some of them are left for others: what `leave` says, or half where that is more than there is.
 */
export function noRoomFor(order: Order, free: number, leave: number): string | undefined {
  const needed = spaceFor(order);
  if (free - needed >= Math.min(leave, free / 2)) return undefined;
  return `takes ${sizeWords(needed)}, and ${sizeWords(free)} are free`;
}

/** Of fewer, it would be luck that processes that were at it one after another look as if they had not been. */
export const TURNS_MIN = 3;

/** What the calls of a line, and the lines that were found, come to. */
export function answerOf(tally: LedgerTally, writes: number | undefined): Pick<Cell, 'answer' | 'reason'> {
  if (tally.torn > 0 || tally.missingBytes > 0) return { answer: 'torn' };
  if (writes !== undefined && writes > 1) return { answer: 'several writes' };
  if (tally.turns < TURNS_MIN) {
    return {
      answer: 'not measured',
      reason: `the processes hardly took turns (${tally.turns} times in ${tally.lines} lines)`,
    };
  }
  return { answer: writes === undefined ? 'not seen torn' : 'whole' };
}

export interface Appending extends Ground {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
}

export interface Appended {
  readonly cell: Cell;
  /** How long a round took, in ms. */
  readonly roundMs: number;
}

/** Rounds until the time is over, or until a line is torn: then it is known. */
export async function append(
  writer: AppendWriter,
  order: Order,
  writes: number | undefined,
  appending: Appending,
): Promise<Appended> {
  const about = { bytes: order.bytes, processes: order.processes, ...(writes === undefined ? {} : { writes }) };
  const began = performance.now();
  let rounds = 0;
  const appended = (cell: Cell): Appended => ({ cell, roundMs: (performance.now() - began) / Math.max(1, rounds) });
  let tally: LedgerTally = { lines: 0, torn: 0, missingBytes: 0, turns: 0 };
  try {
    for (;;) {
      tally = sum(tally, await oneRound(writer, order, appending));
      rounds++;
      if (tally.torn > 0 || tally.missingBytes > 0 || appending.signal.aborted) break;
      if (performance.now() >= appending.deadline + (tally.turns >= TURNS_MIN ? 0 : appending.graceMs)) break;
    }
  } catch (error) {
    const full = /ENOSPC|EDQUOT|No space left|Disk quota/.test((error as Error).message);
    const reason = (error as Error).message;
    return appended({ ...about, ...tally, answer: full ? 'skipped' : 'not measured', reason });
  }
  return appended({ ...about, ...tally, ...answerOf(tally, writes) });
}

const sum = (a: LedgerTally, b: LedgerTally): LedgerTally => ({
  lines: a.lines + b.lines,
  torn: a.torn + b.torn,
  missingBytes: a.missingBytes + b.missingBytes,
  turns: a.turns + b.turns,
  ...(b.example === undefined ? {} : { example: b.example }),
});

async function oneRound(writer: AppendWriter, order: Order, { pool, room }: Appending): Promise<LedgerTally> {
  const dir = room();
  try {
    writeOrder(dir, order);
    const sessions = Array.from({ length: order.processes }, (_, index) => index);
    const { operations } = await together(pool, {
      target: APPENDS,
      strategy: writer.name,
      dir,
      sessions,
      operations: 1,
      beatUs: 0,
    });
    // A shell goes on behind a write that failed, and only says so.
    const failed = operations.flat().find(({ outcome, stderr }) => outcome !== 'ok' || stderr !== undefined);
    if (failed !== undefined) throw new NotMeasured(failed.error?.message ?? failed.stderr!.split('\n')[0]!);
    const log = join(dir, LOG);
    return judgeLedger(existsSync(log) ? bytesOf(log) : [], order);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
