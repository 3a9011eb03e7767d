import { join } from 'node:path';
import { runCampaign } from '../campaign/campaign.ts';
import { configurationOf } from '../campaign/configuration.ts';
import type { RunEngine } from '../campaign/engine.ts';
import type { CampaignOptions } from '../campaign/options.ts';
import type { FaultOptions } from '../campaign/upsetting.ts';
import type { Mode } from '../history/execution.ts';
import { limits } from '../limits.ts';
import { type FaultResults, writeFaultResults } from '../report/fault-results.ts';
import { judgementsOf } from '../report/judged.ts';
import type { Report } from '../report/report.ts';
import { FORMAT, type Results, replaceWhole, writeResults } from '../report/results.ts';
import { SHARD_FORMAT, type ShardResults, shardFile } from '../report/shards.ts';
import { durationWords, effortWords } from '../report/words.ts';
import { faultKindNames } from '../scenario/faults.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { selectTargets } from '../scenario/select.ts';
import { modeUnder, type Topology, topologies } from '../scenario/topology.ts';
import type { Shard } from '../schedule/shard.ts';
import { BrokenGround } from '../schedule/storm.ts';
import { thisMachine } from '../session/machine.ts';
import { type Level, requirementOf } from '../verdict/level.ts';
import { safetyOf, tiers } from '../verdict/tier.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { withDefaults } from './defaults.ts';
import { codeFor, exitCode, UsageError } from './exit.ts';
import { defaultFaultBudgetMs, faultReport, faultResults } from './faults.ts';
import { ALLOW_SKIPPED_HELP, CONFIG_HELP, EXIT_CODES, explained } from './help.ts';
import { interruptible } from './interrupt.ts';
import {
  checkDir,
  checkOut,
  MAX_RATE_HELP,
  parseBudget,
  parseMaxRate,
  parseRequire,
  parseRounds,
  parseRunEngine,
  parseSeed,
  parseShard,
  parseSteps,
  parseTargets,
  parseTopology,
  parseWriters,
  REQUIRE_HELP,
  STEPS_HELP,
} from './options.ts';
import { progressDisplay } from './progress.ts';
import {
  forPeople,
  isTable,
  parseReporters,
  placesOf,
  REPORTER_HELP,
  REPORTERS,
  type Request,
  renderReports,
  requestsOf,
} from './reporters.ts';
import { keeping, resumedFlags } from './resuming.ts';

export interface RunFlags {
  readonly engine: RunEngine;
  readonly writers: number;
  /** Without it: those of the configuration; where there is none, all. */
  readonly targets?: readonly string[];
  readonly config?: string;
  readonly rounds?: number;
  readonly steps?: number;
  readonly budget?: number;
  readonly seed: number;
  readonly dir?: string;
  readonly out: string;
  readonly perSessionMode?: boolean;
  readonly topology?: Topology;
  readonly require?: Level;
  readonly maxRate?: number;
  readonly shard?: Shard;
  readonly resume?: boolean;
  readonly allowSkipped?: boolean;
  readonly reporter?: readonly Request[];
  readonly json?: boolean;
}

/** Part of the budget of --engine all for a run without faults; these have the rest. */
const FAULTLESS_PART = 0.5;

/** Time for a run with --rounds and without --budget: the rounds decide. */
const UNLIMITED_MS = 24 * 3_600_000;

/**
 * `collide run`: resolves to the exit code.
 *
 * @param wasSaid was the flag on the command line?
 */
export async function run(said: RunFlags, wasSaid: (flag: keyof RunFlags) => boolean): Promise<number> {
  const given = said.resume ? resumedFlags(said, wasSaid) : said;
  const { catalogue, url, config } = await loadCatalogue(given.config);
  const flags = withDefaults(given, said.resume ? () => true : wasSaid, config?.values);
  checkShard(flags);
  const targets = flags.targets ?? config?.targets ?? ['all'];
  const scenarios = selectTargets(catalogue, targets);
  const modes = modesOf(flags, scenarios);
  const out = checkOut(flags.out);
  const requests = requestsOf({ said: flags.reporter, configured: config?.values.reporter, json: flags.json });
  const topology = flags.topology === undefined ? {} : { topology: flags.topology };
  const share = flags.engine === 'all' && flags.budget !== undefined ? flags.budget * FAULTLESS_PART : flags.budget;
  const counted = flags.rounds !== undefined || (flags.steps !== undefined && flags.engine === 'explore');
  const budgetMs = share ?? (counted ? undefined : defaultBudgetMs(scenarios, modes));
  const startedAt = new Date(performance.timeOrigin).toISOString();
  const configuration = configurationOf(scenarios);
  const kept = keeping(flags, configuration, startedAt);
  const options: CampaignOptions = {
    engine: flags.engine === 'all' ? 'both' : flags.engine,
    scenarios,
    catalogue: url,
    writers: flags.writers,
    modes,
    seed: flags.seed,
    budgetMs: budgetMs ?? UNLIMITED_MS,
    usualBudget: share === undefined,
    ...(flags.engine === 'all' ? { budgetPart: FAULTLESS_PART } : {}),
    ...(flags.rounds === undefined ? {} : { rounds: flags.rounds }),
    ...(flags.steps === undefined ? {} : { steps: flags.steps }),
    ...(flags.dir === undefined ? {} : { dir: checkDir(flags.dir) }),
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
    ...topology,
    required: requirementOf(flags),
    before: kept.before,
    record: kept.record,
  };
  const progress = progressDisplay(process.stderr, budgetMs);
  return await interruptible(async (interrupted) => {
    const campaign = await runCampaign(options, interrupted, progress.watch).finally(() => progress.done());
    const whole = campaign.broken === undefined && !campaign.interrupted;
    kept.end(whole);
    const asked: Results['options'] = {
      engine: options.engine,
      writers: flags.writers,
      targets,
      modes,
      seed: flags.seed,
      rounds: flags.rounds ?? null,
      ...(flags.steps === undefined ? {} : { steps: flags.steps }),
      budgetMs: options.budgetMs,
      ...topology,
      ...(flags.require === undefined ? {} : { require: flags.require }),
      ...(flags.maxRate === undefined ? {} : { maxRate: flags.maxRate }),
    };
    if (flags.shard !== undefined) {
      const { shard } = flags;
      const { verdicts: _, ...effort } = campaign;
      const about = { shard, configuration, startedAt, options: asked, machine: thisMachine() };
      return endShard({ format: SHARD_FORMAT, ...about, ...effort, rows: kept.rows() }, flags);
    }
    const results: Results = {
      format: FORMAT,
      startedAt,
      options: asked,
      machine: thisMachine(),
      ...campaign,
      ...(flags.topology === undefined ? {} : { safety: safetyOf(flags.topology, scenarios, campaign.verdicts) }),
    };
    if (campaign.broken !== undefined && campaign.verdicts.length === 0) throw new BrokenGround(campaign.broken);
    const told: Report = { results, scenarios, ...placesOf(config) };
    const rest = requests.filter((request) => !isTable(request));
    if (flags.json && flags.engine === 'all' && whole) {
      const upset = await upsetToo(flags, options, targets, interrupted);
      writeResults(out, results);
      writeFaultResults(out, upset);
      process.stdout.write(`${JSON.stringify({ ...results, underFaults: upset })}\n`);
      renderReports({ ...told, faults: upset }, rest, { out });
      return codeOf({ ...told, faults: upset }, flags);
    }
    // Printed first: what was measured is not lost where it can't be stored.
    if (flags.json) process.stdout.write(`${JSON.stringify(results)}\n`);
    renderReports(told, requests.filter(isTable), { out });
    const say = requests.some(isTable) ? process.stdout : process.stderr;
    const path = writeResults(out, results);
    if (!flags.json) say.write(`Results with witnesses: ${path}\n`);
    if (flags.engine !== 'all' || !whole) {
      renderReports(told, rest, { out });
      if (campaign.broken !== undefined) throw new BrokenGround(campaign.broken);
      return codeOf(told, flags);
    }
    const upset = await upsetToo(flags, options, targets, interrupted);
    if (requests.some(isTable)) process.stdout.write(forPeople(`\n${faultReport(upset)}`));
    say.write(`Faults with witnesses: ${writeFaultResults(out, upset)}\n`);
    renderReports({ ...told, faults: upset }, rest, { out });
    return codeOf({ ...told, faults: upset }, flags);
  });
}

/** @throws {UsageError} where it is asked for what a part can't tell. */
function checkShard({ shard, engine, reporter }: RunFlags): void {
  if (shard === undefined) return;
  if (engine === 'all')
    throw new UsageError('--shard with --engine all: faults are not split; use both, explore or storm');
  if (reporter !== undefined)
    throw new UsageError('--reporter with --shard: a part has no verdicts; `collide merge` takes --reporter');
}

/** A part is no whole: what it amounts to, `collide merge` tells. */
function endShard(results: ShardResults, { out, json }: RunFlags): number {
  const { shard, rows, durationMs, broken, interrupted } = results;
  if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
  const path = replaceWhole(join(out, shardFile(shard)), results);
  const say = json ? process.stderr : process.stdout;
  say.write(
    `Shard ${shard.index} of ${shard.count}: ${rows.length} rows, ${effortWords(results) || 'nothing was run'} in ${durationWords(durationMs)}: ${path}\n` +
      `What all of them amount to: collide merge ${out}\n`,
  );
  if (broken !== undefined) throw new BrokenGround(broken);
  return interrupted ? exitCode.interrupted : exitCode.ok;
}

/** The second part of --engine all. */
function upsetToo(
  flags: RunFlags,
  { scenarios, catalogue, seed, dir }: CampaignOptions,
  targets: readonly string[],
  interrupted: AbortSignal,
): Promise<FaultResults> {
  const options: FaultOptions = {
    scenarios,
    catalogue,
    seed,
    kinds: faultKindNames,
    faults: 1,
    preemptions: limits.faultPreemptions,
    budgetMs:
      flags.budget === undefined
        ? defaultFaultBudgetMs(scenarios, faultKindNames)
        : flags.budget * (1 - FAULTLESS_PART),
    ...(dir === undefined ? {} : { dir }),
  };
  return faultResults(options, targets, interrupted);
}

function codeOf(report: Report, { allowSkipped = false }: Pick<RunFlags, 'allowSkipped'>): number {
  const interrupted = report.results.interrupted || report.faults?.interrupted === true;
  return codeFor({ interrupted, judgements: judgementsOf(report), allowSkipped });
}

function defaultBudgetMs(scenarios: readonly Scenario[], modes: readonly Mode[]): number {
  const strategies = scenarios.flatMap((scenario) => Object.keys(scenario.strategies)).length * modes.length;
  return Math.min(Math.max(limits.budgetMsMin, limits.strategyMs * strategies), limits.budgetMsMax);
}

/** @throws {UsageError} where flags contradict each other. */
function modesOf({ perSessionMode, topology, engine }: RunFlags, scenarios: readonly Scenario[]): readonly Mode[] {
  if (perSessionMode && topology !== undefined) {
    throw new UsageError(
      '--per-session-mode with --topology: a topology says itself who has a copy; use one or the other',
    );
  }
  const modes: readonly Mode[] =
    topology === undefined
      ? perSessionMode
        ? ['shared', 'per-session']
        : ['shared']
      : [...new Set(scenarios.map((scenario) => modeUnder(topology, scenario)))];
  if (engine !== 'explore' || modes.every((mode) => mode === 'shared')) return modes;
  const flag = topology === undefined ? '--per-session-mode' : `--topology ${topology}`;
  throw new UsageError(
    `${flag} with --engine explore: what sessions do not share has nothing to interleave; use both or storm`,
  );
}

export const runCommand: Define = (program, finish) => {
  program
    .command('run')
    .description('spawn sessions that hammer each target, and say what collides')
    .option('-w, --writers <n>', 'sessions that write at once, 2 to 64', parseWriters, 4)
    .option(
      '-t, --targets <list>',
      'ids, globs, P1, P2 or all; comma-separated (default: your own; where there are none, all)',
      parseTargets,
    )
    .option(
      '-e, --engine <name>',
      'explore (chosen interleavings), storm (free running), both, or all: then what `collide faults --power-loss` does',
      parseRunEngine,
      'both',
    )
    .option(
      '-r, --rounds <n>',
      'rounds of each strategy under storm (default: as many as the budget allows)',
      parseRounds,
    )
    .option('--steps <n>', STEPS_HELP, parseSteps)
    .option(
      '-b, --budget <time>',
      'about how long all strategies together may take: 500ms, 45s, 2m (default: 2s for each, from 15s to 90s)',
      parseBudget,
    )
    .option('--require <level>', `${REQUIRE_HELP} (default: sampled)`, parseRequire)
    .option('--max-rate <rate>', `${MAX_RATE_HELP} (default: 5%)`, parseMaxRate)
    .option('-s, --seed <n>', 'seed of whatever is drawn: schedules, jitter, stalls', parseSeed, 1)
    .option(
      '-d, --dir <dir>',
      'make sandboxes here, to test this file system (default: the temporary directory, and /dev/shm to explore)',
    )
    .option('-o, --out <dir>', 'write results here', 'reports')
    .option('--per-session-mode', 'also give each session a copy of its own, and show what that changes')
    .option(
      '--topology <name>',
      'how the sessions are run, and so what they share: same-directory, two-directories or with-vanilla',
      parseTopology,
    )
    .option(
      '--shard <i/n>',
      'only this part of the search, the i-th of n; `collide merge` puts them together',
      parseShard,
    )
    .option('--resume', 'go on with the run in --out that was interrupted, with its flags')
    .option('--allow-skipped', ALLOW_SKIPPED_HELP)
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--reporter <list>', REPORTER_HELP, parseReporters)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide run --writers 4 --targets all
  collide run --targets override-token,session-* --rounds 500
  collide run --targets P1 --budget 5m --dir /mnt/nfs
  collide run --targets team-config --require all
  collide run --targets hive-db --max-rate 1% --rounds 400
  collide run --targets user-config --per-session-mode
  collide run --topology two-directories --budget 2m
  collide run --shard 2/4 --out shards
  collide run --resume
  collide run --reporter table,github,junit,sarif,html
  collide run --targets P2 --json | jq '.verdicts[] | select(.asExpected | not)'

Topologies, and the tier that each comes to, as found and with the fixes:
${explained(topologies)}
${explained(tiers)}
${REPORTERS}
${EXIT_CODES}`,
    )
    .action(async (flags, command) => {
      finish(await run(flags, (flag) => command.getOptionValueSource(flag) === 'cli'));
    });
};
