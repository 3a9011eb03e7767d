/** Which calls use a file, directory or socket by which of their arguments, wherever that lies. */

import type { Notification } from '../gate/listener.ts';
import { addressAt } from '../gate/peers.ts';
import { bytesAt, linkOf, stringAt } from '../gate/process.ts';
import { SIZE_IOCTLS } from '../gate/size-ioctls.ts';

/**
 * - `lists`: the names in a directory are read. - `makes`: an entry is made, where there is none. - `moves`: it is removed, or another
 * takes its place.
 */
export type Deed = 'reads' | 'lists' | 'changes' | 'makes' | 'makes directory' | 'moves';

export interface Use {
  readonly deed: Deed;
  /** Absolute, as it was said. */
  readonly path: string;
  /** Is a symbolic link at its end followed? */
  readonly follows: boolean;
}

/** In the order of the paths that a step of the same call has; undefined where there is nothing to be said of one. */
export const usesOf = (notification: Notification, own: boolean): readonly (Use | undefined)[] =>
  (USES[notification.call] ?? []).map((argument) => argument(notification, own));

type Argument = (notification: Notification, own: boolean) => Use | undefined;

type Deeds = Deed | ((notification: Notification) => Deed);

interface Options {
  /** Which argument is the descriptor that a relative path is below of. */
  readonly below?: number;
  readonly follows?: boolean | ((notification: Notification) => boolean);
}

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;

const doneBy = (deed: Deeds, notification: Notification): Deed =>
  typeof deed === 'function' ? deed(notification) : deed;

/** By a path; without one (AT_EMPTY_PATH, futimens(3)) by the descriptor. */
const path =
  (argument: number, deed: Deeds, { below, follows = true }: Options = {}): Argument =>
  (notification) => {
    const { tid, args, ints } = notification;
    const said = args[argument] === 0 ? '' : stringAt(tid, args[argument]!);
    const directory = below === undefined ? AT_FDCWD : ints[below]!;
    if (said === '' && (below === undefined || directory === AT_FDCWD)) return undefined;
    const base = said.startsWith('/') ? '' : linkOf(tid, directory === AT_FDCWD ? 'cwd' : `fd/${directory}`);
    if (base === undefined || (base !== '' && !base.startsWith('/'))) return undefined;
    return {
      deed: doneBy(deed, notification),
      path: said === '' ? base : `${base}/${said}`,
      follows: typeof follows === 'function' ? follows(notification) : follows,
    };
  };

/** By a descriptor. `always`: though whoever has it open has said so when it was opened. */
const fd =
  (argument: number, deed: Deeds, always = false): Argument =>
  (notification, own) => {
    if (!own && !always) return undefined;
    const link = linkOf(notification.tid, `fd/${notification.ints[argument]!}`);
    if (link === undefined || !link.startsWith('/') || link.endsWith(' (deleted)')) return undefined;
    return { deed: doneBy(deed, notification), path: link, follows: false };
  };

/** struct sockaddr_un: an address without a NUL in front is a path. unix(7) */
const address: Argument = ({ tid, args, ints }) => {
  const bytes = addressAt(tid, args[1]!, ints[2]!);
  if (bytes.length < 3 || bytes.readUInt16LE(0) !== 1 || bytes[2] === 0) return undefined;
  const end = bytes.indexOf(0, 2);
  const said = bytes.toString('utf8', 2, end < 0 ? bytes.length : end);
  return { deed: 'makes', path: said.startsWith('/') ? said : `${linkOf(tid, 'cwd')}/${said}`, follows: false };
};

// fcntl.h
const O_CREAT = 0o100;
/** O_WRONLY, O_RDWR, O_TRUNC */
const WRITES = 0o1003;
const AT_SYMLINK_FOLLOW = 0x400;

const opened = (flags: number): Deed =>
  (flags & O_CREAT) !== 0 ? 'makes' : (flags & WRITES) !== 0 ? 'changes' : 'reads';

const unlessNoFollow =
  (flags: number) =>
  ({ ints }: Notification): boolean =>
    (ints[flags]! & AT_SYMLINK_NOFOLLOW) === 0;

const LOCK_GETTERS: ReadonlySet<number> = new Set([5, 36]); // F_GETLK, F_OFD_GETLK

const made = { follows: false };
const madeAt = (below: number): Options => ({ below, follows: false });

/** By name, since a call may be looked at here before the gate traps it, and not be trapped on every architecture. */
const USES: Readonly<Record<string, readonly Argument[]>> = {
  open: [path(0, ({ ints }) => opened(ints[1]!))],
  openat: [path(1, ({ ints }) => opened(ints[2]!), { below: 0 })],
  openat2: [path(1, ({ tid, args }) => opened(bytesAt(tid, args[2]!, 8).readInt32LE(0)), { below: 0 })],
  creat: [path(0, 'makes')],
  truncate: [path(0, 'changes')],
  stat: [path(0, 'reads')],
  lstat: [path(0, 'reads', made)],
  newfstatat: [path(1, 'reads', { below: 0, follows: unlessNoFollow(3) })],
  statx: [path(1, 'reads', { below: 0, follows: unlessNoFollow(2) })],
  access: [path(0, 'reads')],
  faccessat: [path(1, 'reads', { below: 0 })],
  faccessat2: [path(1, 'reads', { below: 0, follows: unlessNoFollow(3) })],
  readlink: [path(0, 'reads', made)],
  readlinkat: [path(1, 'reads', madeAt(0))],
  rename: [path(0, 'moves', made), path(1, 'moves', made)],
  renameat: [path(1, 'moves', madeAt(0)), path(3, 'moves', madeAt(2))],
  renameat2: [path(1, 'moves', madeAt(0)), path(3, 'moves', madeAt(2))],
  link: [path(0, 'changes', made), path(1, 'makes', made)],
  linkat: [
    path(1, 'changes', { below: 0, follows: ({ ints }) => (ints[4]! & AT_SYMLINK_FOLLOW) !== 0 }),
    path(3, 'makes', madeAt(2)),
  ],
  symlink: [path(1, 'makes', made)],
  symlinkat: [path(2, 'makes', madeAt(1))],
  unlink: [path(0, 'moves', made)],
  unlinkat: [path(1, 'moves', madeAt(0))],
  mkdir: [path(0, 'makes directory', made)],
  mkdirat: [path(1, 'makes directory', madeAt(0))],
  rmdir: [path(0, 'moves', made)],
  mknod: [path(0, 'makes', made)],
  mknodat: [path(1, 'makes', madeAt(0))],
  bind: [address],
  chmod: [path(0, 'changes')],
  fchmodat: [path(1, 'changes', { below: 0 })],
  fchmodat2: [path(1, 'changes', { below: 0, follows: unlessNoFollow(3) })],
  chown: [path(0, 'changes')],
  lchown: [path(0, 'changes', made)],
  fchownat: [path(1, 'changes', { below: 0, follows: unlessNoFollow(4) })],
  utime: [path(0, 'changes')],
  utimes: [path(0, 'changes')],
  futimesat: [path(1, 'changes', { below: 0 })],
  utimensat: [path(1, 'changes', { below: 0, follows: unlessNoFollow(3) })],
  setxattr: [path(0, 'changes')],
  lsetxattr: [path(0, 'changes', made)],
  removexattr: [path(0, 'changes')],
  lremovexattr: [path(0, 'changes', made)],
  getxattr: [path(0, 'reads')],
  lgetxattr: [path(0, 'reads', made)],
  listxattr: [path(0, 'reads')],
  llistxattr: [path(0, 'reads', made)],
  // No right to write is needed for these.
  fchmod: [fd(0, 'changes', true)],
  fchown: [fd(0, 'changes', true)],
  fsetxattr: [fd(0, 'changes', true)],
  fremovexattr: [fd(0, 'changes', true)],
  flock: [fd(0, 'changes', true)],
  fcntl: [fd(0, ({ ints }) => (LOCK_GETTERS.has(ints[1]!) ? 'reads' : 'changes'), true)],
  getdents: [fd(0, 'lists', true)],
  getdents64: [fd(0, 'lists', true)],
  read: [fd(0, 'reads')],
  readv: [fd(0, 'reads')],
  pread64: [fd(0, 'reads')],
  preadv: [fd(0, 'reads')],
  preadv2: [fd(0, 'reads')],
  write: [fd(0, 'changes')],
  writev: [fd(0, 'changes')],
  pwrite64: [fd(0, 'changes')],
  pwritev: [fd(0, 'changes')],
  pwritev2: [fd(0, 'changes')],
  ftruncate: [fd(0, 'changes')],
  fallocate: [fd(0, 'changes')],
  sendfile: [fd(1, 'reads'), fd(0, 'changes')],
  copy_file_range: [fd(0, 'reads'), fd(2, 'changes')],
  splice: [fd(0, 'reads'), fd(2, 'changes')],
  ioctl: [fd(2, 'reads'), fd(0, ({ ints }) => (SIZE_IOCTLS.includes(ints[1]!) ? 'reads' : 'changes'))],
  mmap: [fd(4, 'changes')],
};
