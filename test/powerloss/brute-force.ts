/**
 * The models once more, the slow way: everything that may be on the disk is tried, and what a model forbids is left out again.
 */

import { type Disk, diskKey, type Inode } from '../../harness/powerloss/disk.ts';
import { applied, begun, type Effect, type Write } from '../../harness/powerloss/effects.ts';
import { BLOCK } from '../../harness/powerloss/units.ts';

type Entry = Extract<Effect, { readonly kind: 'enter' | 'remove' | 'move' }>;

/** Something that is on the disk or not, or partly. */
interface Item {
  readonly effect: number;
  readonly change: Exclude<Effect, { readonly kind: 'sync' | 'acknowledged' }>;
  /** Of a part of a write: it makes the file longer. */
  readonly grows: boolean;
}

/** Of a write that makes the file longer, only the size may be there, or only the data. */
type Fate = 'lost' | 'size' | 'data' | 'there';

const isEntry = ({ kind }: Item['change']): boolean => kind === 'enter' || kind === 'remove' || kind === 'move';

export function bruteForce(
  initial: Disk,
  effects: readonly Effect[],
  isPossible: (items: readonly Item[], fates: readonly Fate[], effects: readonly Effect[], initial: Disk) => boolean,
): readonly string[] {
  const keys = new Set<string>();
  for (let after = 0; after <= effects.length; after++) {
    const issued = effects.slice(0, after);
    const acknowledged = issued.filter(({ kind }) => kind === 'acknowledged').length;
    const items = itemsOf(initial, issued);
    for (const fates of allFates(items)) {
      if (!isPossible(items, fates, issued, initial)) continue;
      const disk = diskWith(initial, effects, items, fates);
      if (disk) keys.add(`${acknowledged} ${diskKey(disk)}`);
    }
  }
  return [...keys].sort();
}

/** How many states are tried at the end. */
export const trials = (initial: Disk, effects: readonly Effect[]): number =>
  itemsOf(initial, effects).reduce((product, { grows }) => product * (grows ? 4 : 2), 1);

function itemsOf(initial: Disk, effects: readonly Effect[]): readonly Item[] {
  const items: Item[] = [];
  let disk = initial;
  effects.forEach((effect, index) => {
    if (effect.kind === 'write') {
      let size = sizeIn(disk, effect.file);
      for (const part of blocksOf(effect)) {
        const end = part.from + part.bytes.length;
        items.push({ effect: index, change: part, grows: end > size });
        size = Math.max(size, end);
      }
    } else if (effect.kind !== 'sync' && effect.kind !== 'acknowledged') {
      items.push({ effect: index, change: effect, grows: false });
    }
    disk = applied(disk, effect);
  });
  return items;
}

function sizeIn(disk: Disk, file: number): number {
  const inode = disk.inodes.get(file)!;
  return inode.kind === 'file' ? inode.content.length : 0;
}

function blocksOf(write: Write): readonly Write[] {
  const bytes = [...write.bytes].map((byte, index) => ({ byte, at: write.from + index }));
  const blocks = [...Map.groupBy(bytes, ({ at }) => Math.floor(at / BLOCK)).values()];
  return blocks.map((block) => ({ ...write, from: block[0]!.at, bytes: Buffer.from(block.map(({ byte }) => byte)) }));
}

function* allFates([item, ...items]: readonly Item[]): Generator<readonly Fate[]> {
  if (!item) return yield [];
  for (const rest of allFates(items)) {
    for (const fate of item.grows ? (['lost', 'size', 'data', 'there'] as const) : (['lost', 'there'] as const)) {
      yield [fate, ...rest];
    }
  }
}

/** Bytes that were written lie on the disk even beyond the end of a file, until that is made shorter. */
class Platter {
  readonly bytes = Buffer.alloc(9 * BLOCK); // two to begin with, and one by each of some writes
  size: number;

  constructor(content: Buffer) {
    content.copy(this.bytes);
    this.size = content.length;
  }

  resize(size: number): void {
    this.bytes.fill(0, size);
    this.size = size;
  }
}

/** @returns undefined if something was moved that was not where it was moved from. */
function diskWith(
  initial: Disk,
  effects: readonly Effect[],
  items: readonly Item[],
  fates: readonly Fate[],
): Disk | undefined {
  const inodes = new Map<number, Inode>(initial.inodes);
  for (const effect of effects)
    if (effect.kind === 'enter' && effect.begins) inodes.set(effect.file, begun(effect.begins));
  const platters = new Map<number, Platter>();
  for (const [number, inode] of inodes) if (inode.kind === 'file') platters.set(number, new Platter(inode.content));
  let disk: Disk = { root: initial.root, inodes };
  for (const [index, { change, grows }] of items.entries()) {
    const fate = fates[index]!;
    if (fate === 'lost') continue;
    if (change.kind === 'write') {
      const platter = platters.get(change.file)!;
      if (fate !== 'size') change.bytes.copy(platter.bytes, change.from);
      if (grows && fate !== 'data') platter.size = Math.max(platter.size, change.from + change.bytes.length);
    } else if (change.kind === 'resize') platters.get(change.file)!.resize(change.size);
    else {
      if (change.kind === 'move' && entryOf(disk, change) !== change.file) return undefined;
      disk = applied(disk, change);
    }
  }
  const written = new Map(disk.inodes);
  for (const [number, platter] of platters) {
    const inode = disk.inodes.get(number)!;
    if (inode.kind === 'file') written.set(number, { ...inode, content: platter.bytes.subarray(0, platter.size) });
  }
  return { ...disk, inodes: written };
}

function entryOf(disk: Disk, { from }: Extract<Entry, { readonly kind: 'move' }>): number | undefined {
  const directory = disk.inodes.get(from.directory)!;
  return directory.kind === 'directory' ? directory.entries.get(from.name) : undefined;
}

const changesFile = (change: Item['change'], file: number): boolean =>
  !isEntry(change) && 'file' in change && change.file === file;

const directoriesOf = (change: Item['change']): readonly number[] => {
  if (change.kind === 'move') return [change.from.directory, change.to.directory];
  return change.kind === 'enter' || change.kind === 'remove' ? [change.directory] : [];
};

/** Only what was synced is certain. */
export function posixAllows(items: readonly Item[], fates: readonly Fate[], effects: readonly Effect[]): boolean {
  return items.every(({ effect, change }, index) => {
    const synced = effects.slice(effect).filter((later) => later.kind === 'sync');
    const isDurable = isEntry(change)
      ? directoriesOf(change).every((directory) => synced.some(({ file }) => file === directory))
      : synced.some(({ file, dataOnly }) => changesFile(change, file) && !(dataOnly && change.kind === 'mode'));
    return !isDurable || fates[index] === 'there';
  });
}

/** By ext4, with each rule on its own. */
export function ext4Allows(
  items: readonly Item[],
  fates: readonly Fate[],
  effects: readonly Effect[],
  initial: Disk,
): boolean {
  const isFile = (number: number): boolean =>
    initial.inodes.get(number)?.kind === 'file' ||
    effects.some((effect) => effect.kind === 'enter' && effect.file === number && effect.begins?.kind === 'file');
  const blockOf = ({ change }: Item): number => (change.kind === 'write' ? Math.floor(change.from / BLOCK) : -1);
  const fileOf = ({ change }: Item): number => (change.kind === 'write' ? change.file : -1);
  /** Has a block been cut off between two effects? */
  const isCut = (file: number, block: number, from: number, to: number): boolean =>
    effects.some(
      (effect, index) =>
        index > from && index < to && effect.kind === 'resize' && effect.file === file && effect.size <= block * BLOCK,
    );
  const isSame = (a: Item, b: Item): boolean =>
    fileOf(a) === fileOf(b) && blockOf(a) === blockOf(b) && !isCut(fileOf(a), blockOf(a), a.effect, b.effect);
  const earlier = (item: Item): readonly Item[] => items.slice(0, items.indexOf(item));
  const isPlacedBy = (effect: Effect, file: number): boolean =>
    (effect.kind === 'sync' && effect.file === file) ||
    (effect.kind === 'move' && effect.file === file && effect.replaces !== undefined);
  /** Had the block of a write its place on the disk, when that was issued? */
  const isPlaced = (item: Item): boolean => {
    const file = fileOf(item);
    const wasThere = blockOf(item) * BLOCK < sizeOrNone(initial, file) && !isCut(file, blockOf(item), -1, item.effect);
    const written = earlier(item).filter((other) => isSame(other, item));
    return (
      wasThere ||
      written.some((other) => effects.slice(other.effect, item.effect).some((effect) => isPlacedBy(effect, file)))
    );
  };
  const isFresh = (item: Item): boolean => item.change.kind === 'write' && !isPlaced(item);
  const isMetadata = (item: Item): boolean => item.change.kind !== 'write' || (item.grows && isPlaced(item));
  const fate = (item: Item): Fate => fates[items.indexOf(item)]!;
  /** Of a write: its data. */
  const isThere = (item: Item): boolean => fate(item) === 'there' || fate(item) === 'data';
  /** Of a write: its size. */
  const isJournaled = (item: Item): boolean => fate(item) === 'there' || fate(item) === 'size';
  const metadata = items.filter(isMetadata);

  const inOrder = metadata.every(
    (item, index) => index === 0 || !isJournaled(item) || isJournaled(metadata[index - 1]!),
  );
  if (!inOrder) return false;

  /** Without what must have been there before it. */
  const lacks = (item: Item): boolean => {
    if (item.change.kind === 'move' && item.change.replaces !== undefined && isFile(item.change.file)) {
      const file = item.change.file;
      const fresh = earlier(item).filter(
        (other) =>
          fileOf(other) === file &&
          isFresh(other) &&
          !isCut(file, blockOf(other), other.effect, item.effect) &&
          !effects.slice(other.effect, item.effect).some((effect) => isPlacedBy(effect, file)),
      );
      return isThere(item) && fresh.some((other) => !isThere(other));
    }
    if (item.change.kind !== 'write') return false;
    if (isFresh(item) && (fate(item) === 'size' || fate(item) === 'data')) return true;
    if (!isThere(item)) return false;
    const inBlock = earlier(item).filter((other) => isSame(other, item));
    if (inBlock.some((other) => !isThere(other))) return true;
    if (!isFresh(item)) return false;
    const isNew = inBlock.length === 0;
    const before = metadata.filter((other) => items.indexOf(other) < items.indexOf(item));
    if ((isNew || item.grows) && before.some((other) => !isJournaled(other))) return true;
    const grown = earlier(item).filter(
      (other) =>
        fileOf(other) === fileOf(item) &&
        other.grows &&
        isFresh(other) &&
        !isCut(fileOf(other), blockOf(other), other.effect, item.effect),
    );
    return item.grows && grown.some((other) => !isThere(other));
  };
  if (items.some(lacks)) return false;

  return effects.every((effect, index) => {
    if (effect.kind !== 'sync') return true;
    const issued = items.filter((item) => item.effect < index);
    const data = issued.filter((item) => fileOf(item) === effect.file);
    if (data.some((item) => !isThere(item))) return false;
    const before = metadata.filter((item) => item.effect < index);
    if (!isFile(effect.file)) return before.every(isJournaled);
    const disks = effects.map((_, at) => effects.slice(0, at).reduce(applied, initial));
    const changes = issued.filter((item) => {
      const { change } = item;
      if (change.kind === 'write')
        return change.file === effect.file && (!effect.dataOnly || isFresh(item) || item.grows);
      if (change.kind === 'resize') return change.file === effect.file;
      if (change.kind === 'enter')
        return change.file === effect.file && (!effect.dataOnly || change.begins !== undefined);
      if (effect.dataOnly) return false;
      if (change.kind !== 'remove') return change.file === effect.file;
      const directory = disks[item.effect]!.inodes.get(change.directory)!;
      return directory.kind === 'directory' && directory.entries.get(change.name) === effect.file;
    });
    const last = changes.at(-1);
    return last === undefined || before.every((item) => items.indexOf(item) > items.indexOf(last) || isJournaled(item));
  });
}

function sizeOrNone(disk: Disk, file: number): number {
  return disk.inodes.has(file) ? sizeIn(disk, file) : 0;
}
