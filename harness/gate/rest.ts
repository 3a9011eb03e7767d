import { pause } from './pause.ts';
import { atRest, familyOf, threadsOf, timesRun, waitsWithin } from './process.ts';

/**
 * How often each thread of some processes has run so far; undefined where one may run now. All are asleep at once only where
 * two looks in a row say the same: who was asleep when looked at may have been woken since, by who was looked at later.
 *
 * @param own processes of a session.
 * @param server with all that it has started. Its threads may wait for each other for as long as they like: two looks are then some
 * time apart, since whoever they wait for may be asleep for a moment as well.
 */
export function allAtRest(own: readonly number[], server: number): string | undefined {
  // The helpers of V8 may be asleep for a moment themselves, while the thread that they help waits for them.
  if (own.some(waitsWithin)) return undefined;
  let runs = '';
  const servers = familyOf(server);
  if (servers.some(waitsWithin)) pause(MOMENT_MS);
  for (const pid of [...own, ...servers]) {
    for (const tid of threadsOf(pid)) {
      if (!atRest(tid)) return undefined;
      runs += `${tid} ${timesRun(tid)} `;
    }
  }
  return runs;
}

const MOMENT_MS = 5;
