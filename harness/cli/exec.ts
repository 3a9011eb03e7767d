import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CampaignOptions, type Engine, runCampaign } from '../campaign/campaign.ts';
import { serialRuns } from '../campaign/learning.ts';
import { planRows } from '../campaign/plan.ts';
import type { CampaignResult } from '../campaign/result.ts';
import { startExplorers } from '../explore/explorers.ts';
import { castOf } from '../explore/replay.ts';
import { limits } from '../limits.ts';
import { someOf } from '../oracle/finding.ts';
import { timeline } from '../report/timeline.ts';
import { strengthWords, verdictWords } from '../report/words.ts';
import { type CommandSet, filledIn, scenarioOf, scriptOf } from '../scenario/commands.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createSandbox } from '../schedule/sandbox.ts';
import { startJanitor } from '../session/janitor.ts';
import { createPool } from '../session/pool.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { checkCopied, linesOf, shellWord } from './exec-input.ts';
import { exitCode, UsageError } from './exit.ts';
import { progressDisplay } from './progress.ts';
import { shown } from './replay.ts';

export interface ExecFlags {
  readonly engine: Engine;
  readonly writers?: number;
  readonly rounds?: number;
  readonly budget: number;
  readonly seed: number;
  readonly dir: string;
  readonly home?: string;
  readonly replay?: string;
  readonly times: number;
  readonly json?: boolean;
}

/** These commands are in no catalogue: whoever makes an execution again has to say them again. */
const TARGET = 'exec';

/** `collide exec`: commands that nobody has specified, each a session, against what they do one after another. */
export async function exec(flags: ExecFlags, commands: readonly string[]): Promise<number> {
  const lines = linesOf(flags.writers, commands);
  const dir = checkCopied(flags.dir, '--dir');
  const home = flags.home === undefined ? {} : { home: checkCopied(flags.home, '--home') };
  const place = await createSandbox();
  const janitor = startJanitor([place.path]);
  const interrupt = new AbortController();
  const onSignal = (): void => (interrupt.signal.aborted ? process.exit(exitCode.interrupted) : interrupt.abort());
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const set = describe(place.path, lines, { dir, ...home });
    const options: CampaignOptions = {
      engine: flags.engine,
      scenarios: [scenarioOf(set)],
      catalogue: catalogueUrl(place.path),
      writers: lines.length,
      modes: ['shared'],
      seed: flags.seed,
      budgetMs: flags.budget,
      ...(flags.rounds === undefined ? {} : { rounds: flags.rounds }),
    };
    return flags.replay === undefined
      ? await run(flags, options, interrupt.signal)
      : await replayed(flags, flags.replay, options, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) return exitCode.interrupted;
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await place.remove();
    janitor.dismiss();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Where the description of the commands lies in a directory of ours. */
const described = (place: string): string => join(place, 'commands.json');

/** Writes down what session processes need to know. */
function describe(place: string, given: readonly string[], from: Pick<CommandSet, 'dir' | 'home'>): CommandSet {
  const uuids = given.map(() => randomUUID());
  const lines = given.map((line, session) => filledIn(line, session, uuids[session]!));
  const script = join(place, 'commands.sh');
  writeFileSync(script, scriptOf(lines, uuids));
  const set: CommandSet = { id: TARGET, lines, script, ...from };
  writeFileSync(described(place), JSON.stringify(set));
  return set;
}

function catalogueUrl(place: string): string {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const url = new URL(`../scenario/commands-catalogue${extension}`, import.meta.url);
  url.searchParams.set('set', described(place));
  return url.href;
}

async function run(flags: ExecFlags, options: CampaignOptions, signal: AbortSignal): Promise<number> {
  const [scenario] = options.scenarios as [Scenario];
  const progress = progressDisplay(process.stderr, flags.budget);
  const campaign = await runCampaign(options, signal, progress.watch).finally(() => progress.done());
  const [verdict] = campaign.verdicts;
  if (verdict === undefined) return campaign.interrupted ? exitCode.interrupted : exitCode.failure;
  if (verdict.status === 'BROKEN_ALONE') throw new UsageError(verdict.reason!);
  const { judgedBySerialOrders: commands } = scenario;
  const text = flags.json
    ? `${JSON.stringify({ commands, ...campaign })}\n`
    : report(scenario, verdict, campaign, flags);
  process.stdout.write(text);
  if (campaign.interrupted) return exitCode.interrupted;
  return verdict.status === 'SAFE' ? exitCode.ok : exitCode.unexpected;
}

/** A witness of these commands again: what is right has to be found out first. */
async function replayed(
  flags: ExecFlags,
  witness: string,
  options: CampaignOptions,
  signal: AbortSignal,
): Promise<number> {
  const { scenarios, catalogue, writers, seed } = options;
  castOf(witness, scenarios); // mistakes are found before any work is done
  const sandbox = await createSandbox();
  const janitor = startJanitor([sandbox.path]);
  try {
    const [row] = await planRows(scenarios, writers, ['shared']);
    const pool = await createPool({ writers, readers: 0, catalogue, sandbox: sandbox.path }, signal);
    const runs = await serialRuns(row!, pool, { sandbox: sandbox.path, seed, watch: () => {} }, signal).finally(() =>
      pool.close(),
    );
    const explorers = await startExplorers({ catalogue, sandbox: sandbox.path, count: 1 }, signal);
    try {
      const again = await explorers.replay({ witness, times: flags.times, serialRuns: runs });
      process.stdout.write(
        flags.json
          ? `${JSON.stringify(again)}\n`
          : shown(witness, again, scenarios, { replayWith: replayWith(flags, row!.scenario) }),
      );
      return again.findings.length === 0 ? exitCode.ok : exitCode.unexpected;
    } finally {
      await explorers.close();
    }
  } finally {
    await sandbox.remove();
    janitor.dismiss();
  }
}

/** What was said on the command line, with the witness. */
const replayWith =
  ({ dir, home }: ExecFlags, { judgedBySerialOrders: lines = [] }: Scenario) =>
  (witness: string): string => {
    const flags = [...(dir === '.' ? [] : ['--dir', dir]), ...(home === undefined ? [] : ['--home', home])];
    const alike = new Set(lines).size === 1;
    const commands = alike ? [lines[0]!] : lines;
    const writers = alike && lines.length !== limits.writersMin ? ['--writers', String(lines.length)] : [];
    return [
      'collide exec',
      ...[...flags, ...writers].map(shellWord),
      '--replay',
      witness,
      ...commands.map(shellWord),
    ].join(' ');
  };

function report(scenario: Scenario, verdict: Verdict, campaign: CampaignResult, flags: ExecFlags): string {
  const width = Math.min(process.stdout.columns ?? COLUMNS, COLUMNS);
  const { status, findings, strength, counts, reason, outside = [] } = verdict;
  const sessions = scenario.judgedBySerialOrders!.map((line, session) => `  s${session}  ${line}`);
  const pictures = findings.flatMap((finding) => [
    timeline(scenario, finding, { width, replayWith: replayWith(flags, scenario) }),
    '',
  ]);
  const evidence = strengthWords(strength);
  const words = [
    `${verdictWords(verdict)}${evidence === '' ? '' : `: ${evidence}`}`,
    ...(status === 'SAFE' ? [held(strength)] : []),
    ...(reason === undefined || status === 'COLLIDES' ? [] : [reason]),
    ...(counts.refused === 0
      ? []
      : [`Refused, which is no collision: ${counts.refused} of ${counts.refused + counts.acknowledged} commands.`]),
    ...(outside.length === 0 ? [] : [`Written outside of the copy, for real, and not looked at: ${someOf(outside)}.`]),
    ...(campaign.noGate === undefined ? [] : [`No exploration, storm only: ${campaign.noGate}`]),
  ];
  return [...sessions, '', ...pictures, ...words, ''].join('\n');
}

const held = (strength: Verdict['strength']): string =>
  strength?.explored?.kind === 'exhaustive'
    ? `Every interleaving of ${strength.explored.sessions} sessions has the outcome of a serial order.`
    : 'Whatever was tried had the outcome of a serial order; not all interleavings were: more --budget tries more.';

const COLUMNS = 120;
