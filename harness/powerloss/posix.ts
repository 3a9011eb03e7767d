import type { Disk } from './disk.ts';
import type { Effect, Place } from './effects.ts';
import { dataOf, partsOf, sizesOf, type Unit, Units } from './units.ts';

/**
 * What POSIX promises, which is almost nothing: that what was written to a file is on the disk once fsync or fdatasync of it has
 * returned, and a change of entries once fsync of their directory has (fsync(2): to sync a file is not to sync its entry). All
 * else may have reached the disk or not, in any order: of an append the size without the data too, so that zeros are read.
 *
 * Two things are taken for granted that POSIX leaves open. A block is written as a whole or not at all. And so is one change of
 * a directory, a rename too; that is so on the journaling file systems that Pillai et al. tried ("All File Systems Are Not
 * Created Equal", OSDI 2014), but not on ext2, and on btrfs only for a rename that replaces a file (Bornholt et al., "Specifying
 * and Checking File System Crash-Consistency Models", ASPLOS 2016). A rename from one directory to another takes the fsync of
 * both to be durable.
 */
export function posix(initial: Disk, effects: readonly Effect[]): readonly Unit[] {
  const units = new Units();
  const sizes = sizesOf(initial); // as the sessions see them
  const resized = new Set(effects.map((effect) => (effect.kind === 'resize' ? effect.file : undefined)));
  /** Units that change a file, and those of them that fdatasync need not care for. */
  const ofFile = new Map<number, number[]>();
  const modes = new Set<number>();
  /** Units that change entries, with the directories that were not synced since. */
  const ofEntries = new Map<number, Set<number>>();
  /** The unit by which an entry is where it is. */
  const put = new Map<string, number>();

  effects.forEach((effect, index) => {
    const fileUnit = (file: number, unit: number): number => {
      const of = ofFile.get(file) ?? [];
      of.push(unit);
      ofFile.set(file, of);
      return unit;
    };
    const entryUnit = (unit: number, ...directories: readonly number[]): number => {
      ofEntries.set(unit, new Set(directories));
      return unit;
    };
    switch (effect.kind) {
      case 'write':
        for (const part of partsOf(effect)) {
          const { file, from, to } = part;
          const size = sizes.get(file) ?? 0;
          const grow = to > size ? fileUnit(file, units.add(index, { kind: 'grow', file, size: to })) : undefined;
          // Of data that are appended nothing is seen without the size, if sizes only grow: no need to try them without.
          const isHidden = from >= size && !resized.has(file);
          fileUnit(file, units.add(index, dataOf(part, false), isHidden ? [grow] : []));
          sizes.set(file, Math.max(size, to));
        }
        break;
      case 'resize':
        fileUnit(effect.file, units.add(index, effect));
        sizes.set(effect.file, effect.size);
        break;
      case 'mode':
        modes.add(fileUnit(effect.file, units.add(index, effect)));
        break;
      case 'enter':
        put.set(key(effect), entryUnit(units.add(index, effect), effect.directory));
        break;
      case 'remove':
        put.delete(key(effect));
        entryUnit(units.add(index, effect), effect.directory);
        break;
      case 'move': {
        // What is moved had come to where it was moved from: otherwise, a directory could end up in two places.
        const unit = units.add(index, effect, [put.get(key(effect.from))]);
        put.delete(key(effect.from));
        put.set(key(effect.to), entryUnit(unit, effect.from.directory, effect.to.directory));
        break;
      }
      case 'sync': {
        const content = (ofFile.get(effect.file) ?? []).filter((unit) => !effect.dataOnly || !modes.has(unit));
        units.sync(content, index + 1);
        for (const [unit, directories] of ofEntries) {
          directories.delete(effect.file);
          if (directories.size > 0) continue;
          units.sync([unit], index + 1);
          ofEntries.delete(unit);
        }
        break;
      }
    }
  });
  return units.all;
}

const key = ({ directory, name }: Place): string => `${directory}/${name}`;
