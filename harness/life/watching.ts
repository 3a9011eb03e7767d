/** A directory that is watched, as a machine without a clock and without files: observations go in, sightings come out. */

import type { Format } from '../damage/formats.ts';
import { limits } from '../limits.ts';
import { type FileLife, type Found, gone, later, newLife, readAgain, type TextFormat } from './file-life.ts';
import { isLockName, staleLock } from './locks.ts';
import { grownPiles, type Piles, withFile, withoutFile } from './piles.ts';
import type { Observation, Sighting } from './sighting.ts';

export interface WatchingOptions {
  /** The format of a file that is read; undefined where nothing can be said of it. */
  readonly formatOf: (path: string, bytes: Uint8Array) => Format | undefined;
  /** Locks that are older are asked about. In ms. */
  readonly lockAgeMs: number;
}

export interface Watching {
  /** What is to be said because of it: each case once, however often it comes. */
  observe(observation: Observation): readonly Sighting[];
  /** What is there from the start has been seen. */
  begin(): void;
  /** Paths of locks that are there. */
  locks(): readonly string[];
  /** How often each case was seen, by `caseName`. */
  counts(): ReadonlyMap<string, number>;
  readonly files: number;
  /** Whole versions that were seen after the first of each file. */
  readonly versions: number;
}

/** One thing that goes wrong with one file in one way is one case. */
export const caseName = ({ kind, path, damage }: Sighting): string => [kind, path, damage?.kind ?? ''].join(' ');

interface Suspicion {
  readonly sighting: Sighting;
  readonly untilMs: number;
}

export function watching({ formatOf, lockAgeMs }: WatchingOptions): Watching {
  const lives = new Map<string, FileLife>();
  const locks = new Map<string, { readonly there: boolean; readonly left: number }>();
  const counts = new Map<string, number>();
  let piles: Piles = new Map();
  let suspicions: readonly Suspicion[] = [];
  let gitMs = Number.NEGATIVE_INFINITY;
  let begun = false;
  let versions = 0;

  /** Each case is told of once. */
  const tell = (sightings: readonly Sighting[]): readonly Sighting[] =>
    sightings.filter((sighting) => {
      const name = caseName(sighting);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return counts.get(name) === 1;
    });

  const sift = (found: readonly Found[]): readonly Sighting[] => {
    const suspected = found.filter(({ suspicion }) => suspicion);
    suspicions = [
      ...suspicions,
      ...suspected.map(({ sighting }) => ({ sighting, untilMs: sighting.atMs + limits.settleMs })),
    ];
    return found.filter(({ suspicion }) => !suspicion).map(({ sighting }) => sighting);
  };

  /** Git writes files one after another, and moves its index and HEAD before or after: its doing is nobody's lost update. */
  const settled = (atMs: number): readonly Sighting[] => {
    suspicions = suspicions.filter(({ sighting }) => Math.abs(sighting.atMs - gitMs) > limits.settleMs);
    const due = suspicions.filter(({ untilMs }) => untilMs <= atMs);
    suspicions = suspicions.filter(({ untilMs }) => untilMs > atMs);
    return due.map(({ sighting }) => sighting);
  };

  const file = (observation: Extract<Observation, { readonly type: 'file' }>): readonly Sighting[] => {
    const { path, bytes } = observation;
    const format = lives.get(path)?.format ?? formatOf(path, bytes);
    if (format === undefined || format === 'sqlite') return [];
    const before = lives.get(path) ?? newLife(path, format as TextFormat);
    const { life, found } = readAgain(before, observation);
    lives.set(path, life);
    if (before.versions.length > 0 && life.versions.at(-1) !== before.versions.at(-1)) versions++;
    return sift(found);
  };

  const appeared = (path: string): void => {
    piles = withFile(piles, path, begun);
    if (isLockName(path)) locks.set(path, { there: true, left: locks.get(path)?.left ?? 0 });
  };

  const step = (observation: Observation): readonly Sighting[] => {
    switch (observation.type) {
      case 'file':
        appeared(observation.path);
        return file(observation);
      case 'name':
        appeared(observation.path);
        return [];
      case 'gone': {
        const { path } = observation;
        const life = lives.get(path);
        // Temporary files have new names again and again.
        if (life !== undefined && life.versions.length < 2) lives.delete(path);
        else if (life !== undefined) lives.set(path, gone(life));
        piles = withoutFile(piles, path);
        const lock = locks.get(path);
        if (lock !== undefined) locks.set(path, { there: false, left: lock.left + (lock.there ? 1 : 0) });
        return [];
      }
      case 'git':
        gitMs = observation.atMs;
        return [];
      case 'look': {
        const { atMs } = observation;
        const stale = observation.locks.flatMap(
          (lock) => staleLock(lock, lockAgeMs, (locks.get(lock.path)?.left ?? 0) > 0, atMs) ?? [],
        );
        const torn: Sighting[] = [];
        for (const [path, before] of lives) {
          const { life, found } = later(before, atMs);
          if (life === before) continue;
          lives.set(path, life);
          torn.push(...sift(found));
        }
        const { piles: after, found } = grownPiles(piles, atMs);
        piles = after;
        return [...stale, ...torn, ...found];
      }
    }
  };

  return {
    observe: (observation) => tell([...step(observation), ...settled(observation.atMs)]),
    begin: () => {
      begun = true;
    },
    locks: () => [...locks].filter(([, { there }]) => there).map(([path]) => path),
    counts: () => counts,
    get files() {
      return lives.size;
    },
    get versions() {
      return versions;
    },
  };
}
