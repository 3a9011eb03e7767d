import type { PowerModel } from '../faults/plan.ts';
import { type Disk, diskKey } from './disk.ts';
import type { Effect } from './effects.ts';
import { ext4 } from './ext4.ts';
import { posix } from './posix.ts';
import { rebuilding } from './rebuild.ts';
import { everySet, type Moment, rounds, type Survivors } from './survivors.ts';
import type { Divide, Unit } from './units.ts';
import { describing } from './words.ts';

/** What is promised of the disk. */
export const models: Readonly<Record<PowerModel, Divide>> = { posix, ext4 };

/** A state of the disk that a power loss may leave. */
export interface CrashState {
  /** How many effects had been issued when the power went. */
  readonly after: number;
  /** Made whenever it is asked for: many states in memory at once are too large. */
  readonly disk: Disk;
  /** Operations that had been acknowledged. */
  readonly acknowledged: readonly string[];
  /** Indexes of effects that had been issued but are not on the disk, or not all of them. */
  readonly lost: readonly number[];
  /** One line for people. */
  readonly words: string;
}

export interface CrashStates {
  /** No two with the same disk and the same operations acknowledged. Those with the fewest effects lost come first. */
  readonly states: readonly CrashState[];
  /** There are no others. */
  readonly exhaustive: boolean;
}

/**
 * The states that a power loss may leave, at any time during these effects.
 *
 * Of several ways to come to one state, that with the fewest effects lost, and of these the earliest. That a write was not
 * finished needs no case of its own: it is the same as if a part of it had been lost. Nor does a loss before anything else
 * happened than effects: what can be lost at a time can be lost later, until a sync or an acknowledgement.
 *
 * @param initial what is on the disk for certain.
 * @param limit most states.
 * @throws RangeError where an effect is on an inode that there is not.
 */
export function crashStates(initial: Disk, effects: readonly Effect[], model: PowerModel, limit = 4000): CrashStates {
  const units = models[model](initial, effects);
  const rebuild = rebuilding(initial, effects, units);
  const describe = describing(initial, effects, units);
  const found = new Map<string, Found>();
  const seen = new Set<string>();

  /** @returns false if there are too many. */
  const add = (survivors: Survivors, moment: Last): boolean => {
    const set = `${moment.acknowledged.length}:${Buffer.from(survivors).toString('latin1')}`;
    if (seen.has(set)) return true;
    seen.add(set);
    const state = {
      ...earliest(units, survivors, moment.acknowledgedBy),
      acknowledged: moment.acknowledged,
      survivors,
    };
    const key = `${moment.acknowledged.length}:${diskKey(rebuild(survivors))}`;
    const known = found.get(key);
    if (!known && found.size >= limit) return false;
    if (!known || compare(state, known) < 0) found.set(key, state);
    return true;
  };

  const exhaustive = enumerate(units, momentsOf(units, effects), add);
  const states = [...found.values()].sort(compare).map(({ after, lost, acknowledged, survivors }) => ({
    after,
    lost,
    acknowledged,
    get disk() {
      return rebuild(survivors);
    },
    get words() {
      return describe(survivors, after, lost);
    },
  }));
  return { states, exhaustive };
}

interface Found extends Pick<CrashState, 'after' | 'acknowledged' | 'lost'> {
  readonly survivors: Survivors;
}

/** Survivors have the last word only so that the order is always the same. */
const compare = (a: Found, b: Found): number =>
  a.lost.length - b.lost.length || a.after - b.after || Buffer.compare(a.survivors, b.survivors);

/** The last moment before a sync, an acknowledgement or the end: until then, more and more can be lost. */
interface Last extends Moment {
  readonly acknowledged: readonly string[];
  /** How many effects had been issued when the last of these operations was acknowledged. */
  readonly acknowledgedBy: number;
}

function momentsOf(units: readonly Unit[], effects: readonly Effect[]): readonly Last[] {
  const moments: Last[] = [];
  let acknowledged: readonly string[] = [];
  let acknowledgedBy = 0;
  for (let issued = 0; issued <= effects.length; issued++) {
    const next = effects[issued];
    if (next && next.kind !== 'sync' && next.kind !== 'acknowledged') continue;
    const before = moments.at(-1);
    const count = units.findIndex(({ effect }) => effect >= issued);
    const moment = { issued, units: count === -1 ? units.length : count, since: before?.issued ?? 0 };
    // Of what could be lost before a sync, it only takes away.
    if (before?.acknowledged !== acknowledged || before.units !== moment.units) {
      moments.push({ ...moment, acknowledged, acknowledgedBy });
    }
    if (next?.kind !== 'acknowledged') continue;
    acknowledged = [...acknowledged, next.operation];
    acknowledgedBy = issued + 1;
  }
  return moments;
}

/** @returns whether these were all. */
function enumerate<M extends Moment>(
  units: readonly Unit[],
  moments: readonly M[],
  add: (survivors: Survivors, moment: M) => boolean,
): boolean {
  const every = new Map(moments.map((moment) => [moment as Moment, everySet(units, moment)]));
  for (const round of [...rounds, (_: readonly Unit[], moment: Moment) => every.get(moment) ?? []]) {
    for (const moment of moments) {
      for (const survivors of round(units, moment)) if (!add(survivors, moment)) return false;
    }
  }
  return moments.every((moment) => every.get(moment) !== undefined);
}

/** When the power must have gone at the earliest, and what was lost then. */
function earliest(units: readonly Unit[], survivors: Survivors, atLeast: number): Pick<CrashState, 'after' | 'lost'> {
  const last = survivors.lastIndexOf(1);
  const after = last === -1 ? atLeast : Math.max(atLeast, units[last]!.effect + 1);
  const lost = new Set<number>();
  units.forEach(({ effect }, unit) => {
    if (effect < after && survivors[unit] === 0) lost.add(effect);
  });
  return { after, lost: [...lost] };
}
