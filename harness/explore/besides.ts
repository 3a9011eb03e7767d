/** What a call does besides the step that the gate makes of it, and what of it no step tells. It is named as well. */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Notification } from '../gate/listener.ts';
import { bytesAt, hasOwnNumbers, linkOf, stringAt } from '../gate/process.ts';
import type { Request } from '../gate/request.ts';
import { SIZE_IOCTLS } from '../gate/size-ioctls.ts';
import type { Omission } from '../history/omission.ts';
import { isPrivateMap, sharesWrites } from './concern.ts';
import { meetingAt } from './meeting.ts';
import { AT_FDCWD, type Caller, leadsInto } from './unmodelled.ts';

const F_SETLEASE = 1024;
const F_NOTIFY = 1026;
/** linux/fs.h. What `lsattr` asks for, FS_IOC_GETFLAGS; and those that are modelled, FICLONE among them. */
const KNOWN_IOCTLS: readonly number[] = [0x80086601 | 0, 0x40049409, ...SIZE_IOCTLS];
const S_IFMT = 0o170000;
const S_IFIFO = 0o010000;

/** What is to be named because of a call that is modelled, besides the step that it may be. */
export function besides(
  notification: Notification,
  request: Request | undefined,
  caller: Caller,
): Omission | undefined {
  const { call, tid, ints } = notification;
  const inside = (fd: number): boolean => caller.descriptors.find(tid, fd, caller.resource) !== undefined;
  switch (call) {
    case 'fcntl': {
      const what = ints[1] === F_SETLEASE ? 'F_SETLEASE' : ints[1] === F_NOTIFY ? 'F_NOTIFY' : undefined;
      return what !== undefined && inside(ints[0]!) ? { kind: 'calls', what: `fcntl ${what}` } : undefined;
    }
    case 'ioctl': {
      const known = KNOWN_IOCTLS.includes(ints[1]!);
      const what = `ioctl 0x${(ints[1]! >>> 0).toString(16)}`;
      return !known && inside(ints[0]!) ? { kind: 'calls', what } : undefined;
    }
    case 'splice':
    case 'sendfile': {
      const [from, to] = call === 'splice' ? [0, 2] : [1, 0];
      const keeps = inside(ints[from]!) && linkOf(tid, `fd/${ints[to]!}`)?.startsWith('pipe:');
      return keeps ? { kind: 'calls', what: `${call} into a pipe` } : undefined; // who reads it later sees what was written meanwhile
    }
    case 'setxattr':
    case 'lsetxattr':
    case 'fsetxattr':
    case 'setxattrat':
      return request !== undefined && caller.commanded && !setsMode(notification) ? ATTRIBUTES : undefined;
    case 'mmap':
      return mapping(notification, request, caller);
    case 'socket':
      return ASKED_BY_NETLINK.get(ints[2]!);
    case 'bind':
    case 'connect':
    case 'sendto':
    case 'sendmsg': {
      const address = meetingAt(notification, caller);
      return address !== undefined && caller.commons.meets(address, caller.member)
        ? { kind: 'sockets', what: address }
        : undefined;
    }
    case 'mknod':
    case 'mknodat': {
      const mode = ints[call === 'mknod' ? 1 : 2]!;
      return request !== undefined && (mode & S_IFMT) === S_IFIFO ? { kind: 'ipc', what: 'mkfifo' } : undefined;
    }
    case 'execve':
    case 'execveat':
      return request !== undefined && interpretedInside(request.path, tid, caller)
        ? { kind: 'calls', what: `the interpreter of ${request.path}` }
        : undefined;
    default:
      return request === undefined ? besidesOutside(notification, caller) : besidesInside(request, caller);
  }
}

/** xattr(7). Two executions that differ in nothing else are the same to whoever compares what is left. */
const ATTRIBUTES: Omission = { kind: 'calls', what: 'setxattr: attributes are not compared' };

/** acl(5): with no more entries than owner, group and others, it says what the mode does, and cp(1) sets that so. */
function setsMode({ call, tid, args }: Notification): boolean {
  const [name, size] =
    call === 'setxattrat' ? [args[3]!, bytesAt(tid, args[4]!, 12).readUInt32LE(8)] : [args[1]!, args[3]!];
  return stringAt(tid, name) === 'system.posix_acl_access' && size <= ACL_OF_MODE_BYTES;
}

/** linux/posix_acl_xattr.h: a header, and three entries. */
const ACL_OF_MODE_BYTES = 4 + 3 * 8;

/** What is written to a shared map, or read from one that another session writes to, is no call. */
function mapping(notification: Notification, request: Request | undefined, caller: Caller): Omission | undefined {
  const writes = sharesWrites(notification);
  if (request !== undefined) return writes ? { kind: 'maps', what: request.path } : undefined;
  if (isPrivateMap(notification)) return undefined;
  const place = `fd/${notification.ints[4]!}` as const;
  const path = linkOf(notification.tid, place);
  // What has no name any more, and memfd_create(2), only who comes from the same process has too, unless it is passed on.
  if (!path?.startsWith('/') || path.endsWith(' (deleted)') || OF_ONE_PROCESS.test(path)) return undefined;
  // sem_open(3) maps a file under a name of the moment, and only then gives it its own.
  const semaphore = path.startsWith('/dev/shm/sem.');
  const found = semaphore ? statSync(`/proc/${notification.tid}/${place}`, { throwIfNoEntry: false }) : undefined;
  const address = found === undefined ? path : `${found.dev}:${found.ino}`;
  if (!caller.commons.meets(`map ${address}`, caller.member, writes)) return undefined;
  return semaphore ? { kind: 'ipc', what: 'sem_open' } : { kind: 'maps', what: path };
}

/** What the virtual machines of Java have mapped each for itself, under a number that may come again; and what is no file. */
const OF_ONE_PROCESS = /^\/dev\/zero$|\/hsperfdata_[^/]*\/\d+$/;

/** fifo(7): who opens one waits for the other end, and what is read from it is gone. */
function besidesInside({ call, path, mask }: Request, { resource }: Caller): Omission | undefined {
  if (call === 'open' && resource.stat(path)?.isFIFO()) return { kind: 'ipc', what: `FIFO ${path}` };
  // Whoever wants to know everything is told it as well, and means another time.
  const asks = call === 'stat' && mask !== undefined && (mask & STATX_ATIME) !== 0;
  const means = asks && (mask & STATX_BASIC_STATS) !== STATX_BASIC_STATS;
  return means ? { kind: 'calls', what: 'stat, for the time of the last access' } : undefined;
}

/** execve(2), "Interpreter scripts": the kernel looks the interpreter up by itself, so that no call tells of that. */
function interpretedInside(path: string, tid: number, caller: Caller): boolean {
  try {
    const program = join(caller.resource.root, path);
    if (!statSync(program).isFile()) return false; // to open a FIFO is to wait for who writes to it
    const [, interpreter] = /^#![ \t]*([^\s\0]+)/.exec(beginningOf(program)) ?? [];
    return interpreter !== undefined && leadsInto(interpreter, AT_FDCWD, tid, caller);
  } catch {
    return false; // it is not there, or is no file
  }
}

function beginningOf(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(BINPRM_BUF_SIZE);
    return bytes.toString('latin1', 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

/** linux/binfmts.h */
const BINPRM_BUF_SIZE = 256;

/** linux/stat.h */
const [STATX_ATIME, STATX_BASIC_STATS] = [0x20, 0x7ff];

/** `[ -d /proc/4711 ]` asks, like `kill -0`, whether another process is still there; other files there tell what it holds. */
function besidesOutside(notification: Notification, { commons, member, commanded }: Caller): Omission | undefined {
  if (!commanded) return undefined;
  const { call, tid, ints } = notification;
  if (call === 'getdents' || call === 'getdents64') {
    return linkOf(tid, `fd/${ints[0]!}`) === '/proc' ? { kind: 'signals', what: '/proc' } : undefined;
  }
  const path = pathOf(notification);
  if (!path?.startsWith('/proc/')) return undefined;
  const told = TOLD_BY_PROC.find(({ of }) => of.test(path));
  if (told !== undefined) return { kind: told.kind, what: path.replace(/^\/proc\/[^/]+\/net\//, '/proc/net/') };
  const [, pid] = /^\/proc\/(\d+)(?:\/|$)/.exec(path) ?? [];
  if (pid === undefined || hasOwnNumbers(tid)) return undefined;
  const owner = commons.owner(Number(pid));
  return owner === undefined || owner === member ? undefined : { kind: 'signals', what: '/proc/PID' };
}

/** netlink(7), linux/netlink.h: protocols of which the kernel tells about others: ss(8) asks for their sockets. */
const ASKED_BY_NETLINK: ReadonlyMap<number, Omission> = new Map([
  [4, { kind: 'sockets', what: 'sock_diag' }],
  [11, { kind: 'signals', what: 'the process connector' }],
]);

/** What the kernel tells of all processes there: proc_locks(5), proc_pid_net(5), proc_sysvipc(5). */
const TOLD_BY_PROC: readonly { readonly of: RegExp; readonly kind: Omission['kind'] }[] = [
  { of: /^\/proc\/locks$/, kind: 'calls' },
  { of: /^\/proc\/([^/]+\/)?net\/(tcp6?|udp6?|udplite6?|raw6?|unix)$/, kind: 'sockets' },
  { of: /^\/proc\/sysvipc\/\w+$/, kind: 'ipc' },
];

/** Absolute; undefined where the call names none. */
function pathOf({ call, tid, args, ints }: Notification): string | undefined {
  const at = PATHS[call];
  if (at === undefined) return undefined;
  const said = stringAt(tid, args[at]!);
  if (said === '' || said.startsWith('/')) return said;
  const base = linkOf(tid, at === 0 || ints[0] === AT_FDCWD ? 'cwd' : `fd/${ints[0]!}`);
  return base === undefined ? undefined : join(base, said);
}

/** Which argument is the path that they look at. */
const PATHS: Readonly<Partial<Record<Notification['call'], number>>> = {
  open: 0,
  openat: 1,
  openat2: 1,
  stat: 0,
  lstat: 0,
  newfstatat: 1,
  statx: 1,
  access: 0,
  faccessat: 1,
  faccessat2: 1,
  readlink: 0,
  readlinkat: 1,
  chdir: 0,
};
