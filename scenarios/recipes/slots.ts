import { mkdirSync, rmdirSync } from 'node:fs';

/**
 * Runs `work` while this session has one of a few slots, each of which is a directory; undefined where all are taken.
 *
 * Works because mkdir(2) succeeds for one caller only: there are never more holders than directories. A holder that dies keeps
 * its slot.
 */
export async function withSlot<Result>(
  slots: readonly string[],
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  const slot = slots.find(take);
  if (slot === undefined) return undefined;
  try {
    return await work();
  } finally {
    rmdirSync(slot);
  }
}

function take(slot: string): boolean {
  try {
    mkdirSync(slot);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
