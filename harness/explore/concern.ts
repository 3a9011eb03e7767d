/** Which calls of a session concern others: those that reach the resource or the server. All else is let through. */

import { realpathSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { TrappedCall } from '../gate/calls.ts';
import type { Descriptors } from '../gate/descriptors.ts';
import type { Holdings } from '../gate/holdings.ts';
import type { Notification } from '../gate/listener.ts';
import type { Peers } from '../gate/peers.ts';
import { linkOf, sharedMapsOf, socketsOf, stringAt } from '../gate/process.ts';
import { OUTSIDE, type Request, requestOf } from '../gate/request.ts';
import type { Resource } from '../gate/resource.ts';
import { letCallsRestart } from '../gate/signals.ts';
import { sleepOf } from '../gate/sleeps.ts';

/** What is known of a session. */
export interface Known {
  /** Of its own process. */
  readonly pid: number;
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

function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EFAULT' || code === 'ESRCH') return undefined;
    throw error;
  }
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
    case 'mmap': {
      const file = descriptors.find(notification.tid, notification.ints[4]!, resource);
      if (file === undefined) return undefined;
      holdings.mapped(file.ino, resource.label(file.ino, file.path), file.path);
      return { call: 'map', path: file.path, flags: [], follows: true, file };
    }
    case 'rt_sigaction':
      letCallsRestart(notification);
      return undefined;
    default:
      return requestOf(notification, { resource, descriptors, peers });
  }
}

/** Does a call reach anything outside of the resource? One that has two paths may do both. */
export const reachesOutside = (request: Request | undefined): boolean =>
  request === undefined || request.path === OUTSIDE || request.to === OUTSIDE;

/** Keeps what a call changes, where that lies outside of the resource. */
export function noteOutside(notification: Notification, resource: Resource, outside: Set<string>): void {
  for (const path of ifReadable(() => changedOutside(notification, resource)) ?? []) outside.add(path);
}

/** O_WRONLY, O_RDWR, O_CREAT, O_TRUNC: fcntl.h */
const WRITES = 0o1103;

/** Nobody looks at that, and nobody puts it back. Devices, and what the kernel makes up, are not meant. */
function changedOutside({ call, tid, ints, args }: Notification, resource: Resource): readonly string[] {
  if (call === 'openat' && (ints[2]! & WRITES) === 0) return [];
  if (call === 'open' && (ints[1]! & WRITES) === 0) return [];
  return (CHANGED[call] ?? [])
    .map((at) => stringAt(tid, args[at]!))
    .map((path) => real(path.startsWith('/') ? normalize(path) : join(linkOf(tid, 'cwd') ?? '/', path)))
    .filter((path) => !path.startsWith(dirname(resource.root)) && !/^\/(dev(?!\/shm\/)|proc|sys)\//.test(path))
    .filter((path) => !(MAKING.has(call) && wasThere(path)));
}

const MAKING: ReadonlySet<TrappedCall> = new Set(['mkdir', 'mkdirat']);

/** `mkdir -p /tmp/mine` asks for /tmp, too, and changes nothing there: it is older than all that sessions do. */
const wasThere = (path: string): boolean =>
  (statSync(path, { throwIfNoEntry: false })?.birthtimeMs ?? Number.POSITIVE_INFINITY) < LOADED_MS;

/** Since 1970, as file systems have it. */
const LOADED_MS = performance.timeOrigin + performance.now();

/** Which arguments are paths of what a call makes, changes or removes. */
const CHANGED: Readonly<Partial<Record<TrappedCall, readonly number[]>>> = {
  open: [0],
  openat: [1],
  creat: [0],
  mkdir: [0],
  mkdirat: [1],
  rmdir: [0],
  unlink: [0],
  unlinkat: [1],
  rename: [0, 1],
  renameat: [1, 3],
  renameat2: [1, 3],
  link: [1],
  linkat: [3],
  symlink: [1],
  symlinkat: [2],
  truncate: [0],
};

/** Where links lead; the path itself where nothing is there yet. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
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
  for (const { ino, path } of sharedMapsOf(pid)) {
    const below = resource.relative(path);
    if (below !== undefined) holdings.mapped(ino, resource.label(ino, below), below);
  }
}
