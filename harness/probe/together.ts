/** Session processes that do the same thing at the same time. */

import { join } from 'node:path';
import type { Operation } from '../history/execution.ts';
import { nowUs } from '../session/clock.ts';
import type { SessionPool } from '../session/pool.ts';

/** What all measurements have in common. */
export interface Ground {
  readonly pool: SessionPool;
  /** Makes an empty directory in the file system that is probed. */
  readonly room: () => string;
  /** When nobody wants to know any more. */
  readonly signal: AbortSignal;
  /** So much more time has what is not known when its time is over, since the processes have hardly met; in ms. */
  readonly graceMs: number;
}

/** What is left until an instant of `performance.now()`, shared out among so many: when the first of them should be done. */
export function shareOf(end: number, among: number): number {
  const now = performance.now();
  return now + Math.max(0, end - now) / among;
}

export interface Together {
  readonly target: string;
  readonly strategy: string;
  readonly dir: string;
  /** Sessions, by index. */
  readonly sessions: readonly number[];
  readonly operations: number;
  /** Operation k of all sessions begins k beats after the start. */
  readonly beatUs: number;
  /** How long before the start it is announced. Whoever is late begins when it can, and shows that in what it reports. */
  readonly leadUs?: number;
}

/** Some session did not come through, or its file system refused: nothing can be concluded. */
export class NotMeasured extends Error {
  override readonly name = 'NotMeasured';
}

/** A start is announced so long before that all sessions are in time, if they have nothing to do before. */
export const LEAD_US = 4_000;

export interface Met {
  /** The operations of each session, in order. */
  readonly operations: readonly (readonly Operation[])[];
  /** How long after it was announced the last session was ready. */
  readonly readyUs: number;
}

/**
 * One after another operation of all sessions at once.
 *
 * @throws {NotMeasured} where a session died, hung, or threw before its operations.
 */
export async function together(pool: SessionPool, plan: Together): Promise<Met> {
  const { target, strategy, dir, sessions, operations, beatUs, leadUs = LEAD_US } = plan;
  await Promise.all(sessions.map((index) => pool.writers[index]!.ensure()));
  const startUs = nowUs() + leadUs;
  const results = await Promise.all(
    sessions.map((index) =>
      pool.writers[index]!.perform({
        type: 'perform',
        target,
        strategy,
        index,
        writers: sessions.length,
        role: 'writer',
        kind: 'write',
        dir,
        operations,
        stopFile: join(dir, 'stop'),
        startUs,
        beatUs,
        jitterUs: 0,
        seed: '',
      }),
    ),
  );
  const performed = results.map((result, at) => {
    if (result.kind === 'performed') return result.performed;
    throw new NotMeasured(`process ${sessions[at]} ${result.reason}`);
  });
  return {
    operations: performed.map(({ operations }) => operations),
    readyUs: leadUs + Math.max(...performed.map(({ readyUs }) => readyUs)),
  };
}
