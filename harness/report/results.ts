import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../campaign/engine.ts';
import type { CampaignResult } from '../campaign/result.ts';
import type { Mode } from '../history/execution.ts';
import type { Topology } from '../scenario/topology.ts';
import type { Machine } from '../session/machine.ts';
import { type Level, levelled, requirementOf } from '../verdict/level.ts';
import type { Safety } from '../verdict/tier.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** What `collide run --json` prints and `results.json` holds: the contract with other programs. */
export interface Results extends CampaignResult {
  readonly format: typeof FORMAT;
  /** ISO 8601, UTC. Results of before this was recorded do not say. */
  readonly startedAt?: string;
  readonly options: {
    readonly engine: Engine;
    readonly writers: number;
    readonly targets: readonly string[];
    readonly modes: readonly Mode[];
    /** How the sessions were run, where that was asked for; the modes follow from it. */
    readonly topology?: Topology;
    readonly seed: number;
    readonly rounds: number | null;
    /** Of each row that was explored, where their number was the limit, and not the time. */
    readonly steps?: number;
    readonly budgetMs: number;
    /** What was enough for SAFE; `sampled` where it is left out. */
    readonly require?: Level;
    /** Below what the rate of collisions had to be, where a sample was enough; 0.05 where it is left out. */
    readonly maxRate?: number;
  };
  readonly machine: Machine;
  /** What that topology amounts to. */
  readonly safety?: Safety;
}

/** Changes whenever a reader of older results would misread newer ones. */
export const FORMAT = 'collide-results-2';

export const RESULTS_FILE = 'results.json';

/** Of a run that did not come to its end: it does not take the place of one that did. */
export const PARTIAL_FILE = 'results.partial.json';

/** Did the run not come to its end? */
export const isPartial = ({ interrupted, broken }: Results): boolean => interrupted || broken !== undefined;

/** Replaces the results of the run before as a whole: a full disk leaves those. Returns the path. */
export function writeResults(out: string, results: Results): string {
  return replaceWhole(join(out, isPartial(results) ? PARTIAL_FILE : RESULTS_FILE), results);
}

/** What is there stays there where the new one can't be written. Returns the path. */
export const replaceWhole = (path: string, results: unknown): string =>
  replaceText(path, `${JSON.stringify(results, null, 1)}\n`);

/** The same for any text. What is no file, such as /dev/null, is written to and stays what it is; so does a link. */
export function replaceText(path: string, text: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile() && !found.isDirectory()) {
    writeFileSync(path, text);
    return path;
  }
  const place = found === undefined ? path : realpathSync(path);
  const temporary = `${place}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, place);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return path;
}

/** @throws {Error} with a line for people where the file is missing, not JSON, or of another format. */
export function readResults(path: string): Results {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(
      `${path} can't be read (${(error as Error).message}): run \`collide run\` first, or name a results file`,
    );
  }
  let results: Partial<Results> | null;
  try {
    results = JSON.parse(text) as Partial<Results> | null;
  } catch {
    throw new Error(`${path} is not JSON: it should be the ${RESULTS_FILE} of a \`collide run\``);
  }
  if (results?.format === FORMAT && Array.isArray(results.verdicts)) {
    const { verdicts, options } = results as Results;
    return { ...(results as Results), verdicts: levelled(verdicts, requirementOf(options ?? {}).maxRate) };
  }
  if (results?.format === FORMAT) throw new Error(`${path} has no verdicts: run \`collide run\` again`);
  throw new Error(
    `${path} has format ${JSON.stringify(results?.format)}, expected '${FORMAT}': run \`collide run\` again`,
  );
}

/** Rows that are not what the truth says, and rows that should have a verdict and have none. */
export const unexpectedOf = (verdicts: readonly Verdict[]): readonly Verdict[] =>
  verdicts.filter(({ asExpected, status }) => !asExpected && status !== 'SKIPPED');
