/**
 * What a call does that no step tells of: whether it reaches the resource in a way that the gate has no model of, or carries
 * something from one session to another. Such a call is let through, and named in what the search amounts to.
 */

import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Notification, Unmodelled } from '../gate/listener.ts';
import { ipc, type OtherCall, onFiles, type Reach, toPidfd, toPriority, toProcess } from '../gate/other-calls.ts';
import {
  bytesAt,
  groupOf,
  hasEnded,
  hasOwnNumbers,
  infoOf,
  linkOf,
  processOf,
  stringAt,
  threadsOf,
} from '../gate/process.ts';
import type { Request } from '../gate/request.ts';
import { SIZE_IOCTLS } from '../gate/size-ioctls.ts';
import { isPrivate } from '../gate/system-v.ts';
import type { Omission } from '../history/omission.ts';
import type { Commons, Member } from './commons.ts';
import { isPrivateMap, type Known, sharesWrites } from './concern.ts';
import { endsHolder, SENDS_AT } from './kills.ts';
import { meetingAt } from './meeting.ts';

/** Who makes a call. */
export interface Caller extends Known {
  readonly member: Member;
  readonly commons: Commons;
  /** Is it made by a command, and not by the session's own process? */
  readonly commanded: boolean;
}

const AT_FDCWD = -100;

const isIn = <T extends object>(group: T, call: PropertyKey): call is keyof T => call in group;

/** What is to be named because of a call that is not modelled. */
export function omissionOf(arrival: Unmodelled, caller: Caller): Omission | undefined {
  const { other, name, tid, ints } = arrival;
  if (other === undefined) return { kind: 'calls', what: name };
  if (isIn(ipc, other)) return reachesOthers(other, arrival) ? { kind: 'ipc', what: SHORT[other] ?? other } : undefined;
  if (isIn(toProcess, other)) return aimedAt(ints[toProcess[other][2]]!, arrival, caller);
  if (isIn(toPriority, other)) return atProcess(ranked(ints[0]! - toPriority[other][2], ints[1]!), arrival, caller);
  if (isIn(toPidfd, other)) return aimedAt(behindPidfd(tid, ints[toPidfd[other][2]]!), arrival, caller);
  if (isIn(onFiles, other)) {
    return isInside(onFiles[other][2], arrival, caller) ? { kind: 'calls', what: other } : undefined;
  }
  switch (other) {
    case 'alarm':
    case 'setitimer':
    case 'timer_settime':
    case 'timerfd_settime':
      return undefined; // they are named where the session waits while one runs: see `Timers`
    case 'exit':
      return endsWithLocks(tid, caller) ? { kind: 'calls', what: other } : undefined;
    case 'io_submit':
      return submitsInside(arrival, caller) ? { kind: 'calls', what: other } : undefined;
    case 'sendmmsg':
    case 'recvmmsg': {
      const socket = caller.descriptors.socket(tid, ints[0]!, caller.resource);
      const reached = socket !== undefined && caller.peers.behind(socket) !== undefined;
      return reached ? { kind: 'calls', what: other } : undefined;
    }
    default:
      return { kind: 'calls', what: other };
  }
}

/** As programs know them. */
const SHORT: Readonly<Partial<Record<OtherCall, string>>> = {
  mq_timedsend: 'mq_send',
  mq_timedreceive: 'mq_receive',
  semtimedop: 'semop',
};

/** svipc(7): what was made with IPC_PRIVATE, only those can use who come from the one who made it, unless they are told. */
function reachesOthers(call: keyof typeof ipc, { ints }: Unmodelled): boolean {
  switch (call) {
    case 'semget':
    case 'msgget':
    case 'shmget':
      return ints[0] !== IPC_PRIVATE;
    case 'semop':
    case 'semtimedop':
    case 'semctl':
      return !isPrivate('sem', ints[0]!);
    case 'msgsnd':
    case 'msgrcv':
    case 'msgctl':
      return !isPrivate('msg', ints[0]!);
    case 'shmat':
    case 'shmctl':
      return !isPrivate('shm', ints[0]!);
    case 'shmdt':
      return false; // whoever gives it back has been named for taking it
    default:
      return true;
  }
}

const IPC_PRIVATE = 0;
const PTRACE_TRACEME = 0;

const aimedAt = (pid: number | undefined, arrival: Unmodelled, caller: Caller): Omission | undefined =>
  atProcess(pid, arrival, caller) ?? (endsHolder(pid, arrival, caller) ? KILLS_HOLDER : undefined);

const KILLS_HOLDER: Omission = { kind: 'calls', what: 'kill of a process that holds a lock' };

/** kill(2), pidfd_open(2), ptrace(2) and their kin. A number counts in the namespace of who asks: one of its own reaches nobody else. */
function atProcess(pid: number | undefined, { other, tid, ints }: Unmodelled, caller: Caller): Omission | undefined {
  if (pid === undefined || hasOwnNumbers(tid)) return undefined;
  if (other === 'ptrace') return ints[0] === PTRACE_TRACEME ? undefined : { kind: 'calls', what: other };
  const { commons, member } = caller;
  const looks = LOOKS.has(other!) || (SENDS_AT[other!] !== undefined && ints[SENDS_AT[other!]!] === 0);
  const what = other === 'kill' && looks ? 'kill -0' : other!;
  if (pid <= 0 && (pid !== 0 || SENDS_AT[other!] !== undefined)) {
    const group = pid === 0 ? groupOf(tid) : -pid;
    const meets = pid === -1 || commons.others(member).some((each) => groupOf(each.pid) === group);
    return meets || commons.owner(-pid) !== member ? { kind: 'signals', what } : undefined;
  }
  if (pid === 0) return undefined; // the caller itself
  const owner = commons.owner(pid);
  if (owner === member || (looks && (owner === undefined || owner.pid === pid))) return undefined;
  if (owner === undefined && hasEnded(pid)) return undefined; // nor was it ever one of theirs
  return { kind: REACHES_INTO.has(other!) ? 'calls' : 'signals', what };
}

/** getpriority(2), ioprio_get(2): of one process, of a group, or of all of a user; as kill(2) would say it. */
const ranked = (which: number, who: number): number => (which === 0 ? who : which === 1 ? -who : -1);

/**
 * They do nothing to the other process but find out whether it is there, or how it is scheduled. Those that it outlives find it
 * always.
 */
const LOOKS: ReadonlySet<OtherCall> = new Set<OtherCall>([
  ...(['pidfd_open', 'getpgid', 'getsid'] as const),
  ...(['sched_setparam', 'sched_getparam', 'sched_setscheduler', 'sched_getscheduler'] as const),
  ...(['sched_rr_get_interval', 'sched_setaffinity', 'sched_getaffinity', 'sched_setattr', 'sched_getattr'] as const),
  ...(['getpriority', 'setpriority', 'ioprio_get', 'ioprio_set', 'prlimit64'] as const),
]);

/** They are after what is in the other process: its memory, its descriptors. */
const REACHES_INTO: ReadonlySet<OtherCall> = new Set(['process_vm_readv', 'process_vm_writev', 'pidfd_getfd']);

/** proc_pid_fdinfo(5); undefined where that process has been waited for. */
function behindPidfd(tid: number, fd: number): number | undefined {
  const pid = Number(/^Pid:\t(-?\d+)$/m.exec(infoOf(tid, fd) ?? '')?.[1] ?? -1);
  return pid > 0 ? pid : undefined;
}

/** The last thread of a process gives its locks back. */
const endsWithLocks = (tid: number, { holdings }: Caller): boolean =>
  holdings.locksAnything && threadsOf(processOf(tid)).length <= 1;

function isInside({ directory, path, descriptor }: Reach, { tid, args, ints }: Unmodelled, caller: Caller): boolean {
  const { resource, descriptors } = caller;
  const reached = (fd: number): boolean => descriptors.find(tid, fd, resource) !== undefined;
  if (descriptor !== undefined) return reached(ints[descriptor]!);
  const at = directory === undefined ? AT_FDCWD : ints[directory]!;
  const text = args[path!] === 0 ? '' : stringAt(tid, args[path!]!);
  if (text === '') return at !== AT_FDCWD && reached(at);
  return leadsInto(text, at, tid, caller);
}

/** Where links lead counts as well as what is written. */
function leadsInto(path: string, directory: number, tid: number, { resource }: Caller): boolean {
  const base = path.startsWith('/') ? '' : linkOf(tid, directory === AT_FDCWD ? 'cwd' : `fd/${directory}`);
  if (base === undefined) return false;
  const absolute = base === '' ? path : `${base}/${path}`;
  if (resource.relative(absolute) !== undefined) return true;
  try {
    return existsSync(absolute) && resource.relative(realpathSync(absolute)) !== undefined;
  } catch {
    return false; // gone meanwhile
  }
}

/** struct iocb of linux/aio_abi.h has the descriptor 20 bytes from its beginning. */
function submitsInside({ tid, args }: Unmodelled, { descriptors, resource }: Caller): boolean {
  const pointers = bytesAt(tid, args[2]!, Math.min(args[1]!, IOCBS_MAX) * 8);
  return Array.from({ length: pointers.length / 8 }, (_, at) => Number(pointers.readBigUInt64LE(at * 8))).some(
    (address) => descriptors.find(tid, bytesAt(tid, address, 24).readInt32LE(20), resource) !== undefined,
  );
}

const IOCBS_MAX = 1024;

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
    const [, interpreter] = /^#![ \t]*([^\s\0]+)/.exec(beginningOf(join(caller.resource.root, path))) ?? [];
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
