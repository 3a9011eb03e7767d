import { setTimeout as sleep } from 'node:timers/promises';
import { blockUntil, nowUs } from '../session/clock.ts';
import type { Draw } from '../session/random.ts';

/** In one round of four nothing is stalled; in the others, up to this many times. */
const STALLS_MAX = 3;

/** Long enough for others to do an operation or two meanwhile, in microseconds. */
const STALL_US = [200, 1_500] as const;

/**
 * Stops sessions in the middle of what they do, for a moment each, as a busy machine, a garbage collection or a closed lid
 * does: SIGSTOP at a random instant of the round, SIGCONT soon after. On two cores, operations that take microseconds would
 * otherwise hardly ever overlap, and on a loaded machine never.
 *
 * Resolves when all go on again. Blocks the supervisor meanwhile, which has nothing else to do.
 */
export async function stallSome(pids: readonly number[], draw: Draw, startUs: number, spanUs: number): Promise<void> {
  const instants = Array.from({ length: draw(0, STALLS_MAX) }, () => startUs + draw(0, Math.round(spanUs)));
  if (instants.length === 0) return;
  // Gives the event loop the time to hand out the tasks.
  await sleep(Math.max(0, startUs - nowUs()) / 1e3);
  for (const instant of instants.sort((a, b) => a - b)) {
    const pid = pids[draw(0, pids.length - 1)]!;
    blockUntil(instant);
    signal(pid, 'SIGSTOP');
    blockUntil(nowUs() + draw(...STALL_US));
    signal(pid, 'SIGCONT');
  }
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  // kill(2): 0 would be the supervisor's own process group, negative numbers other groups.
  if (pid <= 0) return;
  try {
    process.kill(pid, name);
  } catch {
    // It has died; the pool finds out by itself.
  }
}
