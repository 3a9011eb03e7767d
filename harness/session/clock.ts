import { pause } from '../gate/pause.ts';

/**
 * CLOCK_MONOTONIC in microseconds. All processes of one machine share it (clock_gettime(2)), so an instant that one process
 * names is the same instant in another: a start barrier that costs no message.
 */
export function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
}

/** The last stretch before an instant is spun, because a sleeper wakes up late: 50 µs of timer slack on Linux, and more under load. */
const SPIN_US = 150;

/** Blocks the thread until an instant of `nowUs`, exact to a few microseconds where a core is free. */
export function blockUntil(instantUs: number): void {
  const sleepUs = instantUs - nowUs() - SPIN_US;
  if (sleepUs > 0) pause(sleepUs / 1e3);
  while (nowUs() < instantUs);
}
