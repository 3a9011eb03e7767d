/** What sessions do outside of the resource. Nobody looks at that, and nobody puts it back. */

import { lstatSync, type Stats, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { isHarmless } from '../gate/harmless-devices.ts';
import type { Notification } from '../gate/listener.ts';
import { OUTSIDE, type Request } from '../gate/request.ts';
import type { Resource } from '../gate/resource.ts';
import { resolvedBy } from './real-path.ts';
import { type Use, usesOf } from './uses.ts';

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

/** Who makes a call. */
export interface Caller {
  /** Is it the session's own process? What a command has open, it has opened. */
  readonly own: boolean;
  readonly resource: Resource;
}

/** What one session does outside of the resource. */
export class Outside {
  /** What it has ever changed, by name. */
  readonly names = new Set<string>();
  /** Of this execution: each place by all that it can be recognised by, and its name. */
  readonly #changed = new Map<string, string>();
  readonly #looked = new Map<string, Look>();

  clear(): void {
    this.names.clear();
    this.begin();
  }

  /** A new execution begins. */
  begin(): void {
    this.#changed.clear();
    this.#looked.clear();
  }

  /** This session takes the place of another. */
  replace({ names }: Outside): void {
    for (const name of names) this.names.add(name);
  }

  /** @returns whether the call changes what lies in the resource after all, on a way that is not understood. */
  note(notification: Notification, request: Request | undefined, { own, resource }: Caller): boolean {
    const concerned = request === undefined ? undefined : [request.path, request.to].map((path) => path === OUTSIDE);
    const uses = ifReadable(() => usesOf(notification, own)) ?? [];
    let within = false;
    for (const [at, use] of uses.entries()) {
      if (use === undefined || (concerned !== undefined && concerned[at] !== true)) continue; // that path is a step's
      if (use.deed === 'reads' || use.deed === 'lists') {
        if (!this.#looked.has(`${use.deed} ${use.path}`)) {
          const look = { ...use, tid: notification.tid };
          this.#looked.set(`${use.deed} ${use.path}`, DIFFERS.test(use.path) ? withPlace(look, resource) : look);
        }
        continue;
      }
      const path = resolvedBy(notification.tid, use.path, use.follows);
      if (path !== undefined && resource.relative(path) !== undefined) within ||= request === undefined;
      else if (path !== undefined && isShared(path, notification.tid, resource)) this.#change(path, use, resource);
    }
    return within;
  }

  #change(path: string, use: Use, resource: Resource): void {
    const found = lstatSync(path, { throwIfNoEntry: false });
    // `mkdir -p /tmp/mine` asks for /tmp, too, and changes nothing there.
    if (use.deed === 'makes directory' && found !== undefined && wasThere(found)) {
      this.#looked.set(`reads ${path}`, withPlace({ ...use, path, deed: 'reads', tid: 0 }, resource));
      return;
    }
    this.names.add(path);
    for (const key of keysOf(path, found)) this.#changed.set(key, path);
    if (use.deed === 'changes' || (use.deed === 'makes' && found !== undefined)) return;
    const listed = dirname(path);
    for (const key of keysOf(listed)) this.#changed.set(`names ${key}`, listed);
  }

  get changesAnything(): boolean {
    return this.#changed.size > 0;
  }

  /** What another session has changed, and this one changed or looked at, by name. */
  meets(other: Outside, resource: Resource): readonly string[] {
    if (!other.changesAnything) return [];
    const met = [...this.#changed.keys()].flatMap((key) => (key.startsWith('names ') ? [] : key));
    for (const look of this.#looked.values()) met.push(...(look.keys ?? withPlace(look, resource).keys!));
    const found = met.flatMap((key) => [key, ...directoriesOf(key)]).flatMap((key) => other.#changed.get(key) ?? []);
    return [...new Set(found)];
  }
}

/** Who moves a directory, moves what is in it. */
function directoriesOf(key: string): readonly string[] {
  return Array.from(key.startsWith('/') ? key.matchAll(/(?<=.)\//g) : [], ({ index }) => key.slice(0, index));
}

interface Look extends Use {
  readonly tid: number;
  /** What it can be recognised by; to be found out, and mostly not needed. */
  readonly keys?: readonly string[];
}

/** What means something else for every process, and is to be asked as long as that is there. */
const DIFFERS = /\/proc\/|\/dev\//;

function withPlace(look: Look, resource: Resource): Look {
  const path = resolvedBy(look.tid, look.path, look.follows);
  if (path === undefined || resource.relative(path) !== undefined) return { ...look, keys: [] };
  return { ...look, keys: look.deed === 'lists' ? keysOf(path).map((key) => `names ${key}`) : keysOf(path) };
}

/** Everything that other sessions reach as well. */
function isShared(path: string, tid: number, { root }: Resource): boolean {
  if (path.startsWith(`${dirname(root)}/session-`)) return false; // what the harness keeps of a session
  if (path.startsWith(`/proc/${tid}/`)) return false;
  const found = path.startsWith('/dev/') ? statSync(path, { throwIfNoEntry: false }) : undefined;
  return found === undefined || !isHarmless(found);
}

/**
 * All that a place can be recognised by. Numbers of inodes are used again once a file is gone: they say something only of what
 * was there before the sessions, or has several names.
 */
function keysOf(path: string, found = lstatSync(path, { throwIfNoEntry: false })): readonly string[] {
  const above = lstatSync(dirname(path), { throwIfNoEntry: false });
  return [
    path,
    ...(found !== undefined && (wasThere(found) || (found.isFile() && found.nlink > 1))
      ? [`inode ${found.dev} ${found.ino}`]
      : []),
    ...(above !== undefined && wasThere(above) ? [`entry ${above.dev} ${above.ino} ${basename(path)}`] : []),
  ];
}

/** Is it older than all that sessions do? */
function wasThere(found: Stats): boolean {
  if (found.birthtimeMs > 0) return found.birthtimeMs < LOADED_MS;
  // The file system does not know: its last change tells, but for directories in which anybody makes files at any time.
  return found.ctimeMs < LOADED_MS || COMMON.has(`${found.dev} ${found.ino}`);
}

/** Since 1970, as file systems have it. */
const LOADED_MS = performance.timeOrigin + performance.now();

const COMMON: ReadonlySet<string> = new Set(
  [process.cwd(), homedir(), tmpdir(), '/tmp', '/var/tmp', '/dev/shm'].flatMap((path) =>
    [path, '/', ...directoriesOf(path)].flatMap((each) => {
      const found = statSync(each, { throwIfNoEntry: false });
      return found === undefined ? [] : `${found.dev} ${found.ino}`;
    }),
  ),
);
