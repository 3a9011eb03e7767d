import { basename } from 'node:path';
import type { Notification } from '../gate/listener.ts';
import { linkOf, stringAt } from '../gate/process.ts';
import type { Request } from '../gate/request.ts';

/**
 * Calls of stat(2) that come from a library or a shell, and of which little is taken. Were they looks at times and sizes, whatever others
 * make in a directory would race with the beginning of each shell, and twice with each listing.
 *
 * - A shell that has just begun compares `.` with `$PWD`, device and inode, to know what to call the directory that it is in.
 * - opendir(3) asks what it has opened how large its blocks are.
 */
export class Beginnings {
  /** How often those threads have looked at where they are that have done nothing else since their last execve(2). */
  readonly #looks = new Map<number, number>();
  /** Threads that have done nothing since they opened a directory to list it. */
  readonly #listing = new Set<number>();

  clear(): void {
    this.#looks.clear();
    this.#listing.clear();
  }

  /** The request as it is to be understood. */
  seen(notification: Notification, request: Request | undefined): Request | undefined {
    const { call, tid } = notification;
    if (call === 'execve' || call === 'execveat') {
      this.#looks.set(tid, 0);
      return request;
    }
    if (request === undefined) return undefined;
    const lists = this.#listing.size > 0 && this.#listing.delete(tid);
    if (lists && request.call === 'stat' && request.file?.isDirectory) return { ...request, attribute: 'existence' };
    if (request.opens?.asList) this.#listing.add(tid);
    const looks = this.#looks.size > 0 ? this.#looks.get(tid) : undefined;
    if (looks === undefined) return request;
    if (looks < LOOKS && isWhereItIs(notification, request)) {
      this.#looks.set(tid, looks + 1);
      return { ...request, attribute: 'existence' };
    }
    this.#looks.delete(tid);
    return request;
  }
}

/** At `.` and at `$PWD`. */
const LOOKS = 2;

const SHELLS: ReadonlySet<string> = new Set([
  'ash',
  'bash',
  'busybox',
  'dash',
  'ksh',
  'ksh93',
  'mksh',
  'sh',
  'yash',
  'zsh',
]);

function isWhereItIs({ call, tid, args }: Notification, request: Request): boolean {
  if (call !== 'stat' && call !== 'newfstatat' && call !== 'lstat') return false;
  if (request.call !== 'stat' || request.file !== undefined) return false;
  const path = stringAt(tid, args[call === 'newfstatat' ? 1 : 0]!);
  return (path === '.' || path === linkOf(tid, 'cwd')) && SHELLS.has(basename(linkOf(tid, 'exe') ?? ''));
}
