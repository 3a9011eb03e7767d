/** What `collide watch` is told, and whether it can do that. */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXPECTED_TIME, millisecondsIn } from '../config/time.ts';
import { UsageError } from './exit.ts';

/** @throws {UsageError} where it can't be watched. */
export function checkWatched(dir: string): void {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`${dir}: there is no such directory; make it first, or name another`);
  if (!found.isDirectory()) {
    throw new UsageError(`${dir}: that is not a directory; name the one it is in, with --watch for the file`);
  }
  try {
    accessSync(dir, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new UsageError(`${dir}: can't be read: ${(error as Error).message}; name another directory`);
  }
}

/** Nothing is made before there is a case. @throws {UsageError} where nothing could be made. */
export function checkLater(out: string): void {
  let at = resolve(out);
  while (!existsSync(at)) at = dirname(at);
  try {
    accessSync(at, constants.W_OK | constants.X_OK);
    if (statSync(at).isDirectory()) return;
  } catch {
    // said below
  }
  throw new UsageError(`--out ${out}: ${at} is no directory that can be written to; name another directory with --out`);
}

const TOO_MUCH: Readonly<Record<'ENOSPC' | 'EMFILE', string>> = {
  ENOSPC: 'the system has no more inotify watches: raise fs.inotify.max_user_watches with sysctl',
  EMFILE: 'the system has no more inotify instances or open files: raise fs.inotify.max_user_instances or `ulimit -n`',
};

export const tooMuch = (dir: string, code: 'ENOSPC' | 'EMFILE'): UsageError =>
  new UsageError(`${dir}: ${TOO_MUCH[code]}, watch a smaller directory, or leave some out with --ignore`);

/** In milliseconds. */
export const timeOf =
  (flag: string) =>
  (text: string): number => {
    const ms = millisecondsIn(text);
    if (ms === undefined) throw new UsageError(`${flag} ${text}: ${EXPECTED_TIME}`);
    return ms;
  };
