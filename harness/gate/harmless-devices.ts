import type { Stats } from 'node:fs';

/** A device that keeps nothing from one process to another. By its number: anybody may give it any name. */
export function isHarmless(found: Stats): boolean {
  if (!found.isCharacterDevice()) return false;
  const minors = HARMLESS.get(majorOf(found));
  return minors !== undefined && (minors.length === 0 || minors.includes(minorOf(found)));
}

/** As makedev(3) has them. */
const majorOf = ({ rdev }: Stats): number => (rdev >> 8) & 0xfff;
const minorOf = ({ rdev }: Stats): number => (rdev & 0xff) | ((rdev >> 12) & 0xfff00);

/**
 * Which minor numbers of which major ones; none: all. Linux admin-guide/devices.txt: null, zero, full, random and urandom of the
 * memory devices; tty, console and ptmx; terminals of pts(4).
 */
const HARMLESS: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  [1, [3, 5, 7, 8, 9]],
  [5, [0, 1, 2]],
  ...Array.from({ length: 8 }, (_, at) => [136 + at, []] as [number, readonly number[]]),
]);
