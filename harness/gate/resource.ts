import { lstatSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { normalize } from 'node:path';

/** How many symbolic links the kernel follows in one path. */
const LINKS_MAX = 40;

interface Directory {
  /** Below the root. */
  readonly path: string;
  readonly label: string;
}

const ROOT: Directory = { path: '', label: '.' };

/** Where looking a path up ends. */
export interface Found {
  /** The entries that were read on the way: of directories, and of links that were followed. */
  readonly entries: readonly string[];
  /** Of the last component, below the root and without links. */
  readonly path: string;
  /** The entry of the last component, and the names of its directory. */
  readonly entry: string;
  readonly names: string;
  /** What is there; undefined: nothing. */
  readonly stats?: Stats;
  /** Why the last component was never reached. `outside`: a link leads out of the resource. */
  readonly error?: 'ENOENT' | 'ENOTDIR' | 'ELOOP' | 'outside';
}

/**
 * The directory that the sessions share, seen from outside: which paths lie in it, and what they are by identity. Labels hold
 * for one execution; a label is the path at which a file was first met, so executions that begin alike use the same ones.
 */
export class Resource {
  /** Absolute, without symbolic links. */
  readonly root: string;
  /** Did a path that was looked up lead out? Whoever wants to know sets it back before. */
  ledOut = false;
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
   * Looks a path up as the kernel does, one component after the other, through symbolic links (path_resolution(7)).
   *
   * @param follows is a link at the end followed, too?
   */
  find(path: string, follows: boolean, mask: (path: string) => string): Found {
    const found = this.#find(path, follows, mask);
    this.ledOut ||= found.error === 'outside';
    return found;
  }

  #find(path: string, follows: boolean, mask: (path: string) => string): Found {
    const entries: string[] = [];
    /** From the root to the directory in which the next component is looked up. */
    let way: readonly Directory[] = [ROOT];
    let left: readonly string[] = path.split('/');
    for (let links = 0; ; ) {
      const directory = way.at(-1)!;
      const name = left[0] ?? '';
      const at = directory.path === '' ? name : name === '' ? directory.path : `${directory.path}/${name}`;
      const entry = `entry ${directory.label}/${name}`;
      const end = { entries, path: at, entry, names: `names ${directory.label}` };
      left = left.slice(1);
      if (name === '..' || name === '.') {
        way = name === '.' ? way : way.slice(0, -1);
        if (way.length === 0) return { ...end, error: 'outside' };
        continue;
      }
      const found = this.#stat(at);
      if (found?.isSymbolicLink() && (left.length > 0 || follows)) {
        entries.push(entry);
        if (++links > LINKS_MAX) return { ...end, error: 'ELOOP' };
        const target = readlinkSync(this.#absolute(at));
        const below = target.startsWith('/') ? this.relative(target) : target;
        if (below === undefined) return { ...end, error: 'outside' };
        if (target.startsWith('/')) way = [ROOT];
        left = [...below.split('/').filter((component) => component !== ''), ...left];
      } else if (left.length === 0) return found === undefined ? end : { ...end, stats: found };
      else {
        entries.push(entry);
        if (found === undefined) return { ...end, error: 'ENOENT' };
        if (!found.isDirectory()) return { ...end, error: 'ENOTDIR' };
        way = [...way, { path: at, label: this.label(found.ino, mask(at)) }];
      }
    }
  }

  #stat(path: string): Stats | undefined {
    try {
      return lstatSync(this.#absolute(path), { throwIfNoEntry: false });
    } catch {
      return undefined; // through a file as if it were a directory, or round and round: what can't be looked up is not there
    }
  }

  #absolute(path: string): string {
    return path === '' ? this.root : `${this.root}/${path}`;
  }
}
