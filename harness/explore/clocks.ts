/** What sessions take for the time: see `session/bent-clock`. */

import { lstatSync, lutimesSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readMemory, writeMemory } from '../gate/kernel.ts';
import type { Meaning } from '../gate/meaning.ts';
import type { Request } from '../gate/request.ts';
import type { Call, Step } from '../history/step.ts';
import { ASKED_AT, askedIn, type Bend, bent, CLOCK_BYTES } from '../session/bent-clock.ts';
import type { GatedSession } from './gated-session.ts';

/** The clocks of sessions that share a machine, for one execution. */
export class Clocks {
  readonly #sessions: readonly GatedSession[];
  readonly #aged: string | undefined;
  #bend: Bend = { ofDayMs: 0, sinceStartMs: 0 };

  /** @param aged the directory of the resource, where sessions are commands: their clocks can't be bent, but files can be older. */
  constructor(sessions: readonly GatedSession[], aged?: string) {
    this.#sessions = sessions;
    this.#aged = aged;
  }

  /** Everybody is so much later than they think, or it only looks so: then just the time of day changes. */
  pass({ ofDayMs, sinceStartMs = 0 }: Pick<Bend, 'ofDayMs'> & Partial<Bend>): void {
    if (this.#aged !== undefined) {
      if (sinceStartMs > 0) age(this.#aged, sinceStartMs);
      return;
    }
    const { ofDayMs: day, sinceStartMs: start, frozenMs } = this.#bend;
    this.#bend = {
      ofDayMs: day + ofDayMs,
      sinceStartMs: start + sinceStartMs,
      ...(frozenMs === undefined ? {} : { frozenMs: frozenMs + ofDayMs }),
    };
    this.#show();
  }

  /**
   * The kernel's clock is not bent: what it has just dated is dated anew, as it would be by now. Not what a session has dated itself.
   *
   * @param since ms since 1970, before the call was made.
   */
  date(request: Request, root: string, since: number): void {
    const { ofDayMs } = this.#bend;
    if (ofDayMs === 0 || !DATING.has(request.call)) return;
    for (const path of pathsOf(request, root)) {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined || stats.mtimeMs < since - TICK_MS || stats.mtimeMs > since + LONGEST_CALL_MS) continue;
      lutimesSync(path, stats.atimeMs / 1000, (stats.mtimeMs + ofDayMs) / 1000);
    }
  }

  /** The clocks are right, and nobody has asked them yet. */
  straighten(): void {
    for (const session of this.#sessions) straightenClocks(session);
  }

  /** Every look shows the same time; once some has passed, the same again. */
  stop(frozenMs: number): void {
    this.#bend = { ...this.#bend, frozenMs };
    this.#show();
  }

  #show(): void {
    for (const session of this.#sessions) if (!session.dead) bendClocks(session, this.#bend);
  }
}

/** Everything there is was changed so much earlier. */
function age(path: string, ms: number): void {
  const stats = lstatSync(path);
  if (stats.isDirectory()) for (const name of readdirSync(path)) age(join(path, name), ms);
  lutimesSync(path, (stats.atimeMs - ms) / 1000, (stats.mtimeMs - ms) / 1000);
}

/** What has failed, and what has only been opened, bears the time that it bore. */
export const dates = ({ call, error, flags = [] }: Step, { creates }: Meaning): boolean =>
  error === undefined && (call !== 'open' || creates !== undefined || flags.includes('TRUNC'));

/** Calls after which a file or directory may bear another time. */
const DATING: ReadonlySet<Call> = new Set([
  'open',
  'write',
  'truncate',
  'copy',
  'mkdir',
  'rename',
  'link',
  'symlink',
  'unlink',
  'rmdir',
  'attributes',
]);

/** What a call names, and the directories that it lies in. */
function pathsOf({ path, to = path }: Request, root: string): readonly string[] {
  const named = [path, to].map((each) => join(root, each));
  return [...new Set([...named, ...named.map((each) => dirname(each))])].filter((each) => each.startsWith(root));
}

/** The clock that files are dated by ticks so often, or more often (CONFIG_HZ). */
const TICK_MS = 10;

/** Less than any time that passes here. */
const LONGEST_CALL_MS = 20_000;

/** From now on they show this; how often they were asked is counted on. */
function bendClocks({ pid, clockAt }: GatedSession, bend: Bend): void {
  writeMemory(pid, clockAt, bent(bend), ASKED_AT);
}

function straightenClocks({ pid, clockAt }: GatedSession): void {
  writeMemory(pid, clockAt, bent({ ofDayMs: 0, sinceStartMs: 0 }), CLOCK_BYTES);
}

/** How often the clocks of a session were asked since then. */
export function clocksAsked({ pid, clockAt }: GatedSession): number {
  const bytes = Buffer.alloc(CLOCK_BYTES);
  readMemory(pid, clockAt, bytes, CLOCK_BYTES);
  return askedIn(bytes);
}
