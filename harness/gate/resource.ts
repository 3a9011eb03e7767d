import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { normalize } from 'node:path';
import type { Access } from '../history/step.ts';

/**
 * The directory that the sessions share, seen from outside: which paths lie in it, and what they are by identity. Labels hold
 * for one execution; a label is the path at which a file was first met, so executions that begin alike use the same ones.
 */
export class Resource {
  /** Absolute, without symbolic links. */
  readonly root: string;
  readonly #labels = new Map<number, string>();
  readonly #timesUsed = new Map<string, number>();

  constructor(root: string) {
    this.root = realpathSync(root);
    this.forget();
  }

  /** A new execution begins: what the numbers of inodes meant in the last one is of no use. */
  forget(): void {
    this.#labels.clear();
    this.#timesUsed.clear();
    this.#labels.set(this.#stat('')!.ino, '.');
  }

  /** The part of an absolute path below the root; '' for the root, undefined outside. */
  relative(path: string): string | undefined {
    if (!path.startsWith(this.root)) return undefined;
    // Plain concatenations (`dir//file`, `dir/./file`) are common, and cheaper to look for than to normalise every time.
    const plain = /\/\.{0,2}(\/|$)/.test(path) ? normalize(path).replace(/\/$/, '') : path;
    if (plain.length === this.root.length) return plain === this.root ? '' : undefined;
    return plain[this.root.length] === '/' ? plain.slice(this.root.length + 1) : undefined;
  }

  stat(path: string): Stats | undefined {
    return this.#stat(path);
  }

  /** Where a path leads if its last component is a symbolic link to something in here; undefined where it is none. */
  linkTarget(path: string, found: Stats | undefined): string | undefined {
    if (found?.isSymbolicLink() !== true) return undefined;
    try {
      return this.relative(realpathSync(this.#absolute(path)));
    } catch {
      return undefined; // leads nowhere
    }
  }

  /** The inode's name for this execution. `path`: where it was met, masked. */
  label(ino: number, path: string): string {
    return this.#labels.get(ino) ?? this.relabel(ino, path);
  }

  /** A new name, for an inode that has just been created: the file system may reuse the number of one that is gone. */
  relabel(ino: number, path: string): string {
    const times = this.#timesUsed.get(path) ?? 0;
    this.#timesUsed.set(path, times + 1);
    const label = times === 0 ? path : `${path}~${times}`;
    this.#labels.set(ino, label);
    return label;
  }

  /**
   * Looking a path up, or changing where its last component leads. All directories on the way are read; in the last of them
   * an entry is read or written. Who lists that directory sees a written one: two written entries commute, a list does not.
   */
  entry(path: string, mode: 'read' | 'write', mask: (path: string) => string): readonly Access[] {
    const accesses: Access[] = [];
    let directory = '.';
    let from = 0;
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', from)) {
      accesses.push({ object: `entry ${directory}/${path.slice(from, slash)}`, mode: 'read' });
      const way = path.slice(0, slash);
      const found = this.#stat(way, true);
      directory = found === undefined ? way : this.label(found.ino, mask(way));
      from = slash + 1;
    }
    accesses.push({ object: `entry ${directory}/${path.slice(from)}`, mode });
    if (mode === 'write') accesses.push({ object: `names ${directory}`, mode: 'add' });
    return accesses;
  }

  #stat(path: string, follow = false): Stats | undefined {
    return (follow ? statSync : lstatSync)(this.#absolute(path), { throwIfNoEntry: false });
  }

  #absolute(path: string): string {
    return path === '' ? this.root : `${this.root}/${path}`;
  }
}
