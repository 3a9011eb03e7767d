/** What calls ask for besides, as their flags and structures say it. */

import type { Notification } from './listener.ts';
import { byPath, type Extras } from './naming.ts';
import { bytesAt, stringAt } from './process.ts';
import type { Reader } from './request.ts';

// fcntl.h
export const openFlags = { CREAT: 0o100, EXCL: 0o200, TRUNC: 0o1000, APPEND: 0o2000 } as const;
const O_ACCMODE = 3;
const O_NONBLOCK = 0o4000;
const O_PATH = 0o10000000;
const TMPFILE = 0o20000000;
const [O_DIRECTORY, O_NOFOLLOW] = process.arch === 'arm64' ? [0o40000, 0o100000] : [0o200000, 0o400000];
/** linux/openat2.h: a path that begins with `/` begins at the descriptor all the same. */
const RESOLVE_IN_ROOT = 0x10;
/** sys/stat.h: instead of nanoseconds. */
const [UTIME_NOW, UTIME_OMIT] = [0x3fffffff, 0x3ffffffe];

export const opened = (flags: number): Extras => ({
  flags: Object.entries(openFlags).flatMap(([name, bit]) => ((flags & bit) !== 0 ? [name] : [])),
  follows: (flags & (openFlags.EXCL | O_NOFOLLOW)) === 0,
  opens: {
    placeOnly: (flags & O_PATH) !== 0,
    directory: (flags & O_DIRECTORY) !== 0,
    nameless: (flags & TMPFILE) !== 0,
    writes: (flags & O_ACCMODE) !== 0,
    asList: (flags & O_DIRECTORY) !== 0 && (flags & O_NONBLOCK) !== 0,
  },
});

/** struct open_how { __u64 flags, mode, resolve; } */
export const openedHow: Reader = (n, view) => {
  const how = bytesAt(n.tid, n.args[2]!, 24);
  const within = how.length === 24 && (how.readInt32LE(16) & RESOLVE_IN_ROOT) !== 0;
  return byPath('open', { directory: 0, path: 1, within }, () => opened(how.readInt32LE(0)))(n, view);
};

/** Two struct timespec, of which the second is the time of the last change; or NULL, as often as not. */
export function timesSet({ tid, args }: Notification, at: number): Extras {
  if (args[at] === 0) return { attribute: 'now' };
  const nanoseconds = bytesAt(tid, args[at]!, 32).readInt32LE(24);
  return { attribute: nanoseconds === UTIME_NOW || nanoseconds === UTIME_OMIT ? 'now' : 'times' };
}

export const orNow =
  (at: number) =>
  ({ args }: Notification): Extras => ({ attribute: args[at] === 0 ? 'now' : 'times' });

export const mode = (): Extras => ({ attribute: 'mode' });
export const extended = (): Extras => ({ attribute: 'extended' });
/** An access control list is the longer form of the mode. acl(5) */
export const extendedBy =
  (nameAt: number) =>
  ({ tid, args }: Notification): Extras =>
    stringAt(tid, args[nameAt]!).startsWith('system.posix_acl_') ? mode() : extended();
export const tested =
  (at: number) =>
  ({ ints }: Notification): Extras => ({ attribute: ints[at] === 0 ? 'existence' : 'mode' });
