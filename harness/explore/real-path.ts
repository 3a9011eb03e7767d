/** Where a path leads, for the process that names it. */

import { lstatSync, readlinkSync } from 'node:fs';
import { processOf } from '../gate/process.ts';

/** How many symbolic links the kernel follows in one path. path_resolution(7) */
const LINKS_MAX = 40;

/** Links that lead to what a process has, and not to what they say: proc(5). */
const MAGIC = /^\/proc\/\d+\/(task\/\d+\/)?(cwd|root|exe|fd\/\d+|map_files\/[^/]+)$/;

/**
 * An absolute path without links, `..` and the like, as the thread would find it; the rest as it is, where nothing is there.
 * Undefined where it leads to what has no path: a pipe, a socket, a file that has been removed.
 *
 * @param follows is a link at the end followed, too?
 */
export function resolvedBy(tid: number, path: string, follows: boolean): string | undefined {
  let at = '';
  let left = path.split('/');
  for (let links = 0; left.length > 0; ) {
    const name = left[0]!;
    left = left.slice(1);
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const next = at === '/proc' ? `/proc/${numbered(name, tid)}` : `${at}/${name}`;
    const last = left.every((each) => each === '' || each === '.');
    if ((last && !follows) || !isLink(next) || ++links > LINKS_MAX) {
      at = next;
      continue;
    }
    const target = targetOf(next);
    if (target === undefined) return undefined;
    left = [...target.split('/'), ...left];
    if (target.startsWith('/')) at = '';
  }
  return at === '' ? '/' : at;
}

/** What `self` and `thread-self` stand for. */
function numbered(name: string, tid: number): string {
  if (name === 'self') return String(processOf(tid));
  return name === 'thread-self' ? `${processOf(tid)}/task/${tid}` : name;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function targetOf(path: string): string | undefined {
  let target: string;
  try {
    target = readlinkSync(path);
  } catch {
    return undefined; // another user's `/proc/PID/cwd`, or gone
  }
  if (!MAGIC.test(path)) return target;
  const gone = target.endsWith(' (deleted)') && !isLink(target) && !isThere(target);
  return target.startsWith('/') && !gone ? target : undefined;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
