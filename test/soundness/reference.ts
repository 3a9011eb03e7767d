/**
 * The reference: every order of a program's calls, made for real, one after another, without the gate. It knows nothing of which
 * calls commute, and nothing of what a call does: it asks the kernel.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, outcomeOf, setUp, stateOf } from './outcome.ts';
import type { Program, SessionProgram } from './program.ts';
import { type Progress, Run } from './run.ts';

/** How a session stands between two calls. */
export interface Standing {
  readonly over: boolean;
  readonly answers: readonly string[];
  /** Its next call may wait where the kernel looks for circles. */
  readonly mayWait: boolean;
}

/** Where a session runs: in this process, or in one of its own where locks belong to processes. */
export interface Stand {
  readonly pid: number;
  begin(root: string, session: SessionProgram): Promise<Standing> | Standing;
  step(): Promise<Standing & { readonly progress: Progress }> | (Standing & { readonly progress: Progress });
  refuse(error: string): Promise<Standing> | Standing;
  /** The process that it would wait for now, if any. */
  look(): Promise<number | undefined> | number | undefined;
  end(): Promise<void> | void;
}

export class Here implements Stand {
  readonly pid = process.pid;
  #run: Run | undefined;

  begin(root: string, session: SessionProgram): Standing {
    this.#run = new Run(root, session);
    return this.#standing();
  }

  step(): Standing & { readonly progress: Progress } {
    const progress = this.#run!.step(false);
    return { ...this.#standing(), progress };
  }

  refuse(error: string): Standing {
    this.#run!.refuse(error);
    return this.#standing();
  }

  look(): number | undefined {
    return this.#run!.inTheWay;
  }

  end(): void {
    this.#run!.end();
    this.#run = undefined;
  }

  #standing(): Standing {
    const { next, answers } = this.#run!;
    const mayWait = next?.do === 'fcntl' && !next.ofd && next.waits;
    return { over: next === undefined, answers: [...answers], mayWait };
  }
}

/** A call that a session makes, or with `!` is refused because it would wait in a circle. */
type Move = `${number}` | `${number}!`;

export interface Reference {
  /** Each with the first order that led there: the sessions, as they took their turns. */
  readonly outcomes: ReadonlyMap<string, readonly Move[]>;
  readonly orders: number;
}

/** One decision: what was done, and what is left to try. */
interface Frame {
  now: Move;
  readonly left: Move[];
}

/** @param stands one for each session, in processes of their own where locks belong to processes. */
export async function everyOrder(program: Program, root: string, stands: readonly Stand[]): Promise<Reference> {
  const outcomes = new Map<string, readonly Move[]>();
  const frames: Frame[] = [];
  let orders = 0;
  do {
    const directory = join(root, 'order');
    mkdirSync(directory);
    setUp(directory, program.initial);
    const ended = await oneOrder(program, directory, stands, frames);
    if (ended !== undefined) {
      orders++;
      const outcome = outcomeOf(ended, stateOf(directory));
      if (!outcomes.has(outcome)) outcomes.set(outcome, movesOf(frames));
    }
    rmSync(directory, { recursive: true });
    while (frames.at(-1)?.left.length === 0) frames.pop();
    const last = frames.at(-1);
    if (last !== undefined) last.now = last.left.shift()!;
  } while (frames.length > 0);
  return { outcomes, orders };
}

const movesOf = (frames: readonly Frame[]): readonly Move[] => frames.map(({ now }) => now);

/** Repeats the decisions of `frames`, and adds those that follow. Undefined: the last of them is not possible. */
async function oneOrder(
  { sessions }: Program,
  directory: string,
  stands: readonly Stand[],
  frames: Frame[],
): Promise<readonly Ended[] | undefined> {
  const standings: Standing[] = [];
  for (const [index, session] of sessions.entries()) standings.push(await stands[index]!.begin(directory, session));
  /** Who has asked, has given up what it had for it, and has not been answered: to ask again changes nothing. */
  const waiting = new Set<number>();
  /** Returns whether it is a move at all. */
  const make = async (move: Move): Promise<boolean> => {
    const index = Number.parseInt(move, 10);
    if (move.endsWith('!')) {
      standings[index] = await stands[index]!.refuse('EDEADLK');
      return true;
    }
    const { progress, ...standing } = await stands[index]!.step();
    if (progress === 'blocked' || (progress === 'waits' && waiting.has(index))) return false;
    standings[index] = standing;
    if (progress === 'waits') waiting.add(index);
    else waiting.delete(index);
    return true;
  };
  let possible = true;
  for (const { now } of frames) possible = await make(now);
  for (let isOver = !possible; !isOver; ) {
    isOver = true;
    const left = await movesIn(standings, stands);
    for (let now = left.shift(); now !== undefined; now = left.shift()) {
      if (!(await make(now))) continue;
      frames.push({ now, left });
      isOver = false;
      break;
    }
  }
  for (const index of sessions.keys()) await stands[index]!.end();
  return possible ? standings.map(({ over, answers }) => ({ answers, stuck: !over })) : undefined;
}

async function movesIn(standings: readonly Standing[], stands: readonly Stand[]): Promise<Move[]> {
  const inTheWay: (number | undefined)[] = [];
  for (const [index, { mayWait }] of standings.entries())
    inTheWay.push(mayWait ? await stands[index]!.look() : undefined);
  const moves: Move[] = [];
  for (const [index, { over }] of standings.entries()) {
    if (over) continue;
    moves.push(`${index}`);
    if (inCircle(index, inTheWay, stands)) moves.push(`${index}!`);
  }
  return moves;
}

/** Would the kernel find, from whoever is in the way, the way back to this session? fcntl(2), EDEADLK */
function inCircle(index: number, inTheWay: readonly (number | undefined)[], stands: readonly Stand[]): boolean {
  let at = index;
  for (let hops = 0; hops <= inTheWay.length; hops++) {
    const pid = inTheWay[at];
    at = pid === undefined ? -1 : stands.findIndex((stand) => stand.pid === pid);
    if (at === index) return true;
    if (at < 0 || at >= inTheWay.length) return false;
  }
  return false;
}
