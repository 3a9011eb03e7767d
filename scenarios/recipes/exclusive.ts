import { linkSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Creates a file with this content, unless the name is taken. True for the one caller who created it.
 *
 * Works because O_EXCL makes "is it there?" and "create it" one step. The name is there before the content is: whoever reads
 * the file at once may find it empty.
 */
export const createExclusively = (file: string, content: string): boolean =>
  unlessTaken(() => writeFileSync(file, content, { flag: 'wx' }));

/**
 * Claims a name for an owner, for good: true for the first who asks, and again whenever that one asks.
 *
 * Works because of O_EXCL, as above. Whoever was first keeps it: a claim does not end with the process that made it.
 */
export const claim = (file: string, owner: string): boolean =>
  createExclusively(file, owner) || readFileSync(file, 'utf8') === owner;

/** Gives a written file a further name, unless that is taken. link(2): the name appears with all of the content, or not. */
export const linkExclusively = (existing: string, file: string): boolean => unlessTaken(() => linkSync(existing, file));

function unlessTaken(create: () => void): boolean {
  try {
    create();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
