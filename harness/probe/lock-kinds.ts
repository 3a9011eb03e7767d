import type { SessionPool } from '../session/pool.ts';
import { LOCKS } from './catalogue.ts';
import { type LockKind, lockKinds } from './locks.ts';
import type { Fact } from './result.ts';
import { together } from './together.ts';

/** Does a lock of one kind keep another process from one of the other kind? One after another, so there is no luck in it. */
export async function lockFact(pool: SessionPool, room: () => string): Promise<Fact> {
  const about = { id: 'lock-kinds', operation: 'flock and fcntl', purpose: 'programs that lock in two ways' };
  const dir = room();
  const does = async (session: number, strategy: string): Promise<boolean> => {
    const plan = { target: LOCKS, strategy, dir, sessions: [session], operations: 1, beatUs: 0 };
    const [[operation] = []] = (await together(pool, plan)).operations;
    if (operation?.outcome !== 'ok') throw new Error(operation?.error?.message ?? 'nothing was done');
    return operation.output === true;
  };
  /** Does another process get the one kind while a process has the other? */
  const both = async (has: LockKind, wants: LockKind): Promise<boolean> => {
    if (!(await does(0, has))) throw new Error(`${has} is refused though nobody has a lock`);
    const got = await does(1, wants);
    await does(0, 'give back');
    await does(1, 'give back');
    return got;
  };
  try {
    for (const kind of lockKinds) {
      if (await both(kind, kind))
        return { ...about, answer: 'no locks', evidence: `two processes have ${kind} at once` };
    }
    const together = [await both('flock', 'fcntl'), await both('fcntl', 'flock')];
    if (together.every(Boolean)) {
      return { ...about, answer: 'independent', evidence: 'one does not keep out the other: all must use the same' };
    }
    return together.some(Boolean)
      ? { ...about, answer: 'half', evidence: 'one of them keeps the other out, but not the other way round' }
      : { ...about, answer: 'one lock', evidence: 'each keeps out the other' };
  } catch (error) {
    return { ...about, answer: 'not measured', evidence: (error as Error).message };
  }
}
