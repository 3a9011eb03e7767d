/** What /proc and memory say of a process that waits at the gate. Everything here is Linux, proc(5). */

import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { readMemory } from './kernel.ts';

const PAGE = 4096;
/** PATH_MAX of linux/limits.h. */
const PATH_BYTES_MAX = 4096;
const text = Buffer.alloc(PATH_BYTES_MAX);

/** A string that ends with a NUL byte, as a path argument is. Never reads past a page that may be the last one. */
export function stringAt(tid: number, address: number): string {
  let length = 0;
  while (length < PATH_BYTES_MAX) {
    const untilPageEnd = PAGE - ((address + length) % PAGE);
    const wanted = Math.min(untilPageEnd, PATH_BYTES_MAX - length);
    const got = readMemory(tid, address + length, text.subarray(length), wanted);
    const end = text.subarray(0, length + got).indexOf(0, length);
    if (end >= 0) return text.toString('utf8', 0, end);
    length += got;
    if (got < wanted) break;
  }
  return text.toString('utf8', 0, length);
}

/** Bytes of a process's memory, as they are. */
export function bytesAt(tid: number, address: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Math.max(1, length));
  return bytes.subarray(0, length === 0 ? 0 : readMemory(tid, address, bytes, length));
}

/** Where a descriptor points: a path, or `pipe:[…]`, `socket:[…]`, `anon_inode:…`; undefined where there is none. */
export function linkOf(tid: number, name: 'cwd' | 'exe' | 'root' | `fd/${number}`): string | undefined {
  try {
    return readlinkSync(`/proc/${tid}/${name}`);
  } catch {
    return undefined;
  }
}

/** Flags of an open file description, as of open(2). proc_pid_fdinfo(5) */
export const flagsOf = (tid: number, fd: number): number =>
  Number.parseInt(/^flags:\t(\d+)$/m.exec(proc(`${tid}/fdinfo/${fd}`) ?? '')?.[1] ?? '0', 8);

/** Where an open file description reads and writes next. proc_pid_fdinfo(5) */
export const positionOf = (tid: number, fd: number): number =>
  Number(/^pos:\t(\d+)$/m.exec(proc(`${tid}/fdinfo/${fd}`) ?? '')?.[1] ?? 0);

/** The process that a thread belongs to; the thread itself where that can't be read any more. */
export const processOf = (tid: number): number =>
  Number(/^Tgid:\t(\d+)$/m.exec(proc(`${tid}/status`) ?? '')?.[1] ?? tid);

/** What a thread calls itself, as `flock`: at most 15 bytes. */
export const commandOf = (tid: number): string => (proc(`${tid}/comm`) ?? '').trimEnd();

/** The group of processes that a process belongs to; NaN where it is gone. */
export const groupOf = (pid: number): number => {
  const stat = proc(`${pid}/stat`) ?? '';
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2] ?? Number.NaN);
};

/** Is a thread in a PID namespace below that of this process, where numbers mean other processes? */
export const hasOwnNumbers = (tid: number): boolean => /^NSpid:\t\d+\t\d/m.test(proc(`${tid}/status`) ?? '');

/** What the kernel says of a descriptor besides where it points: flags, locks, the process of a pidfd. */
export const infoOf = (tid: number, fd: number): string | undefined => proc(`${tid}/fdinfo/${fd}`);

/** The process that started this one; 0 where that is not known any more. */
export const parentOf = (pid: number): number => Number(/^PPid:\t(\d+)$/m.exec(proc(`${pid}/status`) ?? '')?.[1] ?? 0);

/** How often a thread was given a core, in words; empty where the kernel does not count that. */
export const timesRun = (tid: number): string => proc(`${tid}/schedstat`) ?? '';

/** Is a thread at rest: asleep in the kernel, stopped, or gone? One that runs or waits for a disk will still do something. */
export function atRest(tid: number): boolean {
  const state = stateOf(tid);
  if (state === 'S') return !isOnCore(tid);
  return state === undefined || 'TZXt'.includes(state) || (state === 'D' && CLONES.includes(callOf(tid)));
}

/** clone, vfork and clone3: who waits in one of them has lent its memory to a child, until that has begun with a program of its own. */
const CLONES = process.arch === 'arm64' ? [220, 435] : [56, 58, 435];

/**
 * Who waits for children, or for descriptors, counts as asleep already while it looks at them, and still while it looks once more
 * (do_wait of kernel/exit.c, do_poll of fs/select.c). In which call it sleeps the kernel only tells once it has left its core.
 */
const isOnCore = (tid: number): boolean => proc(`${tid}/syscall`)?.startsWith('running') === true;

/**
 * Does a thread wait for another thread of its own process, or for a moment to pass? Whoever waits for a descriptor does
 * neither. proc_pid_syscall(5)
 */
export const waitsWithin = (tid: number): boolean => INNER_WAITS.includes(callOf(tid));

/** Is it in the middle of waitpid(2)? */
export const waitsForChild = (tid: number): boolean => callOf(tid) === WAIT4;

/** The number of the system call in which a thread sleeps; NaN where it does not. */
const callOf = (tid: number): number => Number(/^\d+/.exec(proc(`${tid}/syscall`) ?? '')?.[0]);

/** The system call in which a thread sleeps, with its arguments; undefined where it does not. proc_pid_syscall(5) */
export function sleepsIn(tid: number): { readonly number: number; readonly args: readonly bigint[] } | undefined {
  const [number, ...words] = (proc(`${tid}/syscall`) ?? '').trimEnd().split(' ');
  return /^\d+$/.test(number!) && words.length >= 6 ? { number: Number(number), args: words.map(BigInt) } : undefined;
}

/** futex, nanosleep, clock_nanosleep, and wait4, of arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h. */
const [WAIT4, ...INNER_WAITS] = process.arch === 'arm64' ? [260, 98, 101, 115] : [61, 202, 35, 230];

/**
 * Would a signal end a process? Not where that catches or ignores it, nor those that are ignored, or only stop or continue it, if nothing
 * else was asked for. signal(7), proc_pid_status(5)
 */
export function endsBySignal(pid: number, signal: number): boolean {
  if (signal === SIGKILL) return true;
  if (SPARING.has(signal)) return false;
  const asked = [...statusOf(pid).matchAll(/^Sig(?:Cgt|Ign):\t([0-9a-f]+)$/gm)];
  return !asked.some(([, mask]) => (BigInt(`0x${mask}`) >> BigInt(signal - 1)) % 2n === 1n);
}

const SIGKILL = 9;
/** SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH. */
const SPARING: ReadonlySet<number> = new Set([17, 18, 19, 20, 21, 22, 23, 28]);

/** All of it: longer than what `proc` reads. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return ''; // gone
  }
}

export function hasEnded(tid: number): boolean {
  const state = stateOf(tid);
  return state === undefined || 'ZX'.includes(state);
}

function stateOf(tid: number): string | undefined {
  const stat = proc(`${tid}/stat`);
  return stat?.[stat.lastIndexOf(')') + 2]; // the name before it may hold anything
}

const small = Buffer.alloc(1024);

/** The beginning of a file in /proc. Asked so often that what readFileSync does besides would show. */
function proc(name: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${name}`, 'r');
    return small.toString('latin1', 0, readSync(fd, small));
  } catch {
    return undefined; // gone
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The processes that a thread has started and that have not been waited for. Empty where the kernel does not tell. */
export const childrenOf = (tid: number): readonly number[] =>
  (proc(`${tid}/task/${tid}/children`) ?? '').split(' ').filter(Boolean).map(Number);

export const threadsOf = (pid: number): readonly number[] => numbersIn(`/proc/${pid}/task`);

export const descriptorsOf = (pid: number): readonly number[] => numbersIn(`/proc/${pid}/fd`);

/** Nothing, where the process is gone. */
function numbersIn(directory: string): readonly number[] {
  try {
    return readdirSync(directory).map(Number);
  } catch {
    return [];
  }
}

/** The files of which a process has maps that others see (MAP_SHARED), and that have not been removed. proc_pid_maps(5) */
export function sharedMapsOf(
  pid: number,
): readonly { readonly ino: number; readonly path: string; readonly writable: boolean }[] {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  return [...maps.matchAll(/^\S+ .(.).s \S+ \S+ (\d+) +(\/.*)$/gm)].flatMap(([, write, number, said]) => {
    const ino = Number(number);
    // A newline is there as \012, and a backslash as it is: the file that is meant tells which.
    const path = [said!, said!.replaceAll('\\012', '\n')].find((each) => leadsTo(each, ino));
    return path === undefined ? [] : { ino, path, writable: write === 'w' };
  });
}

const DELETED = ' (deleted)';

/** The path behind a descriptor, without what /proc adds where the file has been removed: its name may end like that, too. */
export const undeleted = (link: string, ino: number): string =>
  link.endsWith(DELETED) && !leadsTo(link, ino) ? link.slice(0, -DELETED.length) : link;

function leadsTo(path: string, ino: number): boolean {
  try {
    return lstatSync(path).ino === ino;
  } catch {
    return false;
  }
}

/** The sockets that a process has open, as `socket:[4711]`. */
export function socketsOf(pid: number): readonly string[] {
  const links = descriptorsOf(pid).map((fd) => linkOf(pid, `fd/${fd}`));
  return links.filter((link): link is string => link?.startsWith('socket:') === true);
}

/** A process and all that come from it, as far as they still have their parents. */
export const familyOf = (pid: number): readonly number[] => [pid, ...childrenOf(pid).flatMap(familyOf)];
