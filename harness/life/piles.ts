/** Backups and leftovers that nobody removes. */

import { limits } from '../limits.ts';
import type { Sighting } from './sighting.ts';

/** What follows the name of the file that they are of. */
const AFTER =
  /^(.+?)(~|[._-](bak|backup|old|orig|save|saved|copy|rej|corrupt|corrupted|broken|tmp|temp|partial)([._-]?[\w:-]*)*|\.~\d+~)$/i;

export interface Pile {
  readonly of: string;
  readonly present: ReadonlySet<string>;
  readonly atFirst: number;
  readonly removed: number;
  readonly told: boolean;
}

export type Piles = ReadonlyMap<string, Pile>;

/** The file that a backup is of; undefined where it is none. */
export function backupOf(path: string): string | undefined {
  const slash = path.lastIndexOf('/') + 1;
  const match = AFTER.exec(path.slice(slash));
  return match === null ? undefined : path.slice(0, slash) + match[1];
}

/** @param watching false while what is there from the start is counted. */
export function withFile(piles: Piles, path: string, watching: boolean): Piles {
  const of = backupOf(path);
  if (of === undefined) return piles;
  const pile = piles.get(of) ?? { of, present: new Set(), atFirst: 0, removed: 0, told: false };
  if (pile.present.has(path)) return piles;
  const present = new Set([...pile.present, path]);
  return new Map([...piles, [of, { ...pile, present, atFirst: watching ? pile.atFirst : present.size }]]);
}

export function withoutFile(piles: Piles, path: string): Piles {
  const of = backupOf(path);
  const pile = of === undefined ? undefined : piles.get(of);
  if (pile === undefined || !pile.present.has(path)) return piles;
  const present = new Set([...pile.present].filter((each) => each !== path));
  return new Map([...piles, [pile.of, { ...pile, present, removed: pile.removed + 1 }]]);
}

/** Those that have grown, and of which nobody removes any: each once. */
export function grownPiles(piles: Piles, atMs: number): { readonly piles: Piles; readonly found: readonly Sighting[] } {
  const grown = [...piles.values()].filter(
    ({ told, present, atFirst, removed }) =>
      !told && removed === 0 && present.size > limits.pileFiles && present.size - atFirst >= limits.pileGrowth,
  );
  if (grown.length === 0) return { piles, found: [] };
  return {
    piles: new Map([...piles, ...grown.map((pile) => [pile.of, { ...pile, told: true }] as const)]),
    found: grown.map((pile) => pileSighting(pile, atMs)),
  };
}

function pileSighting({ of, present, atFirst }: Pile, atMs: number): Sighting {
  const newest = [...present].at(-1)!;
  const saysCorrupt = /corrupt|broken/i.test(newest.slice(of.length));
  const isLeftOver = /tmp|temp|partial/i.test(newest.slice(of.length));
  const reason = saysCorrupt
    ? 'somebody finds it unreadable, again and again'
    : isLeftOver
      ? 'writers end before they rename what they have written'
      : 'nobody removes the old ones';
  return {
    kind: 'pile',
    path: of,
    atMs,
    ...(saysCorrupt ? { class: 'TORN_STATE' as const } : {}),
    sureness: saysCorrupt ? 'likely' : 'certain',
    what: `${present.size} files like ${newest} lie beside it, ${present.size - atFirst} more than at first: ${reason}`,
    ...(saysCorrupt ? { unless: 'it was damaged once, and is not written anew' } : {}),
    versions: [],
  };
}
