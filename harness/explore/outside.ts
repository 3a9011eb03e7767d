/** What sessions change outside of the resource. Nobody looks at that, and nobody puts it back. */

import { realpathSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { TrappedCall } from '../gate/calls.ts';
import type { Notification } from '../gate/listener.ts';
import { linkOf, stringAt } from '../gate/process.ts';
import { OUTSIDE, type Request } from '../gate/request.ts';
import type { Resource } from '../gate/resource.ts';

/** Undefined where the kernel would not find a call's arguments either, or nobody is left to make it. */
export function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EFAULT' || code === 'ESRCH') return undefined;
    throw error;
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
