import { readdirSync, statSync } from 'node:fs';
import type { Notification } from './listener.ts';
import { flagsOf, linkOf, processOf, undeleted } from './process.ts';
import type { Resource } from './resource.ts';

/** A descriptor that leads into the resource. */
export interface OpenFile {
  /** Below the root. */
  readonly path: string;
  readonly ino: number;
  /** In bytes, at this moment. */
  readonly sizeNow: () => number;
  readonly isDirectory?: boolean;
  /** Was it opened with O_APPEND? */
  readonly appends?: () => boolean;
}

/** Where a descriptor leads, as far as that matters. */
interface Target {
  readonly file?: OpenFile;
  /** `socket:[4711]`, in the words of proc_pid_fd(5). */
  readonly socket?: string;
}

/**
 * What the descriptors of a session's processes lead to. Those of its own process are remembered until they are closed: that
 * process makes almost all of the calls, and asking /proc costs as much as the call. Commands are asked about every time.
 */
export class Descriptors {
  readonly #known = new Map<number, Target>();
  /** Whether they are the session's own. */
  readonly #threads = new Map<number, boolean>();
  readonly #own: number;

  constructor(own: number) {
    this.#own = own;
    this.#threads.set(own, true);
  }

  find(tid: number, fd: number, resource: Resource): OpenFile | undefined {
    return this.#target(tid, fd, resource).file;
  }

  /** Undefined where it is no socket. */
  socket(tid: number, fd: number, resource: Resource): string | undefined {
    return this.#target(tid, fd, resource).socket;
  }

  #target(tid: number, fd: number, resource: Resource): Target {
    if (!this.isOwn(tid)) return lookUp(tid, fd, resource);
    let target = this.#known.get(fd);
    if (target === undefined) {
      target = lookUp(tid, fd, resource);
      this.#known.set(fd, target);
    }
    return target;
  }

  /** A descriptor, or with undefined any of them, may lead elsewhere from now on. */
  forget(tid: number, fd?: number): void {
    if (!this.isOwn(tid)) return;
    if (fd === undefined) this.#known.clear();
    else this.#known.delete(fd);
  }

  /** A call has come that gives descriptors another meaning. */
  closed({ call, tid, ints }: Notification): void {
    if (call === 'close') this.forget(tid, ints[0]!);
    else if (call === 'dup2' || call === 'dup3') this.forget(tid, ints[1]!);
    else if (call === 'close_range') this.forget(tid);
  }

  /** Is it a thread of the session's own process? */
  isOwn(tid: number): boolean {
    let own = this.#threads.get(tid);
    if (own === undefined) {
      own = processOf(tid) === this.#own;
      this.#threads.set(tid, own);
    }
    return own;
  }

  /** A new operation begins. The threads of Node are the same; the numbers of commands that have ended may come again. */
  forgetCommands(): void {
    for (const [tid, own] of this.#threads) if (!own) this.#threads.delete(tid);
  }
}

function lookUp(tid: number, fd: number, resource: Resource): Target {
  const link = linkOf(tid, `fd/${fd}`);
  if (link?.startsWith('socket:')) return { socket: link };
  // What was removed is still below the root by its name.
  if (!link?.startsWith('/') || below(link, resource) === undefined) return {};
  const stat = () => statSync(`/proc/${tid}/fd/${fd}`, { throwIfNoEntry: false });
  const found = stat();
  if (found === undefined) return {};
  const path = below(undeleted(link, found.ino), resource);
  if (path === undefined) return {};
  let appends: boolean | undefined;
  return {
    file: {
      path,
      ino: found.ino,
      sizeNow: () => stat()?.size ?? 0,
      isDirectory: found.isDirectory(),
      appends: () => (appends ??= (flagsOf(tid, fd) & O_APPEND) !== 0),
    },
  };
}

/** Through another mount the resource has another path. What was made by O_TMPFILE has none, but a number: `/dir/#4711`. */
function below(link: string, resource: Resource): string | undefined {
  const way = resource.relative(link) ?? resource.ways.into(link, false);
  const path = typeof way === 'object' ? ('path' in way ? way.path : undefined) : way;
  return path?.replace(/(^|\/)#\d+$/, '$1#');
}

/** Of fcntl.h, the same on all architectures here. */
const O_APPEND = 0o2000;

/** All descriptors of a process that lead into the resource. */
export const descriptorsInto = (pid: number, resource: Resource): readonly number[] =>
  readdirSync(`/proc/${pid}/fd`)
    .map(Number)
    .filter((fd) => lookUp(pid, fd, resource).file !== undefined);
