/** Writers as a user would have them, for tests of the library. */

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Perform, Refused, type Session } from '../../harness/library/index.ts';

/** Reads, adds one, writes. */
export const bump: Perform = (session) => {
  const path = session.path('n');
  writeFileSync(path, String(Number(readFileSync(path, 'utf8')) + 1));
};

/** The same while nobody else can: whoever does not get the lock is refused. */
export function bumpAlone(session: Session): void {
  const [own, lock] = [session.path(`lock.${session.id}`), session.path('lock')];
  writeFileSync(own, '');
  try {
    linkSync(own, lock);
  } catch {
    throw new Refused('somebody else has the lock');
  } finally {
    rmSync(own);
  }
  try {
    const next = session.path('next');
    writeFileSync(next, String(Number(readFileSync(session.path('n'), 'utf8')) + 1));
    renameSync(next, session.path('n'));
  } finally {
    rmSync(lock);
  }
}

export const fails: Perform = () => {
  throw new Error('no such luck');
};

export default function claim(session: Session): void {
  writeFileSync(session.path('claimed'), session.id, { flag: 'wx' });
}

/** Puts down what `bump` works on. */
export const counterAtSeven = (dir: string): void => writeFileSync(`${dir}/n`, '7');
