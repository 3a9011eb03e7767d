import type { Disk, Inode } from './disk.ts';
import { begun, type Effect, entriesIn, fileIn } from './effects.ts';
import type { Survivors } from './survivors.ts';
import type { Change, Unit } from './units.ts';

/** So many bytes of contents are kept for the next state that has the same: most have. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** @returns the disk on which of these units, and of no others, something is left. */
export function rebuilding(
  initial: Disk,
  effects: readonly Effect[],
  units: readonly Unit[],
): (survivors: Survivors) => Disk {
  const inodes = withBegun(initial, effects);
  const entryUnits: number[] = [];
  const fileUnits = new Map<number, number[]>();
  units.forEach(({ change }, index) => {
    if (change.kind === 'enter' || change.kind === 'remove' || change.kind === 'move') entryUnits.push(index);
    else {
      const of = fileUnits.get(change.file) ?? [];
      of.push(index);
      fileUnits.set(change.file, of);
    }
  });
  const kept = new Map<string, Inode>();
  let keptBytes = 0;

  const fileOf = (file: number, left: readonly number[]): Inode => {
    const key = `${file}:${left.join()}`;
    const known = kept.get(key);
    if (known) return known;
    const made = changedFile(
      fileIn({ root: initial.root, inodes }, file),
      left.map((unit) => units[unit]!.change),
    );
    keptBytes += made.content.length;
    if (keptBytes > KEPT_BYTES) {
      kept.clear();
      keptBytes = made.content.length;
    }
    kept.set(key, made);
    return made;
  };

  return (survivors) => {
    const now = new Map(inodes);
    for (const [file, of] of fileUnits) {
      const left = of.filter((unit) => survivors[unit] === 1);
      if (left.length > 0) now.set(file, fileOf(file, left));
    }
    const directories = new Map<number, Map<string, number>>();
    const entriesOf = (directory: number): Map<string, number> => {
      const known = directories.get(directory) ?? new Map(entriesIn({ root: initial.root, inodes }, directory));
      directories.set(directory, known);
      return known;
    };
    for (const unit of entryUnits) if (survivors[unit] === 1) changeEntries(entriesOf, units[unit]!.change);
    for (const [directory, entries] of directories) now.set(directory, { kind: 'directory', entries });
    return { root: initial.root, inodes: now };
  };
}

/** An entry may lead to a new inode of which nothing else is on the disk. */
function withBegun(initial: Disk, effects: readonly Effect[]): ReadonlyMap<number, Inode> {
  const inodes = new Map(initial.inodes);
  for (const effect of effects) {
    if (effect.kind !== 'enter' || !effect.begins || inodes.has(effect.file)) continue;
    inodes.set(effect.file, begun(effect.begins));
  }
  return inodes;
}

function changeEntries(entriesOf: (directory: number) => Map<string, number>, change: Change): void {
  if (change.kind === 'enter') entriesOf(change.directory).set(change.name, change.file);
  else if (change.kind === 'remove') entriesOf(change.directory).delete(change.name);
  else if (change.kind === 'move') {
    entriesOf(change.from.directory).delete(change.from.name);
    entriesOf(change.to.directory).set(change.to.name, change.file);
  }
}

type FileInode = Extract<Inode, { readonly kind: 'file' }>;

/** All changes in one buffer: one after another, each with a copy of its own, they would take most of the time. */
function changedFile(begun: FileInode, changes: readonly Change[]): FileInode {
  const content = Buffer.alloc(Math.max(begun.content.length, ...changes.map(endOf)));
  begun.content.copy(content);
  let size = begun.content.length;
  let mode = begun.mode;
  for (const change of changes) {
    if (change.kind === 'data') change.bytes.copy(content, change.from);
    if (change.kind === 'grow' || (change.kind === 'data' && change.grows)) size = Math.max(size, endOf(change));
    else if (change.kind === 'mode') mode = change.mode;
    else if (change.kind === 'resize') {
      content.fill(0, change.size);
      size = change.size;
    }
  }
  return { kind: 'file', content: content.subarray(0, size), mode };
}

function endOf(change: Change): number {
  if (change.kind === 'data') return change.from + change.bytes.length;
  return change.kind === 'resize' || change.kind === 'grow' ? change.size : 0;
}
