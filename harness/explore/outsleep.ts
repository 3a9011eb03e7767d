import { pause } from '../gate/pause.ts';
import { familyOf } from '../gate/process.ts';
import { wakesWithin } from '../gate/timeouts.ts';
import { limits } from '../limits.ts';
import type { Actor } from './actor.ts';

/** Does it wait for an answer that the server does not give by itself? */
export const isWaiting = ({ done, session }: Actor): boolean => !done && session.awaits;

/**
 * The server of these sessions, or one of them, may sleep for a time only: they are waited for. Whether one has gone on.
 *
 * @param settle looks whether it has.
 * @param patienceOf how long it sleeps at most, in ms, with its server, before one of them goes on by itself; Infinity: neither will.
 */
export function outsleep(
  waiting: readonly Actor[],
  settle: (actor: Actor) => void,
  patienceOf: (actor: Actor) => number = asleepFor,
): boolean {
  const began = performance.now();
  let until = began + limits.sleepsMs;
  let helped = false;
  for (let still = waiting; still.length > 0; still = still.filter(isWaiting)) {
    if (still.length < waiting.length && !helped) {
      // Who began to wait at about the same time gets as long again: otherwise it would be luck who goes on together.
      helped = true;
      until = 2 * performance.now() - began;
    }
    const patienceMs = Math.min(...still.map(patienceOf));
    const inTime = performance.now() + patienceMs <= until;
    if (inTime) pause(patienceMs + 1);
    for (const actor of still) settle(actor); // the clock may have helped while it was asked about
    if (!inTime && still.every(isWaiting)) break;
  }
  return !waiting.every(isWaiting);
}

function asleepFor({ session: { pid, serverPid } }: Actor): number {
  const server = serverPid === undefined ? [] : familyOf(serverPid);
  return Math.min(...[...familyOf(pid), ...server].map(wakesWithin));
}
