/** What `collide run --shard i/n` leaves, and what all of them come to. */

import { readFileSync } from 'node:fs';
import type { CampaignResult } from '../campaign/result.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Shard } from '../schedule/shard.ts';
import { rowName } from '../verdict/fingerprint.ts';
import type { RowEvidence } from '../verdict/gathered.ts';
import { requirementOf } from '../verdict/level.ts';
import { mergeEvidence } from '../verdict/merging.ts';
import { verdictFrom } from '../verdict/tally.ts';
import { safetyOf } from '../verdict/tier.ts';
import { FORMAT, type Results } from './results.ts';

export const SHARD_FORMAT = 'collide-shard-1';

export interface ShardResults
  extends Omit<CampaignResult, 'verdicts'>,
    Pick<Results, 'startedAt' | 'options' | 'machine'> {
  readonly format: typeof SHARD_FORMAT;
  readonly shard: Shard;
  /** See `configurationOf`. */
  readonly configuration: string;
  readonly rows: readonly RowEvidence[];
}

export const shardFile = ({ index, count }: Shard): string => `shard-${index}-of-${count}.json`;

/** Shards that can't be put together; the message is for people. */
export class Unmergeable extends Error {
  override readonly name = 'Unmergeable';
}

/** @throws {Unmergeable} */
export function readShard(path: string): ShardResults {
  let read: Partial<ShardResults> | null;
  try {
    read = JSON.parse(readFileSync(path, 'utf8')) as Partial<ShardResults> | null;
  } catch (error) {
    throw new Unmergeable(`${path} can't be read: ${(error as Error).message}`);
  }
  if (read?.format === SHARD_FORMAT) return read as ShardResults;
  throw new Unmergeable(`${path} has format ${JSON.stringify(read?.format)}, expected '${SHARD_FORMAT}'`);
}

/**
 * @param files by their paths.
 * @throws {Unmergeable} where one is missing, or has not done the same, or nothing.
 */
export function mergeShards(files: ReadonlyMap<string, ShardResults>, scenarios: readonly Scenario[]): Results {
  const [first, ...others] = [...files];
  if (first === undefined) throw new Unmergeable('there is no shard to merge');
  const [path, one] = first;
  for (const [other, shard] of others) requireSame([path, one], [other, shard]);
  for (const [each, shard] of files) requireWork(each, shard);
  const shards = [...files.values()].toSorted((a, b) => a.shard.index - b.shard.index);
  const { count } = one.shard;
  const there = new Map(shards.map((shard) => [shard.shard.index, shard]));
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !there.has(index));
  if (missing.length > 0)
    throw new Unmergeable(`of ${count} shards, ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`);
  if (shards.length > count) throw new Unmergeable('a shard is there twice');
  const startedAt = shards.flatMap((shard) => shard.startedAt ?? []).sort()[0];
  const noGate = shards.find((shard) => shard.noGate !== undefined)?.noGate;
  const { rounds, steps, budgetMs } = one.options;
  const given = {
    ...(rounds === null ? {} : { rounds }),
    ...(steps === undefined ? {} : { steps }),
    ...{ budgetMs, usualBudget: false, rows: one.rows.length, shards: count },
  };
  const verdicts = inOrder(one, scenarios).map((row) => {
    const parts = shards.map(({ shard, rows }) => partOf(row, shard, rows));
    const scenario = scenarios.find(({ id }) => id === row.target)!;
    return verdictFrom(scenario, mergeEvidence(parts), requirementOf(one.options), given);
  });
  const { topology } = one.options;
  const sum = (of: 'rounds' | 'executions' | 'sessionsReplaced'): number =>
    shards.reduce((total, shard) => total + shard[of], 0);
  return {
    format: FORMAT,
    ...(startedAt === undefined ? {} : { startedAt }),
    options: one.options,
    machine: one.machine,
    verdicts,
    interrupted: false,
    ...(noGate === undefined ? {} : { noGate }),
    ...(topology === undefined ? {} : { safety: safetyOf(topology, ofRows(scenarios, verdicts), verdicts) }),
    durationMs: Math.max(...shards.map(({ durationMs }) => durationMs)),
    rounds: sum('rounds'),
    executions: sum('executions'),
    sessionsReplaced: sum('sessionsReplaced'),
    sessionPeakKiB: Math.max(...shards.map(({ sessionPeakKiB }) => sessionPeakKiB)),
  };
}

const ofRows = (scenarios: readonly Scenario[], rows: readonly Pick<RowEvidence, 'target'>[]): readonly Scenario[] =>
  scenarios.filter(({ id }) => rows.some(({ target }) => target === id));

/** As a run has them: what is done first, where several rows are explored at once, is chance. */
function inOrder({ rows, options }: ShardResults, scenarios: readonly Scenario[]): readonly RowEvidence[] {
  const place = ({ target, strategy, mode }: RowEvidence): readonly number[] => {
    const at = scenarios.findIndex(({ id }) => id === target);
    return [at, Object.keys(scenarios[at]!.strategies).indexOf(strategy), options.modes.indexOf(mode)];
  };
  const places = new Map(rows.map((row) => [row, place(row)]));
  const before = (a: RowEvidence, b: RowEvidence): number =>
    places
      .get(a)!
      .map((at, of) => at - places.get(b)![of]!)
      .find((difference) => difference !== 0) ?? 0;
  return rows.toSorted(before);
}

function partOf(row: RowEvidence, { index, count }: Shard, rows: readonly RowEvidence[]): RowEvidence {
  const part = rows.find((each) => rowName(each) === rowName(row));
  if (part === undefined) throw new Unmergeable(`shard ${index} of ${count} has nothing on ${rowName(row)}`);
  return part;
}

function requireSame(
  [path, one]: readonly [string, ShardResults],
  [other, shard]: readonly [string, ShardResults],
): void {
  if (shard.shard.count !== one.shard.count) {
    throw new Unmergeable(
      `${path} is one of ${one.shard.count} shards, and ${other} one of ${shard.shard.count}: shards of one run have the same number`,
    );
  }
  if (shard.shard.index === one.shard.index)
    throw new Unmergeable(`${path} and ${other} are both shard ${one.shard.index} of ${one.shard.count}`);
  for (const name of new Set([...Object.keys(one.options), ...Object.keys(shard.options)])) {
    const [a, b] = [one.options, shard.options].map((options) => JSON.stringify(options[name as keyof typeof options]));
    if (a !== b) throw new Unmergeable(`${path} was run with ${name} ${a}, and ${other} with ${b}`);
  }
  if (shard.configuration !== one.configuration)
    throw new Unmergeable(`${path} and ${other} were not run on the same targets, strategies and truths`);
}

function requireWork(path: string, { shard, executions, rounds, interrupted, broken, rows }: ShardResults): void {
  const which = `${path}, shard ${shard.index} of ${shard.count},`;
  if (interrupted) throw new Unmergeable(`${which} was interrupted: \`collide run --resume\` brings it to its end`);
  if (broken !== undefined) throw new Unmergeable(`${which} was broken off: ${broken}`);
  const skipped = rows.every(({ settled }) => settled?.status === 'SKIPPED');
  if (executions + rounds === 0 && !skipped) throw new Unmergeable(`${which} has executed nothing`);
  if (rows.length === 0) throw new Unmergeable(`${which} has no rows`);
}
