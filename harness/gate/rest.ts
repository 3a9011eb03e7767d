import { atRest, threadsOf, timesRun, waitsWithin } from './process.ts';

/**
 * How often each thread of some processes has run so far; undefined where one may run now. All are asleep at once only where
 * two looks in a row say the same: who was asleep when looked at may have been woken since, by who was looked at later.
 */
export function allAtRest(processes: readonly number[]): string | undefined {
  let runs = '';
  for (const pid of processes) {
    // The helpers of V8 may be asleep for a moment themselves, while the thread that they help waits for them.
    if (waitsWithin(pid)) return undefined;
    for (const tid of threadsOf(pid)) {
      if (!atRest(tid)) return undefined;
      runs += `${tid} ${timesRun(tid)} `;
    }
  }
  return runs;
}
