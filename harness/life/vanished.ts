/**
 * An update that vanished: the newest version says nothing of what the one before it had added, holds all that was there
 * earlier, and something new. So whoever wrote it had read the earlier version.
 *
 * To delete something on purpose looks otherwise: nothing new comes with it, or what is kept shows that the newer version was read.
 */

import type { Item, Version } from './version.ts';

export interface Vanished {
  /** Had read `base`, and did not know of `between`. */
  readonly base: Version;
  readonly between: Version;
  readonly lost: readonly Item[];
  readonly gained: readonly Item[];
}

/** How a file has behaved so far. */
export interface Habit {
  /** How often something was added to each container. */
  readonly grown: ReadonlyMap<string, number>;
  /** Containers from which something was taken and nothing came in its place: what vanishes there is taken out on purpose. */
  readonly shrinks: ReadonlySet<string>;
}

export const noHabit: Habit = { grown: new Map(), shrinks: new Set() };

/** What is lost within this time was written over by somebody who had read before: ms. */
const SOON_MS = 10_000;

/** A container that has only ever grown, so often, is one that nobody takes anything from. */
const GROWN_OFTEN = 5;

/** Keys of an object come and go with what it is about, unless others have come to stay. */
const GROWN_KEYS = 2;

/** @param earlier whole versions, oldest first. */
export function vanishedIn(earlier: readonly Version[], next: Version, habit: Habit): Vanished | undefined {
  const before = earlier.at(-1);
  if (before === undefined) return undefined;
  const lost = missingFrom(next, before);
  if (lost.length === 0 || lost.some(({ container }) => habit.shrinks.has(container))) return undefined;
  // What is in something that vanished vanished with it; and it may only have moved.
  const whole = outermost(lost);
  if (whole.some(({ needle }) => next.text.includes(needle))) return undefined;
  const base = earlier.slice(0, -1).findLast((version) => knewOnly(version, before, next, lost));
  if (base === undefined) return undefined;
  const gained = outermost(missingFrom(base, next));
  const places = new Set(gained.map(({ container }) => container));
  if (!whole.every((item) => places.has(item.container))) return undefined;
  if (!whole.every((item) => isKept(item, base, habit, next.atMs - before.atMs))) return undefined;
  return { base, between: before, lost: whole, gained };
}

/** Does `next` follow from `base` alone, all of which it keeps, and from nothing that came after it? */
function knewOnly(base: Version, before: Version, next: Version, lost: readonly Item[]): boolean {
  const since = missingFrom(base, before);
  return (
    since.length === lost.length &&
    lost.every((item) => since.includes(item)) &&
    missingFrom(next, base).length === 0 &&
    // What is replaced as a whole, as by a rotation, holds nothing of what was there.
    outermost(lost).every(({ container, kind }) => {
      const kept = [...base.items.values()].filter((item) => item.container === container).length;
      return kind === 'line' ? kept >= lost.length : kept > 0;
    })
  );
}

/** Those of `other` that `version` does not have. */
const missingFrom = (version: Version, other: Version): readonly Item[] =>
  [...other.items].filter(([name]) => !version.items.has(name)).map(([, item]) => item);

function outermost(items: readonly Item[]): readonly Item[] {
  const gone = new Set(items.flatMap(({ keys, key }) => (key === undefined ? [] : [[...keys, key].join('\u0000')])));
  return items.filter(({ keys }) => !keys.some((_, at) => gone.has(keys.slice(0, at + 1).join('\u0000'))));
}

function isKept({ container, kind }: Item, base: Version, habit: Habit, afterMs: number): boolean {
  const grown = habit.grown.get(container) ?? 0;
  const siblings = [...base.items.values()].filter((item) => item.container === container).length;
  if (grown >= GROWN_OFTEN) return true;
  return afterMs <= SOON_MS && (kind !== 'key' || (grown >= GROWN_KEYS && siblings >= GROWN_KEYS));
}

/** What the step from one version to the next shows. */
export function habitAfter(habit: Habit, before: Version, next: Version): Habit {
  const gained = new Set(missingFrom(before, next).map(({ container }) => container));
  const lost = new Set(missingFrom(next, before).map(({ container }) => container));
  if (gained.size === 0 && lost.size === 0) return habit;
  const grown = new Map(habit.grown);
  for (const container of gained) if (!lost.has(container)) grown.set(container, (grown.get(container) ?? 0) + 1);
  const shrinks = [...lost].filter((container) => !gained.has(container));
  return { grown, shrinks: new Set([...habit.shrinks, ...shrinks]) };
}
