/** `collide merge`: what shards of one run have found, as if it had been one. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { judgementsOf } from '../report/judged.ts';
import { writeResults } from '../report/results.ts';
import { mergeShards, readShard, type ShardResults, Unmergeable } from '../report/shards.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { codeFor, UsageError } from './exit.ts';
import { ALLOW_SKIPPED_HELP, CONFIG_HELP, EXIT_CODES } from './help.ts';
import { checkOut } from './options.ts';
import {
  isTable,
  parseReporters,
  placesOf,
  REPORTER_HELP,
  REPORTERS,
  type Request,
  renderReports,
  requestsOf,
} from './reporters.ts';

interface MergeFlags {
  readonly out: string;
  readonly config?: string;
  readonly reporter?: readonly Request[];
  readonly allowSkipped?: boolean;
  readonly json?: boolean;
}

/** Resolves to the exit code. */
export async function merge(flags: MergeFlags, places: readonly string[]): Promise<number> {
  const { catalogue, config } = await loadCatalogue(flags.config);
  const requests = requestsOf({ said: flags.reporter, configured: config?.values.reporter, json: flags.json });
  const files = shardsIn(places);
  const results = mergeable(() => mergeShards(files, catalogue));
  const out = checkOut(flags.out);
  if (flags.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  const report = { results, scenarios: catalogue, ...placesOf(config) };
  renderReports(report, requests.filter(isTable), { out });
  const say = requests.some(isTable) ? process.stdout : process.stderr;
  const path = writeResults(out, results);
  if (!flags.json) say.write(`${files.size} shards. Results with witnesses: ${path}\n`);
  const others = requests.filter((request) => !isTable(request));
  renderReports(report, others, { out });
  const { allowSkipped = config?.values.allowSkipped ?? false } = flags;
  return codeFor({ judgements: judgementsOf(report), allowSkipped });
}

/** Files as they are; of directories, all shards in them, however deep. */
function shardsIn(places: readonly string[]): ReadonlyMap<string, ShardResults> {
  const paths = places.flatMap((place) => {
    const found = statSync(place, { throwIfNoEntry: false });
    if (found === undefined) throw new UsageError(`${place}: there is no such file or directory`);
    if (!found.isDirectory()) return [place];
    const names = readdirSync(place, { recursive: true, encoding: 'utf8' });
    const shards = names.filter((name) => /(^|\/)shard-\d+-of-\d+\.json$/.test(name)).sort();
    if (shards.length === 0)
      throw new UsageError(`${place}: no shard in it; \`collide run --shard 1/4 --out ${place}\` makes one`);
    return shards.map((name) => join(place, name));
  });
  return mergeable(() => new Map(paths.map((path) => [path, readShard(path)])));
}

function mergeable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Unmergeable ? new UsageError(error.message) : error;
  }
}

export const mergeCommand: Define = (program, finish) => {
  program
    .command('merge')
    .description('put the shards of one run together: results as if it had been one')
    .argument('<shards...>', 'files of `collide run --shard`, or directories that have them')
    .option('-o, --out <dir>', 'write results here', 'reports')
    .option('--allow-skipped', ALLOW_SKIPPED_HELP)
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--reporter <list>', REPORTER_HELP, parseReporters)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide run --shard 1/2 --out shards & collide run --shard 2/2 --out shards; wait; collide merge shards
  collide merge downloaded-artifacts --reporter table,html

Refused are shards of which one is missing, that were not asked the same, or that have executed nothing.
${REPORTERS}
${EXIT_CODES}`,
    )
    .action(async (places, flags) => {
      finish(await merge(flags, places));
    });
};
