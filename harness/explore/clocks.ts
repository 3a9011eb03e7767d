/** What sessions take for the time: see `session/bent-clock`. */

import { readMemory, writeMemory } from '../gate/kernel.ts';
import { ASKED_AT, askedIn, type Bend, bent, CLOCK_BYTES } from '../session/bent-clock.ts';
import type { GatedSession } from './gated-session.ts';

/** The clocks of sessions that share a machine, for one execution. */
export class Clocks {
  readonly #sessions: readonly GatedSession[];
  #bend: Bend = { ofDayMs: 0, sinceStartMs: 0 };

  constructor(sessions: readonly GatedSession[]) {
    this.#sessions = sessions;
  }

  /** Everybody is so much later than they think, or it only looks so: then just the time of day changes. */
  pass({ ofDayMs, sinceStartMs = 0 }: Pick<Bend, 'ofDayMs'> & Partial<Bend>): void {
    const { ofDayMs: day, sinceStartMs: start } = this.#bend;
    this.#bend = { ofDayMs: day + ofDayMs, sinceStartMs: start + sinceStartMs };
    for (const session of this.#sessions) if (!session.dead) bendClocks(session, this.#bend);
  }

  /** Every look shows the same time, until some passes. */
  stop(frozenMs: number): void {
    for (const session of this.#sessions) bendClocks(session, { ...this.#bend, frozenMs });
  }
}

/** From now on they show this; how often they were asked is counted on. */
function bendClocks({ pid, clockAt }: GatedSession, bend: Bend): void {
  writeMemory(pid, clockAt, bent(bend), ASKED_AT);
}

/** The clocks of a session are right again, and nobody has asked them yet. */
export function straightenClocks({ pid, clockAt }: GatedSession): void {
  writeMemory(pid, clockAt, bent({ ofDayMs: 0, sinceStartMs: 0 }), CLOCK_BYTES);
}

/** How often the clocks of a session were asked since then. */
export function clocksAsked({ pid, clockAt }: GatedSession): number {
  const bytes = Buffer.alloc(CLOCK_BYTES);
  readMemory(pid, clockAt, bytes, CLOCK_BYTES);
  return askedIn(bytes);
}
