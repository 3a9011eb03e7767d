/** Where the explorer says "all", it reached exactly what the reference did; where it says less, nothing else. */

import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Apartment, startApart } from './apart.ts';
import { type Explored, Gate } from './behind-the-gate.ts';
import { inWords, type Program, usesProcessLocks } from './program.ts';
import { everyOrder, Here, type Reference } from './reference.ts';

/** linux/magic.h */
const TMPFS_MAGIC = 0x01021994;

/** Where everything is made: in memory, if there is such a place. */
export function place(): string {
  try {
    if (statfsSync('/dev/shm').type === TMPFS_MAGIC) return '/dev/shm';
  } catch {}
  return tmpdir();
}

const SESSIONS_MAX = 3;

export interface Compared {
  readonly reference: Reference;
  readonly explored: Explored;
  /** In words: an outcome that one has and the other has not, and how to get there. */
  readonly difference?: string;
}

/** Compares program after program; its processes live as long as it does. */
export class Comparison {
  readonly #directory = mkdtempSync(join(place(), 'collide-soundness-'));
  readonly #here = Array.from({ length: SESSIONS_MAX }, () => new Here());
  #apart: Apartment | undefined;
  #gate: Gate | undefined;

  async compare(program: Program): Promise<Compared> {
    const reference = await this.reference(program);
    const explored = await this.#explore(program);
    const difference = differenceOf(program, reference, explored);
    return { reference, explored, ...(difference === undefined ? {} : { difference }) };
  }

  async reference(program: Program): Promise<Reference> {
    const apart = usesProcessLocks(program);
    if (apart) this.#apart ??= startApart(SESSIONS_MAX);
    return await everyOrder(program, this.#directory, apart ? this.#apart!.stands : this.#here);
  }

  async #explore(program: Program): Promise<Explored> {
    this.#gate ??= await Gate.open(place(), SESSIONS_MAX);
    try {
      return this.#gate.explore(program);
    } catch (error) {
      await this.#gate.close();
      this.#gate = undefined;
      const { message } = error as Error;
      return {
        outcomes: new Map([[`the explorer gave up: ${message}`, '']]),
        executions: 0,
        claimsAll: false,
        without: [],
      };
    }
  }

  async close(): Promise<void> {
    this.#apart?.close();
    await this.#gate?.close();
    rmSync(this.#directory, { recursive: true });
  }
}

function differenceOf(program: Program, reference: Reference, explored: Explored): string | undefined {
  const missing = [...reference.outcomes].find(([outcome]) => explored.claimsAll && !explored.outcomes.has(outcome));
  const extra = [...explored.outcomes].find(([outcome]) => !reference.outcomes.has(outcome));
  if (missing === undefined && extra === undefined) return undefined;
  const claims = explored.claimsAll ? 'all' : `not all (${explored.without.join('; ') || 'it did not end'})`;
  return [
    inWords(program),
    `${reference.orders} orders lead to ${reference.outcomes.size} outcomes; ${explored.executions} executions, which say that they are ${claims}, to ${explored.outcomes.size}`,
    ...(missing === undefined
      ? []
      : [`the explorer misses, by the order ${missing[1].join(' ')}:`, indented(missing[0])]),
    ...(extra === undefined
      ? []
      : [`no order leads to what the explorer has by the schedule ${extra[1]}:`, indented(extra[0])]),
  ].join('\n');
}

const indented = (text: string): string => text.replaceAll(/^/gm, '  ');
