/** Paths that do not begin with the root's, and lead into the resource all the same: through links, `/proc`, `..` or a mount. */

import { lstatSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { linkOf, processOf } from './process.ts';

/** Where such a path leads. */
export type Way =
  /** Below the root, with whatever links and `..` are still in it. */
  | { readonly path: string }
  /** A magic link of proc_pid_fd(5): to what the descriptor is open on, under whatever name or none. */
  | { readonly magic: { readonly tid: number; readonly fd: number } };

/** How many symbolic links the kernel follows in one path. */
export const LINKS_MAX = 40;

/** So many paths are remembered at most. */
const KNOWN_MAX = 20_000;

const MAGIC = /^\/proc\/(\d+)(?:\/task\/\d+)?\/(?:fd\/(\d+)|cwd|root|exe)$/;

/** The root is compared by device and inode, so that another mount of it, or a chroot(2), is no way around. */
export class Ways {
  readonly #device: number;
  readonly #inode: number;
  /** Paths that lead nowhere near. Asked for again and again, by whoever loads libraries. */
  readonly #apart = new Set<string>();
  #chroots = false;

  constructor(root: { readonly dev: number; readonly ino: number }) {
    this.#device = root.dev;
    this.#inode = root.ino;
  }

  /** What a name outside leads to has changed. */
  forget(): void {
    this.#apart.clear();
  }

  /** From now on, one path may mean different things to different processes. */
  chroots(): void {
    this.#chroots = true;
  }

  /**
   * @param path absolute.
   * @param tid who asks: `/proc/self` is another one for each, and so is `/` after a chroot(2).
   */
  into(path: string, follows: boolean, tid?: number): Way | undefined {
    if (this.#apart.has(path)) return undefined;
    const way = this.#walk(path, true, tid);
    if (way === undefined) {
      if (this.#apart.size >= KNOWN_MAX) this.#apart.clear();
      if (!this.#chroots && !path.startsWith('/proc/')) this.#apart.add(path);
      return undefined;
    }
    return follows ? way : this.#walk(path, false, tid);
  }

  #walk(path: string, follows: boolean, tid: number | undefined): Way | undefined {
    const top = this.#chroots && tid !== undefined ? (linkOf(tid, 'root') ?? '/').replace(/^\/$/, '') : '';
    // A root that lies within the resource is no way around it either: what leads to the root is walked as well.
    const within = top !== '' && !path.split('/').includes('..');
    let at = within ? '' : top;
    let left: readonly string[] = (within ? `${top}${path}` : path).split('/');
    for (let links = 0; left.length > 0; ) {
      const name = left[0]!;
      left = left.slice(1);
      if (name === '..') at = at === top || at === '' ? at : dirname(at).replace(/^\/$/, '');
      if (name === '' || name === '.' || name === '..') continue;
      const next = at === '/proc' && tid !== undefined ? itself(name, tid) : `${at}/${name}`;
      const found = lookAt(next);
      if (found === undefined) return undefined;
      if (found.ino === this.#inode && found.dev === this.#device) return { path: tidied(left.join('/')) };
      if (!found.isSymbolicLink() || (left.length === 0 && !follows)) {
        at = next;
        continue;
      }
      if (++links > LINKS_MAX) return undefined;
      const magic = MAGIC.exec(next);
      if (magic?.[2] !== undefined && left.length === 0)
        return { magic: { tid: Number(magic[1]), fd: Number(magic[2]) } };
      const target = targetOf(next);
      if (target === undefined) return undefined;
      const anew = target.startsWith('/');
      if (anew) at = magic === null && !within ? top : '';
      else if (magic !== null) return undefined; // `pipe:[4711]`
      left = [...(anew && magic === null && within ? `${top}${target}` : target).split('/'), ...left];
    }
    return undefined;
  }
}

/** An empty component, or a dot. */
const UNTIDY = /^\/|\/\/|\/$|(^|\/)\.(\/|$)/;

/** Without `//` and `/./`, which are common, and cheaper to look for than to split every path. A `..` stays. */
export const tidied = (path: string): string =>
  UNTIDY.test(path)
    ? path
        .split('/')
        .filter((name) => name !== '' && name !== '.')
        .join('/')
    : path;

const itself = (name: string, tid: number): string => {
  if (name === 'self') return `/proc/${processOf(tid)}`;
  return name === 'thread-self' ? `/proc/${processOf(tid)}/task/${tid}` : `/proc/${name}`;
};

/** Undefined where this process may not know, as of another user's `/proc/PID/cwd`, or it is gone. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function lookAt(path: string): ReturnType<typeof lstatSync> {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
