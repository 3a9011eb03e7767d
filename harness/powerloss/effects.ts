/** What calls do to a disk, one by one, in the order in which they were made. Plain data. */

import type { Disk, Inode } from './disk.ts';

/** An entry of a directory, whether it is there or not. */
export interface Place {
  /** Inode number. */
  readonly directory: number;
  readonly name: string;
}

/** How an inode begins: a file without content, a directory without entries. */
export type Begins =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string };

/** Bytes are put at `from`; zeros fill what lies between there and the end of a shorter file. `bytes` is never empty. */
export interface Write {
  readonly kind: 'write';
  readonly file: number;
  readonly from: number;
  readonly bytes: Buffer;
}

/** truncate(2), either way. */
export interface Resize {
  readonly kind: 'resize';
  readonly file: number;
  readonly size: number;
}

export interface Mode {
  readonly kind: 'mode';
  readonly file: number;
  readonly mode: number;
}

/** A name is given to a new inode (then `begins` says which) or one that has a name already. */
export interface Enter extends Place {
  readonly kind: 'enter';
  readonly file: number;
  readonly begins?: Begins;
}

export interface Remove extends Place {
  readonly kind: 'remove';
}

export interface Move {
  readonly kind: 'move';
  readonly file: number;
  readonly from: Place;
  readonly to: Place;
  /** The inode that had the new name before. */
  readonly replaces?: number;
}

/** fsync(2) of a file or directory has returned; `dataOnly`: fdatasync(2). */
export interface Sync {
  readonly kind: 'sync';
  readonly file: number;
  readonly dataOnly?: true;
}

/** A session has been told that what it asked for is done. */
export interface Acknowledged {
  readonly kind: 'acknowledged';
  readonly operation: string;
}

export type Effect = Write | Resize | Mode | Enter | Remove | Move | Sync | Acknowledged;

/**
 * The disk as the sessions see it after the effect; the one given stays as it is.
 *
 * @throws RangeError where there is no such file or directory.
 */
export function applied(disk: Disk, effect: Effect): Disk {
  switch (effect.kind) {
    case 'write': {
      const { content, mode } = fileIn(disk, effect.file);
      const now = Buffer.alloc(Math.max(content.length, effect.from + effect.bytes.length));
      content.copy(now);
      effect.bytes.copy(now, effect.from);
      return changed(disk, [effect.file, { kind: 'file', content: now, mode }]);
    }
    case 'resize': {
      const { content, mode } = fileIn(disk, effect.file);
      const now = Buffer.alloc(effect.size);
      content.copy(now);
      return changed(disk, [effect.file, { kind: 'file', content: now, mode }]);
    }
    case 'mode':
      return changed(disk, [effect.file, { ...fileIn(disk, effect.file), mode: effect.mode }]);
    case 'enter': {
      const made = effect.begins && !disk.inodes.has(effect.file) ? begun(effect.begins) : undefined;
      const entered = withEntry(disk, effect, effect.file);
      return made ? changed(entered, [effect.file, made]) : entered;
    }
    case 'remove':
      return withEntry(disk, effect, undefined);
    case 'move':
      return withEntry(withEntry(disk, effect.from, undefined), effect.to, effect.file);
    case 'sync':
    case 'acknowledged':
      return disk;
  }
}

export function begun(begins: Begins): Inode {
  if (begins.kind === 'directory') return { kind: 'directory', entries: new Map() };
  return begins.kind === 'file' ? { ...begins, content: Buffer.alloc(0) } : begins;
}

const changed = (disk: Disk, ...inodes: (readonly [number, Inode])[]): Disk => ({
  ...disk,
  inodes: new Map([...disk.inodes, ...inodes]),
});

export function fileIn(disk: Disk, number: number): Extract<Inode, { readonly kind: 'file' }> {
  const inode = disk.inodes.get(number);
  if (inode?.kind !== 'file') throw new RangeError(`inode ${number} is no file on this disk`);
  return inode;
}

export function entriesIn(disk: Disk, number: number): ReadonlyMap<string, number> {
  const inode = disk.inodes.get(number);
  if (inode?.kind !== 'directory') throw new RangeError(`inode ${number} is no directory on this disk`);
  return inode.entries;
}

function withEntry(disk: Disk, { directory, name }: Place, file: number | undefined): Disk {
  const entries = new Map(entriesIn(disk, directory));
  if (file === undefined) entries.delete(name);
  else entries.set(name, file);
  return changed(disk, [directory, { kind: 'directory', entries }]);
}
