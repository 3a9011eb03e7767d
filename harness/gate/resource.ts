import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { LINKS_MAX, tidied, type Way, Ways } from './ways.ts';

interface Directory {
  /** Below the root. */
  readonly path: string;
  readonly label: string;
}

/** EXT4_SUPER_MAGIC of linux/magic.h; where its feature `dir_index` is on, which is the default: ext4(5). */
const EXT4 = 0xef53;

/** Begins with `..`. */
const LEAVES = /^\.\.(\/|$)/;

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
  readonly ways: Ways;
  /**
   * Directories that have been listed in an execution of the search at hand, by label: from then on it matters in which order
   * entries are made. Of those that nobody lists it does not, and the executions are fewer.
   */
  readonly listed = new Set<string>();
  /** Does a listing show in which order the entries were made? ext4 lists by a hash of the names. */
  readonly listsInOrder: boolean;

  constructor(root: string) {
    this.root = realpathSync(root);
    this.ways = new Ways(this.#stat('')!);
    this.listsInOrder = statfsSync(this.root).type !== EXT4;
    this.forget();
  }

  /** A new execution begins: what the numbers of inodes meant in the last one is of no use. */
  forget(): void {
    this.#labels.clear();
    this.#timesUsed.clear();
    this.#labels.set(this.#stat('')!.ino, '.');
  }

  /**
   * The part of an absolute path below the root; '' for the root, undefined outside. A `..` in it stays: what it leads to
   * depends on the links before it.
   */
  relative(path: string): string | undefined {
    if (!path.startsWith(this.root)) return undefined;
    if (path.length === this.root.length) return '';
    if (path[this.root.length] !== '/') return undefined;
    return tidied(path.slice(this.root.length + 1));
  }

  /**
   * Where an absolute path leads, if into the resource.
   *
   * @param tid who asks.
   */
  way(path: string, follows: boolean, tid: number): Way | undefined {
    const below = this.relative(path);
    if (below !== undefined && !LEAVES.test(below)) return { path: below };
    let outside = below === undefined ? path : `${this.root}/${below}`;
    for (let above = this.root, left = below ?? ''; LEAVES.test(left); ) {
      [above, left] = [dirname(above), left.slice(3)];
      outside = `${above}/${left}`;
    }
    return this.ways.into(outside, follows, tid);
  }

  stat(path: string): Stats | undefined {
    return this.#stat(path);
  }

  isEmpty(directory: string): boolean {
    try {
      return readdirSync(this.#absolute(directory)).length === 0;
    } catch {
      return true; // not for us to know
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
    /** Goes on from outside of the root; is there a way back? */
    const returns = (outside: string): boolean => {
      const back = this.ways.into(outside, follows);
      if (back === undefined || !('path' in back)) return false;
      way = [ROOT];
      left = back.path.split('/').filter((component) => component !== '');
      return true;
    };
    for (let links = 0; ; ) {
      const directory = way.at(-1)!;
      const name = left[0] ?? '';
      const at = directory.path === '' ? name : name === '' ? directory.path : `${directory.path}/${name}`;
      const entry = `entry ${directory.label}/${name}`;
      const end = { entries, path: at, entry, names: `names ${directory.label}` };
      left = left.slice(1);
      if (name === '..' || name === '.') {
        way = name === '.' ? way : way.slice(0, -1);
        if (way.length === 0 && !returns([dirname(this.root), ...left].join('/'))) return { ...end, error: 'outside' };
        continue;
      }
      const found = this.#stat(at);
      if (found?.isSymbolicLink() && (left.length > 0 || follows)) {
        entries.push(entry);
        if (++links > LINKS_MAX) return { ...end, error: 'ELOOP' };
        const target = readlinkSync(this.#absolute(at));
        const below = target.startsWith('/') ? this.relative(target) : target;
        if (below === undefined) {
          if (!returns([target, ...left].join('/'))) return { ...end, error: 'outside' };
          continue;
        }
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
