import type { Disk } from './disk.ts';
import {
  applied,
  type Effect,
  type Enter,
  entriesIn,
  type Move,
  type Remove,
  type Resize,
  type Sync,
  type Write,
} from './effects.ts';
import { BLOCK, type Change, dataOf, type Part, partsOf, sizesOf, type Unit, Units } from './units.ts';

/**
 * ext4 as it is mounted if nobody says otherwise: data=ordered, delalloc, auto_da_alloc
 * (Documentation/admin-guide/ext4.rst of Linux).
 *
 * Entries, sizes and modes are metadata: they reach the journal in the order in which they were changed, so that of them a
 * prefix survives. Not so data. A block that is new gets its place on the disk only when it is written back, and the size that
 * comes with it is journaled then; so it may be missing though later metadata are there, new blocks of one file arrive from
 * front to back, and there are none without the metadata that came before. A block that has its place (the file was there in the
 * beginning, or was synced) is written back whenever the kernel sees fit. If an append ends in such a block, the size is
 * journaled at once, and after a power loss zeros may stand where the data should: known to the maintainers and left so ("ext4:
 * defer updating i_disksize until endio", linux-ext4, March 2023). What a block holds on the disk, it held at some time in
 * memory: no write to it is there without the earlier ones.
 *
 * A rename that replaces a file has the new blocks of the renamed one written first (ext4_rename). That closing a file that was
 * truncated does so too is not made use of, since nobody sees it here.
 *
 * fsync of a file waits for its data and for the transaction in which the file was changed last (ext4_fsync_journal). That holds
 * all earlier metadata, but maybe not those between the change and the fsync, because a transaction may end at any time.
 * fdatasync does not look at changes of names, modes and times. fsync of a directory commits whatever there is.
 *
 * Two things that ext4 does are left out, as rare. Write-back may happen by itself between two appends to a new block, so that
 * the second is to a block that has its place. And since 5.6 (dioread_nolock), sizes may be journaled in the moment in which new
 * blocks are still on their way to the disk, even at a rename: then, too, zeros are read ("ext4: ensure data forced to disk when
 * rename", linux-ext4, September 2022: the maintainers promise less than the documentation).
 */
export function ext4(initial: Disk, effects: readonly Effect[]): readonly Unit[] {
  const journal = new Journal(initial);
  let disk = initial; // as the sessions see it
  effects.forEach((effect, index) => {
    journal.issue(effect, index, disk);
    disk = applied(disk, effect);
  });
  return journal.units.all;
}

interface FileState {
  /** Blocks that have their place on the disk, and those that are new. */
  readonly placed: Set<number>;
  readonly fresh: Set<number>;
  /** The last unit that wrote to a block. */
  readonly last: Map<number, number>;
  /** The last unit by which a new block made the file longer. */
  grown: number | undefined;
  readonly data: number[];
  /** How much of the journal fsync waits for, and fdatasync: up to this metadata unit. */
  changed: number | undefined;
  dataChanged: number | undefined;
}

class Journal {
  readonly units = new Units();
  readonly #initially: ReadonlyMap<number, number>;
  /** As the sessions see them. */
  readonly #sizes: Map<number, number>;
  readonly #files = new Map<number, FileState>();
  /** The last metadata unit: it requires the one before, and so on. */
  #last: number | undefined;

  constructor(initial: Disk) {
    this.#initially = sizesOf(initial);
    this.#sizes = new Map(this.#initially);
  }

  /** @param disk as it is before the effect. */
  issue(effect: Effect, index: number, disk: Disk): void {
    switch (effect.kind) {
      case 'write':
        this.#write(effect, index);
        break;
      case 'resize':
        this.#resize(effect, index);
        break;
      case 'mode':
        this.#file(effect.file).changed = this.#metadata(index, effect);
        break;
      case 'enter':
        this.#enter(effect, index);
        break;
      case 'remove':
        this.#remove(effect, index, disk);
        break;
      case 'move':
        this.#move(effect, index);
        break;
      case 'sync':
        this.#sync(effect, index + 1, disk);
        break;
    }
  }

  #file(number: number): FileState {
    const known = this.#files.get(number);
    if (known) return known;
    // A file that was there may have holes; nothing tells, and few have.
    const blocks = Math.ceil((this.#initially.get(number) ?? 0) / BLOCK);
    const file: FileState = {
      placed: new Set(Array.from({ length: blocks }, (_, block) => block)),
      fresh: new Set(),
      last: new Map(),
      grown: undefined,
      data: [],
      changed: undefined,
      dataChanged: undefined,
    };
    this.#files.set(number, file);
    return file;
  }

  #metadata(index: number, change: Change, ...requires: readonly number[]): number {
    this.#last = this.units.add(index, change, [this.#last, ...requires]);
    return this.#last;
  }

  #write(effect: Write, index: number): void {
    const file = this.#file(effect.file);
    for (const part of partsOf(effect)) {
      const size = this.#sizes.get(effect.file) ?? 0;
      const unit = file.placed.has(part.block)
        ? this.#overwrite(file, part, size, index)
        : this.#allocate(file, part, part.to > size, index);
      this.#sizes.set(effect.file, Math.max(size, part.to));
      file.last.set(part.block, unit);
      file.data.push(unit);
    }
    file.changed = this.#last; // its mtime
  }

  #overwrite(file: FileState, part: Part, size: number, index: number): number {
    if (part.to > size) file.dataChanged = this.#metadata(index, { kind: 'grow', file: part.file, size: part.to });
    return this.units.add(index, dataOf(part, false), [file.last.get(part.block)]);
  }

  #allocate(file: FileState, part: Part, grows: boolean, index: number): number {
    const isNew = !file.fresh.has(part.block);
    const unit = this.units.add(index, dataOf(part, grows), [
      file.last.get(part.block),
      grows ? file.grown : undefined,
      grows || isNew ? this.#last : undefined,
    ]);
    if (grows) file.grown = unit;
    file.fresh.add(part.block);
    file.dataChanged = this.#last;
    return unit;
  }

  #resize(effect: Resize, index: number): void {
    const file = this.#file(effect.file);
    const unit = this.#metadata(index, effect);
    this.#sizes.set(effect.file, effect.size);
    file.changed = unit;
    file.dataChanged = unit;
    const blocks = Math.ceil(effect.size / BLOCK);
    for (const held of [file.placed, file.fresh, file.last]) {
      for (const block of held.keys()) if (block >= blocks) held.delete(block);
    }
  }

  #enter(effect: Enter, index: number): void {
    const file = this.#file(effect.file);
    file.changed = this.#metadata(index, effect);
    if (effect.begins) file.dataChanged = file.changed;
  }

  #remove(effect: Remove, index: number, disk: Disk): void {
    const unit = this.#metadata(index, effect);
    const removed = entriesIn(disk, effect.directory).get(effect.name);
    if (removed !== undefined) this.#file(removed).changed = unit;
  }

  #move(effect: Move, index: number): void {
    const file = this.#file(effect.file);
    const fresh = effect.replaces === undefined ? [] : [...file.fresh];
    file.changed = this.#metadata(index, effect, ...fresh.map((block) => file.last.get(block)!));
    place(file, fresh);
  }

  #sync({ file: number, dataOnly }: Sync, issued: number, disk: Disk): void {
    const file = this.#file(number);
    const isDirectory = disk.inodes.get(number)?.kind === 'directory';
    const upTo = isDirectory ? this.#last : dataOnly ? file.dataChanged : file.changed;
    this.units.sync(upTo === undefined ? file.data : [...file.data, upTo], issued);
    place(file, [...file.fresh]);
  }
}

/** New blocks of the file get their place on the disk. */
function place(file: FileState, blocks: readonly number[]): void {
  for (const block of blocks) {
    file.fresh.delete(block);
    file.placed.add(block);
  }
}
