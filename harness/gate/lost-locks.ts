/** Which locks go when a process ends, or closes what it has open: asked of the kernel, which knows who else has the same open file. */

import { statSync } from 'node:fs';
import { isSameFile } from './kernel.ts';
import { descriptorsOf, infoOf } from './process.ts';

interface Descriptor {
  readonly pid: number;
  readonly fd: number;
  readonly closesOnExec: boolean;
  /** Numbers of inodes with a lock that belongs to this open file: of flock(2), or F_OFD_SETLK of fcntl(2). */
  readonly ofFile: readonly number[];
  /** The same of locks that belong to the process. */
  readonly ofProcess: readonly number[];
}

/** Of open(2), the same on all architectures here. */
const O_CLOEXEC = 0o2000000;

/** proc_pid_fdinfo(5): `lock:\t1: FLOCK  ADVISORY  WRITE 4711 00:1b:123 0 EOF`. */
const LOCKS = /^lock:\t\d+: (FLOCK|OFDLCK|POSIX) .*? [0-9a-f]+:[0-9a-f]+:(\d+) \d+ \S+$/gm;

function descriptor(pid: number, fd: number): Descriptor {
  const info = infoOf(pid, fd) ?? '';
  const found = [...info.matchAll(LOCKS)].map(([, kind, ino]) => ({ kind, ino: Number(ino) }));
  const inodes = (ofProcess: boolean): readonly number[] =>
    found.flatMap(({ kind, ino }) => ((kind === 'POSIX') === ofProcess ? ino : []));
  const flags = Number.parseInt(/^flags:\t(\d+)$/m.exec(info)?.[1] ?? '0', 8);
  return { pid, fd, closesOnExec: (flags & O_CLOEXEC) !== 0, ofFile: inodes(false), ofProcess: inodes(true) };
}

const descriptors = (pid: number): readonly Descriptor[] => descriptorsOf(pid).map((fd) => descriptor(pid, fd));

/** Descriptors of processes that end now, with which locks go. Those of `others` stay. */
export function lostByEnd(
  ending: readonly number[],
  others: readonly number[],
): readonly Pick<Descriptor, 'pid' | 'fd'>[] {
  const going = ending.flatMap(descriptors).filter(({ ofFile, ofProcess }) => ofFile.length + ofProcess.length > 0);
  return lost(going, () => others.flatMap(descriptors));
}

/** Descriptors that close when a process begins with another program, and with which locks go. execve(2), fcntl(2) */
export function lostByExec(pid: number, others: readonly number[]): readonly Pick<Descriptor, 'pid' | 'fd'>[] {
  const own = descriptors(pid);
  const inodes = own.flatMap(({ ofProcess }) => ofProcess);
  const closing = own
    .filter(({ closesOnExec }) => closesOnExec)
    .map((each) => ({ ...each, ofProcess: inodes.length === 0 ? [] : inodes.filter((ino) => ino === inodeOf(each)) }));
  return lost(closing, () => [...own.filter(({ closesOnExec }) => !closesOnExec), ...others.flatMap(descriptors)]);
}

const inodeOf = ({ pid, fd }: Descriptor): number | undefined =>
  statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false })?.ino;

function lost(going: readonly Descriptor[], stay: () => readonly Descriptor[]): readonly Descriptor[] {
  if (going.every(({ ofFile, ofProcess }) => ofFile.length + ofProcess.length === 0)) return [];
  const staying = stay().filter(({ ofFile }) => ofFile.length > 0);
  const stays = (one: Descriptor): boolean => staying.some((other) => isSameFile(one, other));
  return going.filter((each) => each.ofProcess.length > 0 || (each.ofFile.length > 0 && !stays(each)));
}
