/** A real directory: what changes in it becomes observations. Files are opened for reading, and no locks are taken. */

import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { watch } from 'chokidar';
import { limits } from '../limits.ts';
import { type GitWatch, gitActivity, watchEnclosingRepository } from './git.ts';
import { isLockName, pidIn } from './locks.ts';
import { backupOf } from './piles.ts';
import type { LockSeen, Observation } from './sighting.ts';
import { heldInodes, isThere } from './system-locks.ts';

export interface Watched {
  /** Absolute. */
  readonly dir: string;
  /** Is it to be read? Paths are relative to the directory. */
  readonly isRead: (path: string) => boolean;
  /** Is it, with all that is in it, to be left out? */
  readonly isIgnored: (path: string) => boolean;
  /** Paths of the locks that are there. */
  readonly locks: () => readonly string[];
  readonly observe: (observation: Observation) => void;
  /** Told of what can't be watched: the rest still is. */
  readonly failed: (error: NodeJS.ErrnoException) => void;
}

export interface Watcher {
  /** What was there from the start has been observed. */
  readonly ready: Promise<void>;
  /** Lets time pass: asks for the locks. @param atMs of the same clock as all observations. */
  look(atMs?: number): void;
  /** Files that were too large to be read. */
  readonly tooLarge: ReadonlySet<string>;
  close(): Promise<void>;
}

/** @throws nothing: what goes wrong is told to `failed`. */
export function watchDirectory(watched: Watched): Watcher {
  const { dir, isIgnored, observe, failed } = watched;
  const tooLarge = new Set<string>();
  const pathOf = (absolute: string): string => relative(dir, absolute);
  // What is empty for a moment, or comes soon after, is what we are here for: chokidar holds it back from `change`.
  const watcher = watch(dir, {
    ignored: (path) => isIgnored(pathOf(path)),
    followSymlinks: false,
    atomic: false,
    ignorePermissionErrors: true,
  });
  const see = (absolute: string): void => {
    const path = pathOf(absolute);
    if (path === '' || path.startsWith('..') || isIgnored(path)) return;
    seen(watched, absolute, path, tooLarge);
  };
  watcher.on('raw', (_, name, details) => {
    const { watchedPath } = (details ?? {}) as { readonly watchedPath?: string };
    if (typeof name === 'string' && name !== '' && watchedPath !== undefined) see(join(watchedPath, name));
  });
  for (const event of ['add', 'change', 'addDir'] as const) watcher.on(event, see);
  for (const event of ['unlink', 'unlinkDir'] as const) {
    watcher.on(event, (absolute) => {
      if (absolute !== dir) see(absolute);
    });
  }
  watcher.on('error', (error) => failed(error as NodeJS.ErrnoException));
  const repository: GitWatch = watchEnclosingRepository(dir, () => observe({ type: 'git', atMs: performance.now() }));
  return {
    ready: new Promise((resolve) => {
      watcher.once('ready', resolve);
    }),
    look: (atMs = performance.now()) => observe({ type: 'look', atMs, locks: locksSeen(watched) }),
    tooLarge,
    async close() {
      repository.close();
      await watcher.close();
    },
  };
}

/** What is there under that name, now. */
function seen(watched: Watched, absolute: string, path: string, tooLarge: Set<string>): void {
  const atMs = performance.now();
  if (gitActivity(path)) watched.observe({ type: 'git', atMs });
  const observation = observed(watched, absolute, path, tooLarge);
  if (observation !== undefined) watched.observe({ ...observation, atMs });
}

type Timeless<T> = T extends unknown ? Omit<T, 'atMs'> : never;

function observed(
  { isRead }: Watched,
  absolute: string,
  path: string,
  tooLarge: Set<string>,
): Timeless<Extract<Observation, { readonly path: string }>> | undefined {
  const stats = statsOf(absolute);
  if (stats === undefined) return { type: 'gone', path };
  if (stats.isDirectory()) return isLockName(path) ? { type: 'name', path } : undefined;
  if (!stats.isFile()) return undefined;
  if (isLockName(path) || backupOf(path) !== undefined || !isRead(path)) return { type: 'name', path };
  if (stats.size > limits.watchedBytes) {
    tooLarge.add(path);
    return undefined;
  }
  const read = contentOf(absolute);
  return read === undefined ? undefined : { type: 'file', path, ...read };
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // a directory on the way is gone, or closed to us
  }
}

/** Undefined where it is gone meanwhile, or may not be read. */
function contentOf(path: string): { readonly bytes: Uint8Array; readonly identity: string } | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const { size, ino, birthtimeMs } = fstatSync(fd);
    // One more than there should be: it may grow meanwhile.
    const buffer = Buffer.alloc(Math.min(size, limits.watchedBytes) + GROWTH_BYTES);
    const length = readSync(fd, buffer, 0, buffer.length, 0);
    return { bytes: buffer.subarray(0, length), identity: `${ino}@${birthtimeMs}` };
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

const GROWTH_BYTES = 64 * 1024;

function locksSeen({ dir, locks }: Watched): readonly LockSeen[] {
  const held = heldInodes();
  const now = performance.timeOrigin + performance.now();
  return locks().flatMap((path) => {
    const stats = statsOf(join(dir, path));
    if (stats === undefined) return [];
    const pid = stats.isFile() && stats.size <= LOCK_BYTES ? pidIn(textOf(join(dir, path))) : undefined;
    return [
      {
        path,
        ageMs: now - stats.mtimeMs,
        directory: stats.isDirectory(),
        held: held.has(stats.ino),
        ...(pid === undefined ? {} : { pid, alive: isThere(pid) }),
      },
    ];
  });
}

/** What is longer is no lock with a process id in it. */
const LOCK_BYTES = 1024;

const textOf = (path: string): string => Buffer.from(contentOf(path)?.bytes ?? []).toString('utf8');

/** What a directory has in it that nobody wants to hear of. */
export const IGNORED_NAMES = ['node_modules', '.venv', '__pycache__', '.hg', '.svn', '.jj'] as const;

/** Also what git keeps below its directory: only what moves its HEAD and index is of interest, and their locks. */
export const isIgnoredByName = (path: string): boolean =>
  path.split('/').some((name) => (IGNORED_NAMES as readonly string[]).includes(name)) ||
  /(^|\/)\.git\/(?!(index|HEAD|ORIG_HEAD|MERGE_HEAD|config|packed-refs|shallow)(\.lock)?$)/.test(path) ||
  /\.collide-\d+$/.test(basename(path));
