import { linkSync, writeFileSync } from 'node:fs';

/**
 * Creates a file with this content, unless the name is taken. True for the one caller who created it.
 *
 * Works because O_EXCL makes "is it there?" and "create it" one step. The name is there before the content is: whoever reads
 * the file at once may find it empty.
 */
export const createExclusively = (file: string, content: string): boolean =>
  unlessTaken(() => writeFileSync(file, content, { flag: 'wx' }));

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
