/** What a process does in one round of a contest, with the time that it took. */

import { readFileSync } from 'node:fs';
import type { Session } from '../scenario/scenario.ts';
import { blockUntil, nowUs } from '../session/clock.ts';
import type { Claim, Hold, Look, Span } from './judges.ts';

/** Tries to get something, and throws where the error is not the one that says that another has it. */
export function claimed({ index }: Session, taken: string, call: () => string | undefined): Claim {
  const fromUs = nowUs();
  const error = call();
  const untilUs = nowUs();
  if (error !== undefined && error !== taken) throw new CallFailed(error);
  return { process: index, won: error === undefined, fromUs, untilUs };
}

export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** How long a lock is held: long enough that the others have to wait for it. */
const HELD_US = 20;

/** Takes a lock, has it for a moment, and gives it back. */
export function held({ index }: Session, take: () => number, giveBack: () => number): Hold {
  const askedUs = nowUs();
  const failed = take() !== 0;
  const fromUs = nowUs();
  if (failed) throw new CallFailed('refused');
  blockUntil(fromUs + HELD_US);
  const untilUs = nowUs();
  giveBack();
  return { process: index, askedUs, fromUs, untilUs };
}

/** Of a file that is replaced all the while: long enough that a reader could see half of it. */
export const CONTENT_BYTES = 16 * 1024;

/** A round lasts so long, since those who replace a file take longer than those who read it. */
const STRETCH_US = 1_000;
const TRIES_MAX = 50;

export interface Replacing {
  /** Comes before, and is not timed. */
  readonly prepare?: (path: string, content: string) => void;
  readonly replace: (path: string, content: string) => void;
}

/** Half of the processes replace a file, each with content of its own, and half read it. */
export function replacedOrRead({ index, path }: Session, { prepare, replace }: Replacing): Look {
  const state = path('state');
  const content = String(index).repeat(CONTENT_BYTES);
  const replaces = index % 2 === 0;
  const tries: Look['tries'][number][] = [];
  const until = nowUs() + STRETCH_US;
  do {
    if (replaces) {
      prepare?.(state, content);
      tries.push(timed(() => replace(state, content)));
    } else {
      let saw = '';
      const span = timed(() => {
        saw = seen(state);
      });
      tries.push({ ...span, saw });
    }
  } while (nowUs() < until && tries.length < TRIES_MAX);
  return { process: index, kind: replaces ? 'replace' : 'read', tries };
}

function timed(act: () => void): Span {
  const fromUs = nowUs();
  act();
  return { fromUs, untilUs: nowUs() };
}

function seen(path: string): string {
  try {
    const content = readFileSync(path, 'latin1');
    if (content.length !== CONTENT_BYTES) return `${content.length} of ${CONTENT_BYTES} bytes`;
    return content === content[0]!.repeat(CONTENT_BYTES) ? 'whole' : 'parts of two files';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'no file (ENOENT)' : (code ?? message);
  }
}
