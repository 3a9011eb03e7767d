/** What a disk holds below one directory. Plain data, by inode, because a file can be written while it has another name. */

import { hash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** FIFOs, sockets and devices hold nothing, and are left out. */
export type Inode =
  | { readonly kind: 'directory'; readonly entries: ReadonlyMap<string, number> }
  /** `mode`: the permission bits, 0 to 0o7777. */
  | { readonly kind: 'file'; readonly content: Buffer; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string };

/** Nothing in it is changed, once made: disks share what they have in common. */
export interface Disk {
  /** Number of the directory at the top. */
  readonly root: number;
  /** Hard links are two entries with one number. May hold inodes that no entry leads to: nobody sees those. */
  readonly inodes: ReadonlyMap<number, Inode>;
}

/** For who gives out numbers: what an inode is, and can't change; of a symbolic link, where it leads as well. */
export type Numbering = (real: bigint, nature: string) => number;

/**
 * Reads a directory that nobody changes meanwhile. All files are read anew: size and times of an inode may be the same though
 * its content is not, because the clock of a file system ticks only every few milliseconds (inode(7), and
 * current_time() of the kernel).
 *
 * @param before what was read earlier: buffers with the same content are taken from there, so that they are held only once.
 * @param numberOf the number that an inode gets here; left out, that of the file system.
 * @throws as node:fs does.
 */
export function diskAt(dir: string, before?: Disk, numberOf: Numbering = Number): Disk {
  const inodes = new Map<number, Inode>();
  const read = (path: string): number | undefined => {
    const stats = lstatSync(path, { bigint: true });
    const kind = stats.isDirectory()
      ? 'directory'
      : stats.isFile()
        ? 'file'
        : stats.isSymbolicLink()
          ? 'link'
          : undefined;
    if (kind === undefined) return undefined;
    const target = kind === 'link' ? readlinkSync(path) : '';
    const number = numberOf(stats.ino, `${kind} ${target}`);
    if (inodes.has(number)) return number; // another name of it was read
    if (kind === 'directory') inodes.set(number, { kind, entries: entriesOf(path, read) });
    else if (kind === 'link') inodes.set(number, { kind, target });
    else
      inodes.set(number, {
        kind,
        content: shared(readFileSync(path), before?.inodes.get(number)),
        mode: modeOf(stats),
      });
    return number;
  };
  const root = read(dir);
  if (root === undefined || inodes.get(root)!.kind !== 'directory') throw new TypeError(`${dir} is no directory`);
  return { root, inodes };
}

const modeOf = ({ mode }: { readonly mode: bigint }): number => Number(mode & 0o7777n);

function entriesOf(dir: string, read: (path: string) => number | undefined): ReadonlyMap<string, number> {
  const entries = new Map<string, number>();
  for (const name of readdirSync(dir)) {
    const number = read(`${dir}/${name}`);
    if (number !== undefined) entries.set(name, number);
  }
  return entries;
}

const shared = (content: Buffer, before: Inode | undefined): Buffer =>
  before?.kind === 'file' && before.content.equals(content) ? before.content : content;

/** Makes, in an empty directory, what the disk holds. Hard links and modes of files are kept; times and owners are not. */
export function materialise(disk: Disk, dir: string): void {
  const made = new Map<number, string>();
  const make = (number: number, path: string): void => {
    const inode = disk.inodes.get(number)!;
    if (inode.kind === 'directory') {
      for (const [name, child] of inode.entries) {
        const below = join(path, name);
        if (disk.inodes.get(child)!.kind === 'directory') mkdirSync(below);
        make(child, below);
      }
    } else if (made.has(number)) linkSync(made.get(number)!, path);
    else {
      made.set(number, path);
      if (inode.kind === 'link') symlinkSync(inode.target, path);
      else {
        writeFileSync(path, inode.content, { flag: 'wx' });
        chmodSync(path, inode.mode);
      }
    }
  };
  make(disk.root, dir);
}

/**
 * The same for two disks that no session can tell apart: the same paths with the same content, and the same of them hard links
 * to each other. Inode numbers, and inodes that no entry leads to, do not matter.
 */
export function diskKey(disk: Disk): string {
  const parts: string[] = [];
  const named = new Map<number, string>();
  const walk = (entries: ReadonlyMap<string, number>, below: string): void => {
    for (const name of [...entries.keys()].sort()) {
      const number = entries.get(name)!;
      const inode = disk.inodes.get(number)!;
      const path = `${below}/${name}`;
      // Neither names nor targets have a NUL in them, so that nothing else reads like this.
      if (inode.kind === 'directory') {
        parts.push(path, 'directory');
        walk(inode.entries, path);
      } else if (named.has(number)) parts.push(path, 'same', named.get(number)!);
      else {
        named.set(number, path);
        if (inode.kind === 'link') parts.push(path, 'link', inode.target);
        else parts.push(path, 'file', inode.mode.toString(8), digestOf(inode.content));
      }
    }
  };
  const root = disk.inodes.get(disk.root)!;
  if (root.kind === 'directory') walk(root.entries, '');
  return hash('sha256', parts.join('\0'));
}

const digests = new WeakMap<Buffer, string>();

function digestOf(content: Buffer): string {
  const known = digests.get(content) ?? hash('sha256', content);
  digests.set(content, known);
  return known;
}
