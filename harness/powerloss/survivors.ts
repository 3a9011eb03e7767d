import type { Change, Data, Grow, Unit } from './units.ts';

/** Which units are on the disk: 1 for those that are, by index; one for every unit, those not issued yet included. */
export type Survivors = Uint8Array;

/** A moment at which the power may go. */
export interface Moment {
  /** How many effects have been issued. */
  readonly issued: number;
  /** How many units those are. */
  readonly units: number;
  /** How many effects had been issued at the moment that was looked at before. */
  readonly since: number;
}

/** So many sets of survivors of one moment are all tried: those of ten units that do not depend on each other. */
export const EVERY_MAX = 1024;

/** Every set of survivors of a moment; undefined if there are more than `EVERY_MAX`. */
export function everySet(units: readonly Unit[], moment: Moment): readonly Survivors[] | undefined {
  let sets = [settled(units, moment, () => false)];
  for (let unit = 0; unit < moment.units; unit++) {
    const { durableFrom, requires } = units[unit]!;
    if (durableFrom <= moment.issued) continue;
    sets = sets.flatMap((set) => (requires.every((needed) => set[needed] === 1) ? [set, and(set, unit)] : [set]));
    if (sets.length > EVERY_MAX) return undefined;
  }
  return sets;
}

function and(set: Survivors, unit: number): Survivors {
  const more = set.slice();
  more[unit] = 1;
  return more;
}

/**
 * Where there are too many sets to try them all, those like ALICE's (Pillai et al., OSDI 2014): prefixes; all but one; only
 * one; prefixes but for one. And the usual causes of trouble as such: nothing of what was written, or only that, or all but what
 * was written to one file. In rounds, to be tried for all moments before the next; some come twice.
 */
export const rounds: readonly ((units: readonly Unit[], moment: Moment) => Iterable<Survivors>)[] = [
  function* prefixes(units, moment) {
    for (let to = moment.units; to >= 0; to--) yield settled(units, moment, (_, index) => index < to);
  },
  function* byKind(units, moment) {
    yield settled(units, moment, ({ change }) => change.kind !== 'data');
    yield settled(units, moment, ({ change }) => !isContent(change));
    yield withNeeded(units, moment, ({ change }) => change.kind === 'data');
    const contents = units.slice(0, moment.units).map(({ change }) => (isContent(change) ? change.file : undefined));
    for (const file of new Set(contents)) {
      yield settled(units, moment, ({ change }) => !(isContent(change) && change.file === file));
    }
  },
  function* allButOne(units, moment) {
    for (const lost of issuedBy(units, moment)) yield settled(units, moment, ({ effect }) => effect !== lost);
    for (let lost = 0; lost < moment.units; lost++) yield settled(units, moment, (_, index) => index !== lost);
  },
  function* onlyOne(units, moment) {
    for (const one of issuedBy(units, moment)) yield withNeeded(units, moment, ({ effect }) => effect === one);
    for (let one = 0; one < moment.units; one++) yield withNeeded(units, moment, (_, index) => index === one);
  },
  function* prefixesButForOne(units, moment) {
    const effects = issuedBy(units, moment);
    // Those before have been tried at an earlier moment, when not more was certain.
    for (const last of effects.filter((effect) => effect >= moment.since)) {
      for (const lost of effects.filter((effect) => effect < last)) {
        yield settled(units, moment, ({ effect }) => effect <= last && effect !== lost);
      }
    }
  },
];

const issuedBy = (units: readonly Unit[], moment: Moment): readonly number[] => [
  ...new Set(units.slice(0, moment.units).map(({ effect }) => effect)),
];

const isContent = (change: Change): change is Data | Grow => change.kind === 'data' || change.kind === 'grow';

type Wanted = (unit: Unit, index: number) => boolean;

/** Those that are wanted or durable, without those that lack something they require. */
function settled(units: readonly Unit[], moment: Moment, wanted: Wanted): Survivors {
  const set = new Uint8Array(units.length);
  for (let index = 0; index < moment.units; index++) {
    const unit = units[index]!;
    const survives = unit.durableFrom <= moment.issued || wanted(unit, index);
    set[index] = survives && unit.requires.every((needed) => set[needed] === 1) ? 1 : 0;
  }
  return set;
}

/** Those that are wanted or durable, and all that they require. */
function withNeeded(units: readonly Unit[], moment: Moment, wanted: Wanted): Survivors {
  const set = new Uint8Array(units.length);
  for (let index = moment.units - 1; index >= 0; index--) {
    const unit = units[index]!;
    if (set[index] === 0 && unit.durableFrom > moment.issued && !wanted(unit, index)) continue;
    set[index] = 1;
    for (const needed of unit.requires) set[needed] = 1;
  }
  return set;
}
