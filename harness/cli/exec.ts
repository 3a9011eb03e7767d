import { resolve } from 'node:path';
import { type CampaignOptions, type Engine, runCampaign } from '../campaign/campaign.ts';
import { serialRuns } from '../campaign/learning.ts';
import { planRows } from '../campaign/plan.ts';
import type { CampaignResult } from '../campaign/result.ts';
import type { CommandTarget } from '../config/config.ts';
import { checkCopied } from '../config/copied.ts';
import { catalogueUrl, scenariosOf, type Written } from '../config/load.ts';
import { startExplorers } from '../explore/explorers.ts';
import { castOf } from '../explore/replay.ts';
import { limits } from '../limits.ts';
import { someOf } from '../oracle/finding.ts';
import { timeline } from '../report/timeline.ts';
import { strengthWords, verdictWords } from '../report/words.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createSandbox } from '../schedule/sandbox.ts';
import { startJanitor } from '../session/janitor.ts';
import { createPool } from '../session/pool.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { linesOf, type Said, shellWord } from './exec-input.ts';
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
  readonly watch?: readonly string[];
  readonly expect?: readonly Said[];
  readonly replay?: string;
  readonly times: number;
  readonly json?: boolean;
}

/** These commands are in no catalogue: whoever makes an execution again has to say them again. */
const TARGET = 'exec';

/** `collide exec`: commands that nobody has specified, each a session, against what they do one after another. */
export async function exec(flags: ExecFlags, commands: readonly string[]): Promise<number> {
  const lines = linesOf(flags.writers, commands);
  const written = writtenAs(flags, lines);
  const options: CampaignOptions = {
    engine: flags.engine,
    scenarios: await scenariosOf(written),
    catalogue: catalogueUrl(written),
    writers: lines.length,
    modes: ['shared'],
    seed: flags.seed,
    budgetMs: flags.budget,
    ...(flags.rounds === undefined ? {} : { rounds: flags.rounds }),
  };
  const interrupt = new AbortController();
  const onSignal = (): void => (interrupt.signal.aborted ? process.exit(exitCode.interrupted) : interrupt.abort());
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return flags.replay === undefined
      ? await run(flags, lines, options, interrupt.signal)
      : await replayed(flags, flags.replay, lines, options, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) return exitCode.interrupted;
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The commands, as a configuration would have them. */
function writtenAs({ dir, home, watch, expect }: ExecFlags, lines: readonly string[]): Written {
  checkCopied(resolve(dir), `--dir ${dir}`);
  if (home !== undefined) checkCopied(resolve(home), `--home ${home}`);
  const target: CommandTarget = {
    id: TARGET,
    commands: lines,
    dir,
    ...(home === undefined ? {} : { home }),
    ...(watch === undefined ? {} : { watch }),
    ...(expect === undefined ? {} : { expect: expect.map((each) => each.expect) }),
  };
  return { targets: [target], dir: process.cwd(), name: 'the command line' };
}

async function run(
  flags: ExecFlags,
  given: readonly string[],
  options: CampaignOptions,
  signal: AbortSignal,
): Promise<number> {
  const [scenario] = options.scenarios as [Scenario];
  const progress = progressDisplay(process.stderr, flags.budget);
  const campaign = await runCampaign(options, signal, progress.watch).finally(() => progress.done());
  const [verdict] = campaign.verdicts;
  if (verdict === undefined) return campaign.interrupted ? exitCode.interrupted : exitCode.failure;
  if (verdict.status === 'BROKEN_ALONE') throw new UsageError(verdict.reason!);
  const commands = scenario.serial!.lines;
  const text = flags.json
    ? `${JSON.stringify({ commands, ...campaign })}\n`
    : report(scenario, verdict, campaign, replayWith(flags, given));
  process.stdout.write(text);
  if (campaign.interrupted) return exitCode.interrupted;
  return verdict.status === 'SAFE' ? exitCode.ok : exitCode.unexpected;
}

/** A witness of these commands again: what is right has to be found out first. */
async function replayed(
  flags: ExecFlags,
  witness: string,
  given: readonly string[],
  options: CampaignOptions,
  signal: AbortSignal,
): Promise<number> {
  const { scenarios, catalogue, writers } = options;
  castOf(witness, scenarios); // mistakes are found before any work is done
  const sandbox = await createSandbox();
  const janitor = startJanitor([sandbox.path]);
  try {
    const [row] = await planRows(scenarios, writers, ['shared']);
    const pool = await createPool({ writers, readers: 0, catalogue, sandbox: sandbox.path }, signal);
    const runs = await serialRuns(row!, pool, { sandbox: sandbox.path, watch: () => {} }, signal).finally(() =>
      pool.close(),
    );
    const explorers = await startExplorers({ catalogue, sandbox: sandbox.path, count: 1 }, signal);
    try {
      const again = await explorers.replay({ witness, times: flags.times, serialRuns: runs });
      process.stdout.write(
        flags.json
          ? `${JSON.stringify(again)}\n`
          : shown(witness, again, scenarios, { replayWith: replayWith(flags, given) }),
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
  (flags: ExecFlags, given: readonly string[]) =>
  (witness: string): string => {
    const { dir, home, watch = [], expect = [] } = flags;
    const said = [
      ...(dir === '.' ? [] : ['--dir', dir]),
      ...(home === undefined ? [] : ['--home', home]),
      ...watch.flatMap((glob) => ['--watch', glob]),
      ...expect.flatMap(({ text }) => ['--expect', text]),
    ];
    const alike = new Set(given).size === 1;
    const commands = alike ? [given[0]!] : given;
    const writers = alike && given.length !== limits.writersMin ? ['--writers', String(given.length)] : [];
    return [
      'collide exec',
      ...[...said, ...writers].map(shellWord),
      '--replay',
      witness,
      ...commands.map(shellWord),
    ].join(' ');
  };

function report(
  scenario: Scenario,
  verdict: Verdict,
  campaign: CampaignResult,
  replayWith: (witness: string) => string,
): string {
  const width = Math.min(process.stdout.columns ?? COLUMNS, COLUMNS);
  const { status, findings, strength, counts, reason, outside = [] } = verdict;
  const sessions = scenario.serial!.lines.map((line, session) => `  s${session}  ${line}`);
  const pictures = findings.flatMap((finding) => [timeline(scenario, finding, { width, replayWith }), '']);
  const evidence = strengthWords(strength);
  const words = [
    `${verdictWords(verdict)}${evidence === '' ? '' : `: ${evidence}`}`,
    ...(status === 'SAFE' ? [held(strength)] : []),
    ...(verdict.writers < sessions.length
      ? [
          `Each of these leaves something else, so order matters; ${sessions.length} have too many orders: ${verdict.writers} were run at once.`,
        ]
      : []),
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
