/** Which calls of a session concern others: those that reach the resource or the server. All else is let through. */

import type { Descriptors, OpenFile } from '../gate/descriptors.ts';
import type { Holdings } from '../gate/holdings.ts';
import type { Notification } from '../gate/listener.ts';
import { lostByExec } from '../gate/lost-locks.ts';
import type { Peers } from '../gate/peers.ts';
import { descriptorsOf, familyOf, infoOf, processOf, sharedMapsOf, socketsOf } from '../gate/process.ts';
import { type Request, requestOf } from '../gate/request.ts';
import type { Resource } from '../gate/resource.ts';
import { letCallsRestart } from '../gate/signals.ts';
import { SIZE_IOCTLS } from '../gate/size-ioctls.ts';
import { sleepOf } from '../gate/sleeps.ts';
import { ifReadable } from './outside.ts';

/** What is known of a session. */
export interface Known {
  /** Of its own process. */
  readonly pid: number;
  /** Numbers of the processes and threads of its operation in hand, ended ones included. */
  readonly processes: Iterable<number>;
  readonly resource: Resource;
  readonly descriptors: Descriptors;
  readonly holdings: Holdings;
  readonly peers: Peers;
}

/**
 * What a call asks for; undefined where that is nobody else's concern. So it is, too, where the kernel would not find its
 * arguments either, or nobody is left to make it.
 */
export function concernOf(notification: Notification, known: Known): Request | undefined {
  return ifReadable(() => requestIn(notification, known));
}

function requestIn(notification: Notification, known: Known): Request | undefined {
  const { resource, descriptors, holdings, peers } = known;
  if (sleepOf(notification) !== undefined) return { call: 'sleep', path: '', flags: [], follows: false };
  switch (notification.call) {
    case 'exit_group': {
      const server = hangsUpOn(notification.tid, known);
      if (server === undefined && !holdings.locksAnything) return undefined;
      const noticed = server === undefined ? {} : { noticed: true };
      return { call: 'exit', path: server ?? '', flags: [], follows: false, ...noticed };
    }
    case 'close': {
      if (!holdings.locksAnything && peers.server === undefined) return undefined;
      const request = requestOf(notification, { resource, descriptors, peers });
      return request?.call === 'disconnect' || holdings.locks(request?.file?.ino) ? request : undefined;
    }
    case 'dup2':
    case 'dup3': {
      if (!holdings.locksAnything) return undefined;
      const request = requestOf(notification, { resource, descriptors, peers });
      return holdings.locks(request?.file?.ino) ? request : undefined;
    }
    case 'close_range':
      return holdings.locksAnything ? closingAll(closedByRange(notification, known)) : undefined;
    case 'execve':
    case 'execveat': {
      const request = requestOf(notification, { resource, descriptors, peers });
      const lost = holdings.locksAnything ? closedByExec(notification.tid, known) : [];
      return request === undefined ? closingAll(lost) : lost.length === 0 ? request : { ...request, closes: lost };
    }
    case 'mmap': {
      const file = descriptors.find(notification.tid, notification.ints[4]!, resource);
      if (file === undefined) return undefined;
      holdings.mapped(file.ino, resource.label(file.ino, file.path), file.path, sharesWrites(notification));
      return { call: 'map', path: file.path, flags: [], follows: true, file };
    }
    case 'fcntl':
      return LOCKS.has(notification.ints[1]!) ? requestOf(notification, { resource, descriptors, peers }) : undefined;
    case 'ioctl':
      return IOCTLS.includes(notification.ints[1]!)
        ? requestOf(notification, { resource, descriptors, peers })
        : undefined;
    case 'rt_sigaction':
      letCallsRestart(notification);
      return undefined;
    default:
      return requestOf(notification, { resource, descriptors, peers });
  }
}

function closingAll([first, ...closes]: readonly OpenFile[]): Request | undefined {
  return first && { call: 'close', path: first.path, flags: [], follows: true, file: first, closes };
}

/** linux/close_range.h: they are only to be closed by execve(2). */
const CLOSE_RANGE_CLOEXEC = 4;

/** Those with a lock. close_range(2) */
function closedByRange({ tid, ints }: Notification, { descriptors, holdings, resource }: Known): readonly OpenFile[] {
  if ((ints[2]! & CLOSE_RANGE_CLOEXEC) !== 0) return [];
  const [first, last] = [ints[0]! >>> 0, ints[1]! >>> 0];
  return descriptorsOf(tid).flatMap((fd) => {
    const file = fd < first || fd > last ? undefined : descriptors.find(tid, fd, resource);
    return file !== undefined && holdings.locks(file.ino) ? file : [];
  });
}

function closedByExec(tid: number, known: Known): readonly OpenFile[] {
  const own = processOf(tid);
  const others = processesOf(known).filter((pid) => pid !== own);
  return lostByExec(tid, others).flatMap(({ fd }) => known.descriptors.find(tid, fd, known.resource) ?? []);
}

/** All that are left of a session. */
export const processesOf = ({ pid, processes }: Pick<Known, 'pid' | 'processes'>): readonly number[] => [
  ...new Set([...familyOf(pid), ...[...processes].map(processOf)]),
];

/** F_GETLK … F_OFD_SETLKW: fcntl.h */
const LOCKS: ReadonlySet<number> = new Set([5, 6, 7, 36, 37, 38]);
/** FICLONE: ioctl_ficlone(2) */
const IOCTLS: readonly number[] = [0x40049409, ...SIZE_IOCTLS];

const MAP_TYPE = 0xf;
const MAP_PRIVATE = 2;
const O_RDWR = 2;

export const isPrivateMap = ({ ints }: Notification): boolean => (ints[3]! & MAP_TYPE) === MAP_PRIVATE;

/** mmap(2): would others see what is written there? It need not be asked for yet, since mprotect(2) can do so, if the file is open for it. */
export function sharesWrites(notification: Notification): boolean {
  if (isPrivateMap(notification)) return false;
  const { tid, ints } = notification;
  const flags = /^flags:\t(\d+)$/m.exec(infoOf(tid, ints[4]!) ?? '')?.[1];
  return flags === undefined || (Number.parseInt(flags, 8) & O_RDWR) !== 0;
}

/** The server that hears of the end of this process, because a connection ends with it. */
function hangsUpOn(tid: number, { pid, peers }: Known): string | undefined {
  const { server } = peers;
  if (server === undefined || server.ignoresEnds || tid === pid) return undefined;
  return socketsOf(tid).some((socket) => peers.behind(socket) !== undefined) ? server.name : undefined;
}

/** What a process has mapped in one execution it has still in the next: like a connection, a map is kept by whoever likes to. */
export function recall(pid: number, holdings: Holdings, resource: Resource): void {
  const mapped = holdings.mapsAnything;
  holdings.clear();
  if (!mapped) return;
  for (const { ino, path, writable } of sharedMapsOf(pid)) {
    const below = resource.relative(path);
    if (below !== undefined) holdings.mapped(ino, resource.label(ino, below), below, writable);
  }
}
