import type { Disk } from './disk.ts';
import type { Effect, Enter, Mode, Move, Remove, Resize, Write } from './effects.ts';

/**
 * Bytes that reach a disk together or not at all. It is the page of the page cache and the block of ext4; that a power loss does
 * not tear it is more than a disk with sectors of 512 bytes promises, but what is torn within a block is seldom noticed as such.
 */
export const BLOCK = 4096;

/** Bytes within one block of a file. What lies beyond its end is on the disk, but not seen unless the file grows. */
export interface Data {
  readonly kind: 'data';
  readonly file: number;
  readonly from: number;
  readonly bytes: Buffer;
  /** The file is as long as that, too. */
  readonly grows: boolean;
}

/** A file is at least this long: what an append does to the inode, as opposed to its blocks. */
export interface Grow {
  readonly kind: 'grow';
  readonly file: number;
  readonly size: number;
}

/** What a unit does. */
export type Change = Data | Grow | Resize | Mode | Enter | Remove | Move;

/** What reaches the disk as a whole or not at all, for all that a model knows. */
export interface Unit {
  /** Index of the effect that it is a part of. */
  readonly effect: number;
  readonly change: Change;
  /** Indexes of earlier units, without which it is not on the disk. */
  readonly requires: readonly number[];
  /** It is on the disk for certain once so many effects were issued; infinite where no sync saw to it. */
  readonly durableFrom: number;
}

/** A model: into which units effects fall, in the order of the effects. */
export type Divide = (initial: Disk, effects: readonly Effect[]) => readonly Unit[];

/** Units, as a model finds them. */
export class Units {
  readonly all: { -readonly [K in keyof Unit]: Unit[K] }[] = [];

  /** @returns its index. */
  add(effect: number, change: Change, requires: readonly (number | undefined)[] = []): number {
    const needed = new Set(requires.filter((unit) => unit !== undefined));
    this.all.push({ effect, change, requires: [...needed], durableFrom: Number.POSITIVE_INFINITY });
    return this.all.length - 1;
  }

  /** A sync brings these to the disk, and what they require. @param issued number of effects up to and with the sync. */
  sync(units: Iterable<number>, issued: number): void {
    const left = [...units];
    for (let unit = left.pop(); unit !== undefined; unit = left.pop()) {
      if (this.all[unit]!.durableFrom <= issued) continue;
      this.all[unit]!.durableFrom = issued;
      left.push(...this.all[unit]!.requires);
    }
  }
}

/** A part of a write that lies in one block. */
export interface Part {
  readonly block: number;
  readonly file: number;
  /** Where in the file it begins and ends. */
  readonly from: number;
  readonly to: number;
  readonly bytes: Buffer;
}

export function partsOf({ file, from, bytes }: Write): readonly Part[] {
  const end = from + bytes.length;
  const parts: Part[] = [];
  for (let at = from; at < end; ) {
    const block = Math.floor(at / BLOCK);
    const to = Math.min(end, (block + 1) * BLOCK);
    parts.push({ block, file, from: at, to, bytes: bytes.subarray(at - from, to - from) });
    at = to;
  }
  return parts;
}

export const dataOf = ({ file, from, bytes }: Part, grows: boolean): Data => ({
  kind: 'data',
  file,
  from,
  bytes,
  grows,
});

/** How long the files of a disk are. */
export function sizesOf({ inodes }: Disk): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const [file, inode] of inodes) if (inode.kind === 'file') sizes.set(file, inode.content.length);
  return sizes;
}
