/**
 * What a call does that no step tells of: whether it reaches the resource in a way that the gate has no model of, or carries
 * something from one session to another. Such a call is let through, and named in what the search amounts to.
 */

import { existsSync, realpathSync } from 'node:fs';
import type { Unmodelled } from '../gate/listener.ts';
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
import { isPrivate } from '../gate/system-v.ts';
import type { Omission } from '../history/omission.ts';
import type { Commons, Member } from './commons.ts';
import type { Known } from './concern.ts';
import { endsHolder, SENDS_AT } from './kills.ts';

/** Who makes a call. */
export interface Caller extends Known {
  readonly member: Member;
  readonly commons: Commons;
  /** Is it made by a command, and not by the session's own process? */
  readonly commanded: boolean;
}

export const AT_FDCWD = -100;

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
export function leadsInto(path: string, directory: number, tid: number, { resource }: Caller): boolean {
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
