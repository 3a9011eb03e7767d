import { Refused } from '../../harness/scenario/scenario.ts';
import { withFlock } from './flock.ts';
import { readJson } from './json.ts';
import { replaceFile } from './replace.ts';

/** What such a file holds, as JSON. */
export interface Fenced<T> {
  /** The highest token that was ever shown. */
  readonly token: number;
  readonly state: T;
}

/**
 * A state file that trusts no lock: every access shows a token, a number that grows from holder to holder, and is refused
 * where a higher one has been seen (Kleppmann, "How to do distributed locking", 2016).
 *
 * Reading counts, too. Were the token only looked at when writing, a holder who wakes late could still write after the next
 * one has read, and be acknowledged, and then be written away.
 */
export const readFenced = <T>(file: string, token: number): T => access<T>(file, token, (state) => state);

export const writeFenced = <T>(file: string, token: number, state: T): void => {
  access<T>(file, token, () => state);
};

/** The check and the change are one step for all others: storage that can't do that can't be fenced. */
function access<T>(file: string, token: number, change: (state: T) => T): T {
  return withFlock(`${file}.lock`, () => {
    const known = readJson<Fenced<T>>(file);
    if (token < known.token) throw new Refused(`token ${token} is stale: the file has seen ${known.token}`);
    const next: Fenced<T> = { token, state: change(known.state) };
    replaceFile(file, `token-${token}`, JSON.stringify(next));
    return next.state;
  });
}
