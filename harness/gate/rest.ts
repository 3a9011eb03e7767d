import { atRest, threadsOf, timesRun } from './process.ts';

/**
 * How often each thread of a process has run so far; undefined where one may run now. All are asleep at once where two looks
 * in a row say the same: who was asleep when looked at may have been woken since, by who was looked at later.
 */
export function restOf(pid: number): string | undefined {
  let runs = '';
  for (const tid of threadsOf(pid)) {
    if (!atRest(tid)) return undefined;
    runs += `${tid} ${timesRun(tid)} `;
  }
  return runs;
}
