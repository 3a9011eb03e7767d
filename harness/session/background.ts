/** Commands may leave processes behind that go on when the command has ended: what is compared is what is there after those. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { PooledSession } from './pool.ts';

/** How long they are waited for. */
const BACKGROUND_MS = 3_000;
const POLL_MS = 10;

/** Waits until none of them is left. Those that take too long are killed: returns the names of their programs. */
export async function endOfBackground(session: PooledSession): Promise<readonly string[]> {
  const until = performance.now() + BACKGROUND_MS;
  for (;;) {
    const left = session.leftRunning();
    if (left.length === 0) return [];
    if (performance.now() > until) {
      session.endLeftRunning();
      return left;
    }
    await sleep(POLL_MS);
  }
}

/** Why nothing can be said then. */
export const leftRunningWords = (session: number, programs: readonly string[]): string =>
  `session ${session} leaves ${programs.join(' and ')} running when its command ends, which may still change the files: end the command with \`wait\``;
