import type { Disk } from './disk.ts';
import type { Effect, Place } from './effects.ts';
import type { Survivors } from './survivors.ts';
import type { Unit } from './units.ts';

/** So many of the lost effects are named; of the others, only the number. */
const NAMED_MAX = 3;

/** @returns one line for people: what had reached the disk when the power went after so many effects, and what had not. */
export function describing(
  initial: Disk,
  effects: readonly Effect[],
  units: readonly Unit[],
): (survivors: Survivors, after: number, lost: readonly number[]) => string {
  const names = namesOf(initial, effects);
  return (survivors, after, lost) => {
    if (after === 0) return 'power lost before the first effect';
    const when = `power lost after effect ${after}`;
    if (lost.length === 0) return `${when}: all of it had reached the disk`;
    const named = lost.slice(0, NAMED_MAX).map((effect) => lostPart(names[effect]!, effect, units, survivors));
    const more = lost.length - named.length;
    const list = listed(more > 0 ? [...named, `${more} more`] : named);
    const later = units.find(
      ({ effect }, unit) => effect > lost[0]! && !lost.includes(effect) && survivors[unit] === 1,
    );
    return `${when}: ${list} had not reached the disk${later ? `; ${names[later.effect]} had` : ''}`;
  };
}

const listed = (all: readonly string[]): string =>
  all.length === 1 ? all[0]! : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;

/** Of a write, some blocks may be lost, or the data but not the size. */
function lostPart(name: string, index: number, units: readonly Unit[], survivors: Survivors): string {
  let lost = 0;
  let bytes = 0;
  let sizeIsThere = false;
  units.forEach(({ effect, change }, unit) => {
    if (effect !== index) return;
    if (change.kind === 'grow' && survivors[unit] === 1) sizeIsThere = true;
    if (change.kind !== 'data') return;
    bytes += change.bytes.length;
    if (survivors[unit] === 0) lost += change.bytes.length;
  });
  if (lost < bytes) return `${lost} of ${name}`;
  return sizeIsThere ? `${name} (zeros instead)` : name;
}

/** What each effect is called, with the paths that inodes had at that time. */
function namesOf(initial: Disk, effects: readonly Effect[]): readonly string[] {
  const places = new Map<number, Place>();
  const files = new Map<string, number>();
  const put = (place: Place, file: number): void => {
    places.set(file, place);
    files.set(`${place.directory}/${place.name}`, file);
  };
  for (const [directory, inode] of initial.inodes) {
    if (inode.kind === 'directory') for (const [name, file] of inode.entries) put({ directory, name }, file);
  }
  const pathOf = (file: number): string => {
    const place = places.get(file);
    return place ? pathAt(place) : 'a file without a name';
  };
  const pathAt = ({ directory, name }: Place): string =>
    directory === initial.root ? name : `${pathOf(directory)}/${name}`;
  return effects.map((effect) => {
    if (effect.kind === 'enter') put(effect, effect.file);
    const name = nameOf(effect, pathOf, pathAt);
    if (effect.kind === 'move') put(effect.to, effect.file);
    return name;
  });
}

function nameOf(effect: Effect, pathOf: (file: number) => string, pathAt: (place: Place) => string): string {
  switch (effect.kind) {
    case 'write':
      return `${effect.bytes.length} bytes of ${pathOf(effect.file)}${effect.from === 0 ? '' : ` at ${effect.from}`}`;
    case 'resize':
      return `the size of ${pathOf(effect.file)} (${effect.size} bytes)`;
    case 'mode':
      return `the mode of ${pathOf(effect.file)} (${effect.mode.toString(8)})`;
    case 'enter':
      return `the ${effect.begins?.kind === 'directory' ? 'directory' : 'entry'} ${pathAt(effect)}`;
    case 'remove':
      return `the removal of ${pathAt(effect)}`;
    case 'move':
      return `the renaming of ${pathAt(effect.from)} to ${pathAt(effect.to)}`;
    case 'sync':
      return `the sync of ${pathOf(effect.file)}`;
    case 'acknowledged':
      return effect.operation;
  }
}
