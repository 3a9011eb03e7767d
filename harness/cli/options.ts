import { accessSync, constants, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Engine, engines, type RunEngine, runEngines } from '../campaign/engine.ts';
import { EXPECTED_RATE, rateIn } from '../config/rate.ts';
import { EXPECTED_TIME, millisecondsIn } from '../config/time.ts';
import { limits } from '../limits.ts';
import { type Results, readResults } from '../report/results.ts';
import { type FaultKind, faultKindNames } from '../scenario/faults.ts';
import { type Topology, topologies } from '../scenario/topology.ts';
import type { Shard } from '../schedule/shard.ts';
import { type Level, levels } from '../verdict/level.ts';
import { UsageError } from './exit.ts';

/** A whole number within bounds, or a usage error that names the flag. */
export const wholeNumber =
  (flag: string, from: number, to: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new UsageError(`${flag} ${text}: expected a whole number from ${from} to ${to}`);
  };

export const parseWriters = wholeNumber('--writers', limits.writersMin, limits.writersMax);
export const parseRounds = wholeNumber('--rounds', 1, 1_000_000);
export const parseSteps = wholeNumber('--steps', 1, 1_000_000_000);
export const STEPS_HELP =
  'steps of each strategy that is explored (a tenth of it for commands), instead of time: the same on every machine';
export const parseTimes = wholeNumber('--times', 1, 100_000);
export const parseSeed = wholeNumber('--seed', 0, 2 ** 32 - 1);

/** One of the engines. */
export function parseEngine(text: string): Engine {
  const engine = engines.find((name) => name === text);
  if (engine === undefined) throw new UsageError(`--engine ${text}: expected ${engines.join(', ')}`);
  return engine;
}

/** The same, for a run: they may be followed by the faults. */
export function parseRunEngine(text: string): RunEngine {
  const engine = runEngines.find((name) => name === text);
  if (engine === undefined) throw new UsageError(`--engine ${text}: expected ${runEngines.join(', ')}`);
  return engine;
}

/** Kinds of fault, comma-separated; the flag may be repeated. */
export function parseKinds(text: string, before: readonly FaultKind[] = []): readonly FaultKind[] {
  const kinds = text.split(',').map((each) => {
    const kind = faultKindNames.find((name) => name === each.trim());
    if (kind === undefined) throw new UsageError(`--kinds ${each}: expected ${faultKindNames.join(', ')}`);
    return kind;
  });
  return [...new Set([...before, ...kinds])];
}

/** `2/4`: the second of four. */
export function parseShard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= count && count <= limits.shardsMax) return { index, count };
  throw new UsageError(`--shard ${text}: expected the number of a shard and how many there are: 1/4, 2/4, 3/4 or 4/4`);
}

export const parseFaults = wholeNumber('--faults', 1, 2);
export const parsePreemptions = wholeNumber('--preemptions', 0, 9);

/** One of the topologies. */
export function parseTopology(text: string): Topology {
  if (Object.hasOwn(topologies, text)) return text as Topology;
  throw new UsageError(`--topology ${text}: expected ${Object.keys(topologies).join(', ')}`);
}

/** In milliseconds. */
export function parseBudget(text: string): number {
  const ms = millisecondsIn(text);
  if (ms === undefined) throw new UsageError(`--budget ${text}: ${EXPECTED_TIME}`);
  return ms;
}

/** What is enough for SAFE. */
export function parseRequire(text: string): Level {
  const level = levels.find((name) => name === text);
  if (level === undefined) throw new UsageError(`--require ${text}: expected ${levels.toReversed().join(', ')}`);
  return level;
}

/** `5%` or `0.05`, as a share. */
export function parseMaxRate(text: string): number {
  const rate = rateIn(text);
  if (rate === undefined) throw new UsageError(`--max-rate ${text}: ${EXPECTED_RATE}`);
  return rate;
}

export const REQUIRE_HELP =
  'what is enough for SAFE: all (every interleaving), bounded (every schedule with ≤ 2 preemptions), or sampled (see --max-rate)';
export const MAX_RATE_HELP =
  'a sample is enough where its 95 % bound of the rate of collisions is below this: 59 overlapping rounds without one for 5%';

/** Comma-separated, and the flag may be repeated. */
export const parseTargets = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text.split(',').map((target) => target.trim()),
];

/** An existing directory in which files can be made. */
export function checkDir(dir: string): string {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found === undefined)
    throw new UsageError(`--dir ${dir}: there is no such directory; make it first, or leave the flag out`);
  if (!found.isDirectory()) throw new UsageError(`--dir ${dir}: that is not a directory`);
  checkWritable('--dir', dir);
  return dir;
}

/** A directory for results: made where it is missing, and known to be writable before any work is done. */
export function checkOut(dir: string, flag = '--out'): string {
  // Node 24 never returns from a recursive mkdir in a directory that can't have any, such as /proc.
  if (!existsSync(dir)) checkWritable(flag, nearestExisting(resolve(dir)));
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new UsageError(`${flag} ${dir}: can't be made: ${(error as Error).message}`);
  }
  checkWritable(flag, dir);
  return dir;
}

const nearestExisting = (path: string): string => (existsSync(path) ? path : nearestExisting(dirname(path)));

function checkWritable(flag: string, dir: string): void {
  const probe = join(dir, `.collide-${process.pid}`);
  try {
    accessSync(dir, constants.W_OK);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    const remedy = `name another directory with ${flag}`;
    throw new UsageError(`${flag} ${dir}: can't be written to: ${(error as Error).message}; ${remedy}`);
  }
}

/** The results of a run, as --in names them. */
export function resultsOf(path: string): Results {
  try {
    return readResults(path);
  } catch (error) {
    throw new UsageError(`--in ${(error as Error).message}`);
  }
}
