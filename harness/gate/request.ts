/** What a trapped call asks for: the part of its meaning that does not depend on the state it will meet. */

import type { Call } from '../history/step.ts';
import { extended, extendedBy, mode, opened, openedHow, openFlags, orNow, tested, timesSet } from './asked.ts';
import type { TrappedCall } from './calls.ts';
import type { Descriptors, OpenFile } from './descriptors.ts';
import type { Notification } from './listener.ts';
import { fcntlLock, lockCall } from './lock-calls.ts';
import {
  AT_EMPTY_PATH,
  byDescriptor,
  byEither,
  byPath,
  byTwoPaths,
  type Extras,
  makingNames,
  named,
  OUTSIDE,
  ofLink,
  onDescriptor,
} from './naming.ts';
import { addressAt, type Peers, pathIn } from './peers.ts';
import { bytesAt, linkOf, stringAt } from './process.ts';
import type { Resource } from './resource.ts';
import { SIZE_IOCTLS } from './size-ioctls.ts';

export { OUTSIDE };

export interface Request {
  readonly call: Call;
  /** Below the root; of a call on a connection, the name of the server. */
  readonly path: string;
  readonly to?: string;
  readonly flags: readonly string[];
  /** Is a symbolic link at the end of the path followed? */
  readonly follows: boolean;
  /** Of a call that concerns the server: may it do anything because of it, though it was asked nothing? */
  readonly noticed?: boolean;
  /** For calls on a descriptor. */
  readonly file?: OpenFile;
  readonly fd?: number;
  /** For copies from one descriptor to another. */
  readonly copiesTo?: OpenFile;
  /** What else is closed with it, as by close_range(2), or by execve(2) where that was asked for; only if that gives locks back. */
  readonly closes?: readonly OpenFile[];
  /** Where pread and pwrite begin. */
  readonly offset?: number;
  /** How many bytes are asked for. */
  readonly bytes?: number;
  /** Where the data of a write are, in the memory of the thread. */
  readonly data?: () => Buffer;
  /** What open(2) was asked for, all of it; `flags` names those that a reader wants to see. */
  readonly opens?: Opens;
  /** Of a call that looks at attributes or sets them: which, where not all. */
  readonly attribute?: Attribute;
  /** Of statx(2): what it is asked for. It may tell more, but who says what he wants wants no more. */
  readonly mask?: number;
  /** The operation of flock(2), or the command and type of a lock by fcntl(2). */
  readonly lock?: LockRequest;
}

export interface Opens {
  /** O_PATH: it only has the place, and may neither read nor write there. */
  readonly placeOnly: boolean;
  /** O_DIRECTORY. */
  readonly directory: boolean;
  /** O_TMPFILE: the path is that of a directory, in which a file without a name is made. */
  readonly nameless: boolean;
  readonly writes: boolean;
  /** As opendir(3) of glibc does it, and nobody else. */
  readonly asList: boolean;
}

/** `existence`: access(2) with F_OK. `now`: the times are to be the present ones, as after a write; `times`: others. */
export type Attribute = 'existence' | 'size' | 'mode' | 'now' | 'times' | 'extended';

export type LockRequest =
  | { readonly kind: 'flock'; readonly operation: number }
  | {
      readonly kind: 'fcntl';
      readonly command: number;
      readonly description: Buffer;
      /** It admits other shared locks. */
      readonly shared: boolean;
      readonly range: Range;
      /** Counted from the end of the file: the range is only where it could be. */
      readonly somewhere?: true;
    };

/** Bytes of a file from `from` up to and without `to`; without that, to the end, wherever it will be. */
export interface Range {
  readonly from: number;
  readonly to?: number;
}

/** What a call is looked at with. */
export interface View {
  readonly resource: Resource;
  readonly descriptors: Descriptors;
  readonly peers: Peers;
}

export type Reader = (notification: Notification, view: View) => Request | undefined;

// fcntl.h
const AT_SYMLINK_FOLLOW = 0x400;
const AT_REMOVEDIR = 0x200;
const RENAME_NOREPLACE = 1;
const RENAME_EXCHANGE = 2;
/** The data of `count` struct iovec { void *base; size_t len; }, one after another. */
function gathered(
  { tid }: Notification,
  address: number,
  count: number,
): { readonly bytes: number; readonly data: () => Buffer } {
  const vector = bytesAt(tid, address, count * 16);
  const pieces = Array.from({ length: vector.length / 16 }, (_, at) => ({
    address: Number(vector.readBigUInt64LE(at * 16)),
    length: Number(vector.readBigUInt64LE(at * 16 + 8)),
  }));
  return {
    bytes: pieces.reduce((sum, { length }) => sum + length, 0),
    data: () => Buffer.concat(pieces.map(({ address, length }) => bytesAt(tid, address, length))),
  };
}

type Transferred = (n: Notification) => Pick<Request, 'bytes' | 'data'>;

const plain: Transferred = (n) => ({ bytes: n.args[2]!, data: () => bytesAt(n.tid, n.args[1]!, n.args[2]!) });
const vector: Transferred = (n) => gathered(n, n.args[1]!, n.ints[2]!);

/** struct msghdr { void *name; socklen_t length; struct iovec *vector; size_t count; … } */
const message: Transferred = (n) => {
  const header = bytesAt(n.tid, n.args[1]!, 32);
  return header.length < 32 ? {} : gathered(n, Number(header.readBigUInt64LE(16)), Number(header.readBigUInt64LE(24)));
};

const positioned = (call: 'read' | 'write', transferred: Transferred): Reader =>
  byDescriptor(call, (n) => ({ ...transferred(n), offset: n.args[3]! }));

/** On a connection to the server. */
const byConnection =
  (call: Call, transferred: (n: Notification) => Extras = () => ({})): Reader =>
  (n, { resource, descriptors, peers }) => {
    const fd = n.ints[0]!;
    const socket = descriptors.socket(n.tid, fd, resource);
    const server = socket === undefined ? undefined : peers.behind(socket);
    return server === undefined ? undefined : { call, path: server, flags: [], follows: true, fd, ...transferred(n) };
  };

/** Of the next bytes of a file, or of a connection. */
function transfer(call: 'read' | 'write', transferred: Transferred): Reader {
  const onFile = byDescriptor(call, transferred);
  const onConnection = byConnection(call === 'read' ? 'receive' : 'send', transferred);
  return (n, view) => onFile(n, view) ?? onConnection(n, view);
}

const ending = byConnection('disconnect');
const disconnecting: Reader = (n, view) => (view.peers.server?.ignoresEnds ? undefined : ending(n, view));
const closing = byDescriptor('close');
const closingOther = byDescriptor('close', () => ({}), 1);
/** dup2(2): what the second descriptor was is closed, unless both are one. */
const replacing: Reader = (n, view) => (n.ints[0] === n.ints[1] ? undefined : closingOther(n, view));

const connecting: Reader = (n, view) => {
  const socket = view.descriptors.socket(n.tid, n.ints[0]!, view.resource);
  if (socket === undefined) return undefined;
  view.peers.connecting(socket, addressAt(n.tid, n.args[1]!, n.ints[2]!));
  return byConnection('connect', () => ({ noticed: view.peers.server?.ignoresBeginnings !== true }))(n, view);
};

/** linkat(2) with AT_EMPTY_PATH gives what a descriptor is open on a name; `/proc/self/fd/N` with AT_SYMLINK_FOLLOW does as well. */
const linkingPath = byTwoPaths('link', { directory: 0, path: 1 }, { directory: 2, path: 3 }, (n) => ({
  follows: (n.ints[4]! & AT_SYMLINK_FOLLOW) !== 0,
}));
const changingDirectory = byPath('access', { path: 0 }, () => ({ attribute: 'existence' }));
const linkingDescriptor: Reader = makingNames((n, view) => {
  if (stringAt(n.tid, n.args[1]!) !== '') return linkingPath(n, view);
  const source = onDescriptor(n, 0, view);
  const destination = named(n, { directory: 2, path: 3 }, false, view);
  if (source === undefined && destination === undefined) return undefined;
  return { call: 'link', path: OUTSIDE, to: destination?.path ?? OUTSIDE, flags: [], follows: false, ...source };
});

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const times = byEither('attributes', 3, (n) => timesSet(n, 2));
const timesOfDescriptor = byDescriptor('attributes', (n) => timesSet(n, 2));

const sizeOfDescriptor = byDescriptor('stat', () => ({ attribute: 'size' }));
const cloning = copying(2, 0);

const readers: Partial<Readonly<Record<TrappedCall, Reader>>> = {
  open: byPath('open', { path: 0 }, (n) => opened(n.ints[1]!)),
  openat: byPath('open', { directory: 0, path: 1 }, (n) => opened(n.ints[2]!)),
  openat2: openedHow,
  creat: byPath('open', { path: 0 }, () => opened(openFlags.CREAT | openFlags.TRUNC)),
  read: transfer('read', plain),
  pread64: positioned('read', plain),
  readv: transfer('read', vector),
  preadv: positioned('read', vector),
  preadv2: transfer('read', vector), // its offset may be -1, "where the file is"
  write: transfer('write', plain),
  pwrite64: positioned('write', plain),
  writev: transfer('write', vector),
  pwritev: positioned('write', vector),
  pwritev2: transfer('write', vector),
  // Only below the root does it depend on others where a process is.
  getcwd: ({ tid }, { resource }) => {
    const path = resource.relative(linkOf(tid, 'cwd') ?? '/');
    return path === undefined || path === '' ? undefined : { call: 'access', path, flags: [], follows: false };
  },
  bind: binding,
  connect: connecting,
  sendto: byConnection('send', plain),
  sendmsg: byConnection('send', message),
  recvfrom: byConnection('receive', plain),
  recvmsg: byConnection('receive', message),
  shutdown: disconnecting,
  sendfile: copying(1, 0),
  copy_file_range: copying(0, 2),
  splice: copying(0, 2),
  ioctl: (n, view) => (SIZE_IOCTLS.includes(n.ints[1]!) ? sizeOfDescriptor : cloning)(n, view),
  truncate: byPath('truncate', { path: 0 }),
  ftruncate: byDescriptor('truncate'),
  fallocate: byDescriptor('truncate'),
  stat: byPath('stat', { path: 0 }),
  lstat: byPath('stat', { path: 0 }, () => ofLink()),
  fstat: byDescriptor('stat'),
  newfstatat: byEither('stat', 3),
  statx: byEither('stat', 2, ({ ints }) => ({ mask: ints[3]! })),
  access: byPath('access', { path: 0 }, tested(1)),
  faccessat: byPath('access', { directory: 0, path: 1 }, tested(2)),
  faccessat2: byEither('access', 3, tested(2)),
  chdir: (n, view) => {
    const request = changingDirectory(n, view);
    return request?.path === '' ? undefined : request; // the root is always there
  },
  readlink: byPath('readlink', { path: 0 }, () => ofLink()),
  readlinkat: byPath('readlink', { directory: 0, path: 1 }, () => ofLink()),
  getdents: byDescriptor('list'),
  getdents64: byDescriptor('list'),
  lseek: sizeOfDescriptor, // only the whences that depend on the size are trapped
  rename: byTwoPaths('rename', { path: 0 }, { path: 1 }),
  renameat: byTwoPaths('rename', { directory: 0, path: 1 }, { directory: 2, path: 3 }),
  renameat2: byTwoPaths('rename', { directory: 0, path: 1 }, { directory: 2, path: 3 }, ({ ints }) => ({
    flags: [
      ...((ints[4]! & RENAME_NOREPLACE) !== 0 ? ['NOREPLACE'] : []),
      ...((ints[4]! & RENAME_EXCHANGE) !== 0 ? ['EXCHANGE'] : []),
    ],
  })),
  link: byTwoPaths('link', { path: 0 }, { path: 1 }),
  linkat: (n, view) => ((n.ints[4]! & AT_EMPTY_PATH) !== 0 ? linkingDescriptor : linkingPath)(n, view),
  symlink: makingNames(byPath('symlink', { path: 1 }, () => ofLink())),
  symlinkat: makingNames(byPath('symlink', { directory: 1, path: 2 }, () => ofLink())),
  unlink: byPath('unlink', { path: 0 }, () => ofLink()),
  unlinkat: (n, view) =>
    byPath((n.ints[2]! & AT_REMOVEDIR) !== 0 ? 'rmdir' : 'unlink', { directory: 0, path: 1 }, () => ofLink())(n, view),
  mkdir: byPath('mkdir', { path: 0 }, () => ofLink()),
  mkdirat: byPath('mkdir', { directory: 0, path: 1 }, () => ofLink()),
  mknod: byPath('open', { path: 0 }, () => opened(openFlags.CREAT | openFlags.EXCL)),
  mknodat: byPath('open', { directory: 0, path: 1 }, () => opened(openFlags.CREAT | openFlags.EXCL)),
  rmdir: byPath('rmdir', { path: 0 }, () => ofLink()),
  chmod: byPath('attributes', { path: 0 }, mode),
  fchmod: byDescriptor('attributes', mode),
  fchmodat: byPath('attributes', { directory: 0, path: 1 }, mode),
  fchmodat2: byEither('attributes', 3, mode),
  chown: byPath('attributes', { path: 0 }, mode),
  lchown: byPath('attributes', { path: 0 }, () => ofLink(mode())),
  fchown: byDescriptor('attributes', mode),
  fchownat: byEither('attributes', 4, mode),
  utime: byPath('attributes', { path: 0 }, orNow(1)),
  utimes: byPath('attributes', { path: 0 }, orNow(1)),
  futimesat: byPath('attributes', { directory: 0, path: 1 }, orNow(2)),
  // futimens(3) names no path at all
  utimensat: (n, view) => (n.args[1] === 0 ? timesOfDescriptor : times)(n, view),
  setxattr: byPath('attributes', { path: 0 }, extendedBy(1)),
  lsetxattr: byPath('attributes', { path: 0 }, (n) => ofLink(extendedBy(1)(n))),
  fsetxattr: byDescriptor('attributes', extendedBy(1)),
  setxattrat: byEither('attributes', 2, extendedBy(3)),
  removexattr: byPath('attributes', { path: 0 }, extendedBy(1)),
  lremovexattr: byPath('attributes', { path: 0 }, (n) => ofLink(extendedBy(1)(n))),
  fremovexattr: byDescriptor('attributes', extendedBy(1)),
  removexattrat: byEither('attributes', 2, extendedBy(3)),
  getxattr: byPath('stat', { path: 0 }, extended),
  lgetxattr: byPath('stat', { path: 0 }, () => ofLink(extended())),
  fgetxattr: byDescriptor('stat', extended),
  getxattrat: byEither('stat', 2, extended),
  listxattr: byPath('stat', { path: 0 }, extended),
  llistxattr: byPath('stat', { path: 0 }, () => ofLink(extended())),
  flistxattr: byDescriptor('stat', extended),
  listxattrat: byEither('stat', 2, extended),
  execve: byPath('execute', { path: 0 }),
  execveat: byEither('execute', 4),
  chroot: (n, view) => {
    view.resource.ways.chroots();
    return byPath('access', { path: 0 }, () => ({ attribute: 'existence' }))(n, view);
  },
  fsync: byDescriptor('sync'),
  fdatasync: byDescriptor('sync'),
  flock: (n, view) => {
    const operation = n.ints[1]!;
    const call = lockCall((operation & LOCK_UN) !== 0, (operation & LOCK_NB) === 0);
    const flags = call === 'unlock' ? [] : [(operation & LOCK_EX) !== 0 ? 'EX' : 'SH'];
    return byDescriptor(call, () => ({ flags, lock: { kind: 'flock', operation } }))(n, view);
  },
  fcntl: (n, view) => {
    const found = byDescriptor('lock')(n, view);
    return found === undefined ? undefined : { ...found, ...fcntlLock(n) };
  },
  dup2: replacing,
  dup3: replacing,
  close: (n, view) => closing(n, view) ?? disconnecting(n, view),
};

/** unix(7): a socket with a path is made there, like a file; one of that name must not be there yet. */
function binding({ tid, args, ints }: Notification, { resource }: View): Request | undefined {
  const name = pathIn(addressAt(tid, args[1]!, ints[2]!));
  if (name === undefined) return undefined;
  const path = resource.relative(name.startsWith('/') ? name : `${linkOf(tid, 'cwd')}/${name}`);
  return path === undefined ? undefined : { call: 'open', path, flags: ['CREAT', 'EXCL'], follows: false };
}

/** sendfile(2), copy_file_range(2), splice(2), ioctl_ficlone(2): one descriptor is read, the other written; either may lie outside. */
function copying(from: number, to: number): Reader {
  return (n, { resource, descriptors }) => {
    const source = descriptors.find(n.tid, n.ints[from]!, resource);
    const destination = descriptors.find(n.tid, n.ints[to]!, resource);
    if (source === undefined && destination === undefined) return undefined;
    return {
      call: 'copy',
      path: source?.path ?? OUTSIDE,
      to: destination?.path ?? OUTSIDE,
      flags: [],
      follows: true,
      ...(source === undefined ? {} : { file: source }),
      ...(destination === undefined ? {} : { copiesTo: destination }),
    };
  };
}

/** Undefined: it does not concern the resource. */
export const requestOf: Reader = (notification, view) => readers[notification.call]?.(notification, view);
