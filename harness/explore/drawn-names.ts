import { dirname } from 'node:path';
import type { Step } from '../history/step.ts';
import { drawnPart } from '../oracle/drawn.ts';
import { stay } from '../schedule/schedule.ts';
import type { Cast } from './cast.ts';
import type { Player } from './player.ts';

/** Runs of one schedule that are compared: with fewer, two that were drawn may begin alike. */
const RUNS = 3;

/** Finds out which parts of file names are drawn, `tmp.Xy12Za`, where nobody has said so: what one schedule names differently. */
export function withDrawnNames(player: Player, cast: Cast): Cast {
  if (!cast.scenario.learnsNames) return cast;
  player.take(cast);
  player.play(stay); // fills whatever caches there are
  const runs = Array.from({ length: RUNS }, () => player.play(stay).trace.decisions.map(({ chosen }) => chosen.step));
  const randomNames = drawnIn(runs);
  return randomNames === undefined ? cast : { ...cast, scenario: { ...cast.scenario, randomNames } };
}

/** Undefined where all names are the same each time. Those that are not are matched with each other by their directory. */
export function drawnIn(runs: readonly (readonly Step[])[]): RegExp | undefined {
  const paths = runs.map((steps) => new Set(steps.flatMap(({ path, to }) => (to === undefined ? [path] : [path, to]))));
  const foreign = paths.map((run) => [...run].filter((path) => !paths.every((other) => other.has(path))).sort());
  const byDirectory = foreign.map((run) => Map.groupBy(run, dirname));
  const patterns = new Set<string>();
  for (const [directory, first] of byDirectory[0] ?? []) {
    for (const [at, path] of first.entries()) {
      const others = byDirectory.slice(1).map((run) => run.get(directory)?.[at]);
      if (others.every((other) => other !== undefined)) patterns.add(drawnPart([path, ...(others as string[])]));
    }
  }
  return patterns.size === 0 ? undefined : new RegExp([...patterns].join('|'), 'g');
}
