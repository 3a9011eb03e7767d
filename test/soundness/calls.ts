/** The system calls of the programs, each exactly one, through koffi: what Node's `fs` makes of one function is often several. */

import koffi from 'koffi';
import type { Flag, LockType, Seen } from './program.ts';

const libc = koffi.load(null);
const declared = (text: string) => libc.func(text) as (...args: readonly unknown[]) => number;

const c = {
  open: declared('int open(const char *path, int flags, int mode)'),
  close: declared('int close(int fd)'),
  dup: declared('int dup(int fd)'),
  read: declared('long read(int fd, void *data, unsigned long bytes)'),
  pread: declared('long pread(int fd, void *data, unsigned long bytes, long at)'),
  write: declared('long write(int fd, void *data, unsigned long bytes)'),
  pwrite: declared('long pwrite(int fd, void *data, unsigned long bytes, long at)'),
  lseek: declared('long lseek(int fd, long to, int whence)'),
  truncate: declared('int truncate(const char *path, long size)'),
  ftruncate: declared('int ftruncate(int fd, long size)'),
  statx: declared('int statx(int directory, const char *path, int flags, unsigned int mask, void *found)'),
  access: declared('int access(const char *path, int mode)'),
  chmod: declared('int chmod(const char *path, unsigned int mode)'),
  fchmod: declared('int fchmod(int fd, unsigned int mode)'),
  utimensat: declared('int utimensat(int directory, const char *path, void *times, int flags)'),
  link: declared('int link(const char *from, const char *path)'),
  symlink: declared('int symlink(const char *target, const char *path)'),
  readlink: declared('long readlink(const char *path, void *target, unsigned long bytes)'),
  unlink: declared('int unlink(const char *path)'),
  mkdir: declared('int mkdir(const char *path, unsigned int mode)'),
  rmdir: declared('int rmdir(const char *path)'),
  renameat2: declared('int renameat2(int a, const char *from, int b, const char *path, unsigned int flags)'),
  rename: declared('int rename(const char *from, const char *path)'),
  lsetxattr: declared('int lsetxattr(const char *path, const char *name, void *value, unsigned long bytes, int flags)'),
  lgetxattr: declared('long lgetxattr(const char *path, const char *name, void *value, unsigned long bytes)'),
  lremovexattr: declared('int lremovexattr(const char *path, const char *name)'),
  syscall: declared('long syscall(long number, long fd, void *entries, long bytes)'),
  flock: declared('int flock(int fd, int operation)'),
  fcntl: declared('int fcntl(int fd, int command, void *lock)'),
  usleep: declared('int usleep(unsigned int us)'),
};

const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
for (const name of ['EAGAIN', 'EDEADLK']) names.set(koffi.os.errno[name]!, name); // some have two names

/** What a call answered: a number, or the name of an errno. */
export type Answer = number | string;

const answered = (result: number): Answer => (result < 0 ? (names.get(koffi.errno()) ?? 'unknown') : result);

export const failed = (answer: Answer): answer is string => typeof answer === 'string';

// fcntl.h, sys/file.h, linux/stat.h
const flagBits: Readonly<Record<Flag, number>> = {
  READ: 0,
  WRITE: 1,
  BOTH: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  DIRECTORY: process.arch === 'arm64' ? 0o40000 : 0o200000,
};
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const RENAME_NOREPLACE = 1;
const XATTR = 'user.x';
const GETDENTS64 = process.arch === 'arm64' ? 61 : 217;

const data = Buffer.alloc(4096);
const statBuffer = Buffer.alloc(256);
const times = Buffer.alloc(32);

export const open = (path: string, flags: readonly Flag[]): Answer =>
  answered(c.open(path, flags.reduce((bits, flag) => bits | flagBits[flag], 0), 0o644)); // biome-ignore format: one line
export const close = (fd: number): Answer => answered(c.close(fd));
export const dup = (fd: number): Answer => answered(c.dup(fd));

/** The text that was read, or an errno. */
export function read(fd: number, bytes: number, at?: number): { readonly text: string } | string {
  const got = answered(at === undefined ? c.read(fd, data, bytes) : c.pread(fd, data, bytes, at));
  return failed(got) ? got : { text: data.toString('latin1', 0, got) };
}

export function write(fd: number, text: string, at?: number): Answer {
  const bytes = data.write(text, 'latin1');
  return answered(at === undefined ? c.write(fd, data, bytes) : c.pwrite(fd, data, bytes, at));
}

export const seek = (fd: number, to: number, from: 'start' | 'here' | 'end'): Answer =>
  answered(c.lseek(fd, to, ['start', 'here', 'end'].indexOf(from)));
export const truncate = (path: string, size: number): Answer => answered(c.truncate(path, size));
export const ftruncate = (fd: number, size: number): Answer => answered(c.ftruncate(fd, size));
export const access = (path: string, mode: 'exists' | 'executable'): Answer =>
  answered(c.access(path, mode === 'exists' ? 0 : 1));
export const chmod = (path: string, mode: number): Answer => answered(c.chmod(path, mode));
export const fchmod = (fd: number, mode: number): Answer => answered(c.fchmod(fd, mode));

/** Only the time of the last change is set to something that can be told. */
export function utimes(path: string, seconds: number): Answer {
  for (const at of [0, 16]) times.writeBigInt64LE(BigInt(seconds), at);
  return answered(c.utimensat(AT_FDCWD, path, times, 0));
}

export const link = (from: string, path: string): Answer => answered(c.link(from, path));
export const symlink = (target: string, path: string): Answer => answered(c.symlink(target, path));
export const unlink = (path: string): Answer => answered(c.unlink(path));
export const mkdir = (path: string): Answer => answered(c.mkdir(path, 0o755));
export const rmdir = (path: string): Answer => answered(c.rmdir(path));
export const rename = (from: string, path: string, replaces: boolean): Answer =>
  answered(replaces ? c.rename(from, path) : c.renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_NOREPLACE));
export const setxattr = (path: string, value: string): Answer =>
  answered(c.lsetxattr(path, XATTR, Buffer.from(value), value.length, 0));
export const removexattr = (path: string): Answer => answered(c.lremovexattr(path, XATTR));
export const sleep = (us: number): Answer => answered(c.usleep(us));

const textOf = (got: Answer): string => (failed(got) ? got : JSON.stringify(data.toString('latin1', 0, got)));

export const readlink = (path: string): string => textOf(answered(c.readlink(path, data, data.length)));
export const getxattr = (path: string): string => textOf(answered(c.lgetxattr(path, XATTR, data, data.length)));

/** Times that nobody has set are all alike. */
const SET_BEFORE_S = 1_000_000;
const types: ReadonlyMap<number, string> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
]);

/** What a program can see of a file: never the number of its inode, nor a time that nobody has set. */
export type Stat = Readonly<Record<Seen, string>>;

export const stat = (path: string, follows: boolean): Stat | string =>
  statOf(answered(c.statx(AT_FDCWD, path, follows ? 0 : AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, statBuffer)));
export const fstat = (fd: number): Stat | string =>
  statOf(answered(c.statx(fd, '', AT_EMPTY_PATH, STATX_BASIC_STATS, statBuffer)));

function statOf(answer: Answer): Stat | string {
  if (failed(answer)) return answer;
  const mode = statBuffer.readUInt16LE(28);
  const type = types.get(mode & 0o170000) ?? 'other';
  const seconds = Number(statBuffer.readBigInt64LE(112));
  return {
    type,
    mode: (mode & 0o7777).toString(8),
    links: `${statBuffer.readUInt32LE(16)}`,
    // What a directory takes is the file system's own affair.
    size: type === 'directory' ? '' : `${statBuffer.readBigUInt64LE(40)}`,
    time: seconds < SET_BEFORE_S ? `${seconds}` : 'now',
  };
}

/** struct linux_dirent64 { u64 ino; s64 off; u16 length; u8 type; char name[]; } */
export function list(fd: number): readonly string[] | string {
  const got = answered(c.syscall(GETDENTS64, fd, data, data.length));
  if (failed(got)) return got;
  const found: string[] = [];
  for (let at = 0; at < got; at += data.readUInt16LE(at + 16)) {
    found.push(data.toString('utf8', at + 19, data.indexOf(0, at + 19)));
  }
  return found.filter((name) => name !== '.' && name !== '..');
}

const LOCK_NB = 4;
const flockOf: Readonly<Record<LockType, number>> = { shared: 1, exclusive: 2, none: 8 };

export const flock = (fd: number, type: LockType, waits: boolean): Answer =>
  answered(c.flock(fd, flockOf[type] | (waits ? 0 : LOCK_NB)));

const lockTypes: readonly LockType[] = ['shared', 'exclusive', 'none'];

/** struct flock { short type, whence; off_t start, length; pid_t pid; } */
function description(type: LockType, from: number, to: number): Buffer {
  const lock = Buffer.alloc(32);
  lock.writeInt16LE(lockTypes.indexOf(type), 0);
  lock.writeBigInt64LE(BigInt(from), 8);
  lock.writeBigInt64LE(BigInt(to - from), 16);
  return lock;
}

/** F_SETLK, F_SETLKW and F_OFD_SETLK, F_OFD_SETLKW. */
export const fcntl = (fd: number, ofd: boolean, type: LockType, from: number, to: number, waits: boolean): Answer =>
  answered(c.fcntl(fd, (ofd ? 37 : 6) + (waits ? 1 : 0), description(type, from, to)));

/** The process whose lock a lock of this process would wait for; undefined: it would not. F_GETLK */
export function inTheWay(fd: number, type: LockType, from: number, to: number): number | undefined {
  const lock = description(type, from, to);
  if (c.fcntl(fd, 5, lock) !== 0) return undefined;
  return lock.readInt16LE(0) === 2 ? undefined : lock.readInt32LE(24);
}
