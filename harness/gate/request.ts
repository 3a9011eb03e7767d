/** What a trapped call asks for: the part of its meaning that does not depend on the state it will meet. */

import type { Call } from '../history/step.ts';
import type { TrappedCall } from './calls.ts';
import type { Descriptors, OpenFile } from './descriptors.ts';
import type { Notification } from './listener.ts';
import { addressAt, type Peers, pathIn } from './peers.ts';
import { bytesAt, linkOf, stringAt } from './process.ts';
import type { Resource } from './resource.ts';

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
  /** Where pread and pwrite begin. */
  readonly offset?: number;
  /** How many bytes are asked for. */
  readonly bytes?: number;
  /** Where the data of a write are, in the memory of the thread. */
  readonly data?: () => Buffer;
  /** The operation of flock(2), or the command and type of a lock by fcntl(2). */
  readonly lock?: LockRequest;
}

export type LockRequest =
  | { readonly kind: 'flock'; readonly operation: number }
  | {
      readonly kind: 'fcntl';
      readonly command: number;
      readonly description: Buffer;
      /** It admits other shared locks. */
      readonly shared: boolean;
      readonly range: Range;
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

type Reader = (notification: Notification, view: View) => Request | undefined;

// fcntl.h; the numbers that differ between architectures (O_DIRECTORY) are not needed.
const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_SYMLINK_FOLLOW = 0x400;
const AT_REMOVEDIR = 0x200;
const RENAME_NOREPLACE = 1;
const openFlags = { CREAT: 0o100, EXCL: 0o200, TRUNC: 0o1000, APPEND: 0o2000 } as const;
const O_NOFOLLOW = process.arch === 'arm64' ? 0o100000 : 0o400000;

function pathAt({ tid }: Notification, address: number, directory: number, view: View): string | undefined {
  const path = stringAt(tid, address);
  if (path.startsWith('/')) return view.resource.relative(path);
  if (path === '') return undefined;
  const base = linkOf(tid, directory === AT_FDCWD ? 'cwd' : `fd/${directory}`);
  return base === undefined ? undefined : view.resource.relative(`${base}/${path}`);
}

type Extras = Omit<Partial<Request>, 'call' | 'path'>;

/** A call that names a path, alone (`stat`) or below a descriptor (`newfstatat`). */
const byPath =
  (
    call: Call,
    at: { readonly directory?: number; readonly path: number },
    extras: (n: Notification) => Extras = () => ({}),
  ): Reader =>
  (n, view) => {
    const directory = at.directory === undefined ? AT_FDCWD : n.ints[at.directory]!;
    const path = pathAt(n, n.args[at.path]!, directory, view);
    return path === undefined ? undefined : { call, path, flags: [], follows: true, ...extras(n) };
  };

/** A call that names two paths. Only where both lie in the resource, or one of them does, is it a step. */
const byTwoPaths =
  (
    call: Call,
    from: { readonly directory?: number; readonly path: number },
    to: typeof from,
    extras: (n: Notification) => Extras = () => ({}),
  ): Reader =>
  (n, view) => {
    const at = (place: typeof from): string | undefined =>
      pathAt(n, n.args[place.path]!, place.directory === undefined ? AT_FDCWD : n.ints[place.directory]!, view);
    const source = at(from);
    const destination = at(to);
    if (source === undefined && destination === undefined) return undefined;
    return { call, path: source ?? OUTSIDE, to: destination ?? OUTSIDE, flags: [], follows: false, ...extras(n) };
  };

/** The path of what lies outside of the resource. */
export const OUTSIDE = '/';

const byDescriptor =
  (call: Call, extras: (n: Notification) => Extras = () => ({}), descriptor = 0): Reader =>
  (n, { resource, descriptors }) => {
    const fd = n.ints[descriptor]!;
    const file = descriptors.find(n.tid, fd, resource);
    return file === undefined ? undefined : { call, path: file.path, flags: [], follows: true, file, fd, ...extras(n) };
  };

/** A call that names a path, or with AT_EMPTY_PATH nothing but the descriptor. */
const byEither = (call: Call, flagsAt: number): Reader => {
  const path = byPath(call, { directory: 0, path: 1 }, (n) => ({
    follows: (n.ints[flagsAt]! & AT_SYMLINK_NOFOLLOW) === 0,
  }));
  const descriptor = byDescriptor(call);
  return (n, view) =>
    (n.ints[flagsAt]! & AT_EMPTY_PATH) !== 0 && stringAt(n.tid, n.args[1]!) === ''
      ? descriptor(n, view)
      : path(n, view);
};

const opened = (flags: number): Extras => ({
  flags: Object.entries(openFlags).flatMap(([name, bit]) => ((flags & bit) !== 0 ? [name] : [])),
  follows: (flags & (openFlags.EXCL | O_NOFOLLOW)) === 0,
});

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

const connecting: Reader = (n, view) => {
  const socket = view.descriptors.socket(n.tid, n.ints[0]!, view.resource);
  if (socket === undefined) return undefined;
  view.peers.connecting(socket, addressAt(n.tid, n.args[1]!, n.ints[2]!));
  return byConnection('connect', () => ({ noticed: view.peers.server?.ignoresBeginnings !== true }))(n, view);
};

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const lockCall = (unlocks: boolean, waits: boolean): Call => (unlocks ? 'unlock' : waits ? 'lock' : 'trylock');

/**
 * F_SETLKW and F_OFD_SETLKW wait. struct flock { short type, whence; off_t start, length; … }: type 0 is shared, 1 exclusive, 2
 * unlocks; a length of 0 reaches to the end. Where it counts from somewhere else than the beginning, it could be anywhere.
 */
function fcntlLock(n: Notification): Extras & { readonly call: Call } {
  const command = n.ints[1]!;
  const description = bytesAt(n.tid, n.args[2]!, 32);
  const [type, whence] = [description.readInt16LE(0), description.readInt16LE(2)];
  const [start, length] = [Number(description.readBigInt64LE(8)), Number(description.readBigInt64LE(16))];
  const range =
    whence !== 0 || length < 0 ? { from: 0 } : length === 0 ? { from: start } : { from: start, to: start + length };
  const call = lockCall(type === 2, command === 7 || command === 38);
  return { call, lock: { kind: 'fcntl', command, description, shared: type === 0, range } };
}

const times = byEither('attributes', 3);

const readers: Partial<Readonly<Record<TrappedCall, Reader>>> = {
  open: byPath('open', { path: 0 }, (n) => opened(n.ints[1]!)),
  openat: byPath('open', { directory: 0, path: 1 }, (n) => opened(n.ints[2]!)),
  // struct open_how { __u64 flags; … }
  openat2: byPath('open', { directory: 0, path: 1 }, (n) => opened(bytesAt(n.tid, n.args[2]!, 8).readInt32LE(0))),
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
  ioctl: copying(2, 0),
  truncate: byPath('truncate', { path: 0 }),
  ftruncate: byDescriptor('truncate'),
  fallocate: byDescriptor('truncate'),
  stat: byPath('stat', { path: 0 }),
  lstat: byPath('stat', { path: 0 }, () => ({ follows: false })),
  fstat: byDescriptor('stat'),
  newfstatat: byEither('stat', 3),
  statx: byEither('stat', 2),
  access: byPath('access', { path: 0 }),
  faccessat: byPath('access', { directory: 0, path: 1 }),
  faccessat2: byEither('access', 3),
  readlink: byPath('readlink', { path: 0 }, () => ({ follows: false })),
  readlinkat: byPath('readlink', { directory: 0, path: 1 }, () => ({ follows: false })),
  getdents: byDescriptor('list'),
  getdents64: byDescriptor('list'),
  lseek: byDescriptor('stat'), // only the whences that depend on the size are trapped
  rename: byTwoPaths('rename', { path: 0 }, { path: 1 }),
  renameat: byTwoPaths('rename', { directory: 0, path: 1 }, { directory: 2, path: 3 }),
  renameat2: byTwoPaths('rename', { directory: 0, path: 1 }, { directory: 2, path: 3 }, (n) => ({
    flags: (n.ints[4]! & RENAME_NOREPLACE) !== 0 ? ['NOREPLACE'] : [],
  })),
  link: byTwoPaths('link', { path: 0 }, { path: 1 }),
  linkat: byTwoPaths('link', { directory: 0, path: 1 }, { directory: 2, path: 3 }, (n) => ({
    follows: (n.ints[4]! & AT_SYMLINK_FOLLOW) !== 0,
  })),
  symlink: byPath('symlink', { path: 1 }, () => ({ follows: false })),
  symlinkat: byPath('symlink', { directory: 1, path: 2 }, () => ({ follows: false })),
  unlink: byPath('unlink', { path: 0 }, () => ({ follows: false })),
  unlinkat: (n, view) =>
    byPath((n.ints[2]! & AT_REMOVEDIR) !== 0 ? 'rmdir' : 'unlink', { directory: 0, path: 1 }, () => ({
      follows: false,
    }))(n, view),
  mkdir: byPath('mkdir', { path: 0 }, () => ({ follows: false })),
  mkdirat: byPath('mkdir', { directory: 0, path: 1 }, () => ({ follows: false })),
  mknod: byPath('open', { path: 0 }, () => opened(openFlags.CREAT | openFlags.EXCL)),
  mknodat: byPath('open', { directory: 0, path: 1 }, () => opened(openFlags.CREAT | openFlags.EXCL)),
  rmdir: byPath('rmdir', { path: 0 }, () => ({ follows: false })),
  chmod: byPath('attributes', { path: 0 }),
  fchmod: byDescriptor('attributes'),
  fchmodat: byPath('attributes', { directory: 0, path: 1 }),
  fchmodat2: byEither('attributes', 3),
  chown: byPath('attributes', { path: 0 }),
  lchown: byPath('attributes', { path: 0 }, () => ({ follows: false })),
  fchown: byDescriptor('attributes'),
  fchownat: byEither('attributes', 4),
  utime: byPath('attributes', { path: 0 }),
  utimes: byPath('attributes', { path: 0 }),
  futimesat: byPath('attributes', { directory: 0, path: 1 }),
  // futimens(3) names no path at all
  utimensat: (n, view) => (n.args[1] === 0 ? byDescriptor('attributes')(n, view) : times(n, view)),
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
