import { resolve } from 'node:path';
import { runCampaign } from '../campaign/campaign.ts';
import type { Engine } from '../campaign/engine.ts';
import type { CampaignOptions } from '../campaign/options.ts';
import { replayWitnesses } from '../campaign/replaying.ts';
import type { CampaignResult } from '../campaign/result.ts';
import type { CommandTarget } from '../config/config.ts';
import { checkCopied } from '../config/copied.ts';
import { catalogueUrl, scenariosOf, type Written } from '../config/load.ts';
import { checked } from '../config/schema.ts';
import { FAULTY_WRITERS } from '../explore/upset.ts';
import { limits } from '../limits.ts';
import { examinedText } from '../report/examined.ts';
import { judgementsOf } from '../report/judged.ts';
import { FORMAT, type Results } from '../report/results.ts';
import type { FaultKind } from '../scenario/faults.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { BrokenGround } from '../schedule/storm.ts';
import { thisMachine } from '../session/machine.ts';
import { type Level, requirementOf } from '../verdict/level.ts';
import type { Define } from './command.ts';
import { expectForms, linesOf, parseExpect, parseWatch, type Said, shellWord } from './exec-input.ts';
import { codeFor, exitCode, UsageError } from './exit.ts';
import { codeOf, faultReport, faultResults, kindsOf } from './faults.ts';
import { ALLOW_SKIPPED_HELP, EXEC_EXIT_CODES, explained } from './help.ts';
import { untilInterrupted } from './interrupt.ts';
import {
  checkOut,
  MAX_RATE_HELP,
  parseBudget,
  parseEngine,
  parseKinds,
  parseMaxRate,
  parseRequire,
  parseRounds,
  parseSeed,
  parseSteps,
  parseTimes,
  parseWriters,
  REQUIRE_HELP,
  STEPS_HELP,
} from './options.ts';
import { progressDisplay } from './progress.ts';
import { replayJudgement, shown } from './replay.ts';
import {
  forPeople,
  isTable,
  parseReporters,
  REPORTER_HELP,
  REPORTERS,
  type Rendering,
  type Request,
  renderReports,
  requestsOf,
} from './reporters.ts';

export interface ExecFlags {
  readonly engine: Engine;
  readonly writers?: number;
  readonly rounds?: number;
  readonly steps?: number;
  readonly budget?: number;
  readonly require?: Level;
  readonly maxRate?: number;
  readonly seed: number;
  readonly dir: string;
  readonly home?: string;
  readonly watch?: readonly string[];
  readonly expect?: readonly Said[];
  /** What they do when something goes wrong, instead of what they do to each other. */
  readonly faults?: boolean;
  readonly kinds?: readonly FaultKind[];
  readonly powerLoss?: boolean;
  readonly replay?: string;
  readonly times: number;
  readonly out: string;
  readonly reporter?: readonly Request[];
  readonly allowSkipped?: boolean;
  readonly json?: boolean;
}

/** These commands are in no catalogue: whoever makes an execution again has to say them again. */
const TARGET = 'exec';

/** `collide exec`: commands that nobody has specified, each a session, against what they do one after another. */
export async function exec(flags: ExecFlags, commands: readonly string[]): Promise<number> {
  if (!flags.faults && (flags.kinds !== undefined || flags.powerLoss)) {
    throw new UsageError('--kinds and --power-loss say what goes wrong: they take --faults');
  }
  if (flags.replay !== undefined && flags.reporter !== undefined) {
    throw new UsageError('--reporter with --replay: there is no verdict to tell of; leave one of them out');
  }
  const requests = requestsOf({ said: flags.reporter, json: flags.json });
  if (requests.some(({ to, name }) => to === undefined && name !== 'table' && name !== 'github')) checkOut(flags.out);
  const upset = flags.faults === true || flags.replay?.includes('~') === true;
  const lines = linesOf(flags.writers ?? (upset && commands.length === 1 ? FAULTY_WRITERS : undefined), commands);
  const written = writtenAs(flags, lines);
  const options: CampaignOptions = {
    engine: flags.engine,
    scenarios: await scenariosOf(written),
    catalogue: catalogueUrl(written),
    writers: lines.length,
    modes: ['shared'],
    seed: flags.seed,
    budgetMs: flags.budget ?? limits.execBudgetMs,
    usualBudget: flags.budget === undefined,
    required: requirementOf(flags),
    ...(flags.rounds === undefined ? {} : { rounds: flags.rounds }),
    ...(flags.steps === undefined ? {} : { steps: flags.steps }),
  };
  return await untilInterrupted((interrupted) => {
    if (flags.replay !== undefined) return replayed(flags, flags.replay, lines, options, interrupted);
    const about = { flags, lines, requests };
    return flags.faults ? underFaults(about, options, interrupted) : run(about, options, interrupted);
  });
}

/** What was asked for. */
interface About {
  readonly flags: ExecFlags;
  readonly lines: readonly string[];
  readonly requests: readonly Request[];
}

async function underFaults(
  { flags, lines, requests }: About,
  options: CampaignOptions,
  signal: AbortSignal,
): Promise<number> {
  const { scenarios, catalogue, seed, budgetMs } = options;
  const searched = { faults: 1, preemptions: limits.faultPreemptions, seed, budgetMs };
  const faults = await faultResults({ scenarios, catalogue, kinds: kindsOf(flags), ...searched }, [TARGET], signal);
  const broken = faults.faults.find(({ status }) => status === 'INCONCLUSIVE' || status === 'SKIPPED');
  if (broken !== undefined && faults.executions === 0) {
    throw new UsageError(`${broken.why}${broken.status === 'SKIPPED' ? '' : '; run it without --faults first'}`);
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(faults)}\n`);
  if (requests.some(isTable)) process.stdout.write(forPeople(faultReport(faults, replayWith(flags, lines))));
  const { interrupted, durationMs } = faults;
  const none = { verdicts: [], rounds: 0, executions: 0, sessionsReplaced: 0, sessionPeakKiB: 0 };
  const results = resultsWith(options, { ...none, interrupted, durationMs });
  const rest = requests.filter((request) => !isTable(request));
  renderReports({ results, scenarios, faults, replayWith: replayWith(flags, lines) }, rest, rendering(flags));
  return codeOf(faults, flags.allowSkipped);
}

/** As those of a run, so that every reporter can tell of them. */
const resultsWith = (options: CampaignOptions, campaign: CampaignResult): Results => ({
  format: FORMAT,
  options: {
    engine: options.engine,
    writers: options.writers,
    targets: [TARGET],
    modes: options.modes,
    seed: options.seed,
    rounds: options.rounds ?? null,
    budgetMs: options.budgetMs,
    ...(options.required === undefined ? {} : { require: options.required.level, maxRate: options.required.maxRate }),
  },
  machine: thisMachine(),
  ...campaign,
});

/** The results of the last run stay there. */
const rendering = ({ out }: ExecFlags): Rendering => ({ out, json: 'exec.json' });

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
  const name = 'the command line';
  return { targets: checked({ targets: [target] }, name).targets, dir: process.cwd(), name };
}

async function run(
  { flags, lines: given, requests }: About,
  options: CampaignOptions,
  signal: AbortSignal,
): Promise<number> {
  const [scenario] = options.scenarios as [Scenario];
  const progress = progressDisplay(process.stderr, options.budgetMs);
  const campaign = await runCampaign(options, signal, progress.watch).finally(() => progress.done());
  const [verdict] = campaign.verdicts;
  if (verdict === undefined) {
    if (campaign.broken !== undefined) throw new BrokenGround(campaign.broken);
    return campaign.interrupted ? exitCode.interrupted : exitCode.failure;
  }
  if (verdict.status === 'BROKEN_ALONE') throw new UsageError(verdict.reason!);
  const { lines: commands } = scenario.serial!;
  if (flags.json) process.stdout.write(`${JSON.stringify({ commands, ...campaign })}\n`);
  if (requests.some(isTable)) {
    const alike = new Set(commands).size === 1;
    const sessions = alike
      ? [`  s0–s${commands.length - 1}  ${commands[0]}`]
      : commands.map((line, session) => `  s${session}  ${line}`);
    const width = Math.min(process.stdout.columns ?? COLUMNS, COLUMNS);
    const { noGate } = campaign;
    const told = { width, replayWith: replayWith(flags, given), writers: given.length, noGate };
    process.stdout.write(forPeople([...sessions, '', examinedText(scenario, verdict, told), ''].join('\n')));
  }
  const report = {
    results: resultsWith(options, campaign),
    scenarios: [scenario],
    replayWith: replayWith(flags, given),
  };
  renderReports(
    report,
    requests.filter((request) => !isTable(request)),
    rendering(flags),
  );
  const { interrupted, broken } = campaign;
  if (broken !== undefined) throw new BrokenGround(broken);
  const { allowSkipped = false } = flags;
  return codeFor({ interrupted, judgements: judgementsOf(report), allowSkipped });
}

/** A witness of these commands again. */
async function replayed(
  flags: ExecFlags,
  witness: string,
  given: readonly string[],
  { scenarios, catalogue }: CampaignOptions,
  signal: AbortSignal,
): Promise<number> {
  const options = { scenarios, catalogue, times: flags.times, told: () => {} };
  const [again] = await replayWitnesses([witness], options, signal);
  const { replayed: result } = again!;
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(result)}\n`
      : shown(witness, result, scenarios, { replayWith: replayWith(flags, given) }),
  );
  return codeFor({ judgements: [replayJudgement(result, [])] });
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
    const usual = witness.includes('~') ? FAULTY_WRITERS : limits.writersMin;
    const writers = alike && given.length !== usual ? ['--writers', String(given.length)] : [];
    return [
      'collide exec',
      ...[...said, ...writers].map(shellWord),
      '--replay',
      witness,
      ...commands.map(shellWord),
    ].join(' ');
  };

const COLUMNS = 120;

export const execCommand: Define = (program, finish) => {
  program
    .command('exec')
    .description(
      'any commands, each a session: what do they do to each other that they would not do one after another?',
    )
    .argument('<command...>', 'a line for the shell of each session; one alone is for all of them')
    .option('-w, --writers <n>', 'sessions, where there is one command for all of them (default: 2)', parseWriters)
    .option('-d, --dir <dir>', 'what they work on: copied, and never touched itself', '.')
    .option('--home <dir>', 'what their home directory is a copy of (default: an empty one)')
    .option('--watch <glob>', 'what counts of what they leave; may be repeated (default: everything)', parseWatch)
    .option('--expect <what>', 'what is right, said as below; may be repeated', parseExpect)
    .option('-e, --engine <name>', 'explore (chosen interleavings), storm (free running), or both', parseEngine, 'both')
    .option('-r, --rounds <n>', 'rounds of the storm (default: as many as the budget allows)', parseRounds)
    .option('--steps <n>', STEPS_HELP, parseSteps)
    .option('-b, --budget <time>', 'about how long it may take: 500ms, 45s, 2m (default: 30s)', parseBudget)
    .option('--require <level>', `${REQUIRE_HELP} (default: sampled)`, parseRequire)
    .option('--max-rate <rate>', `${MAX_RATE_HELP} (default: 5%)`, parseMaxRate)
    .option('-s, --seed <n>', 'seed of whatever is drawn', parseSeed, 1)
    .option(
      '--faults',
      'what they do when something goes wrong, as in `collide faults`, instead of what they do to each other',
    )
    .option('-k, --kinds <list>', 'with --faults: kinds of fault (default: all but the power-…)', parseKinds)
    .option('--power-loss', 'with --faults: the power fails, too')
    .option('--replay <witness>', 'make an execution of these commands again from its witness, and show it')
    .option('-n, --times <n>', 'replay it so often, and compare the steps', parseTimes, 1)
    .option('--allow-skipped', ALLOW_SKIPPED_HELP)
    .option('--reporter <list>', REPORTER_HELP, parseReporters)
    .option('-o, --out <dir>', 'where reporters put files that have no name of their own', 'reports')
    .option('--json', 'print the verdict with its witnesses as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide exec 'n=$(cat n); echo $((n + 1)) > n'
  collide exec './bump.sh' './report.sh'
  collide exec --writers 4 -- git config --add remote.all.url 'host-{session}'
  collide exec --expect 'counter n' './bump.sh'
  collide exec --require all './bump.sh' './report.sh'
  collide exec --max-rate 1% --rounds 400 ./sync.sh
  collide exec --faults './bump.sh'

In a command, {session} is the number of its session, {op} that of its operation, and {uuid} is unique; the same is in its
environment as COLLIDE_SESSION, COLLIDE_OP and COLLIDE_UUID. What the commands do one after another, in every order, is right:
every other outcome is a collision. A command that says that it did not work, with its exit code, is refused, and no collision;
if one after another it works, that is told of beside the verdict.

Who knows better what is right says so with --expect:
${explained(expectForms)}
${REPORTERS}, but exec.json
${EXEC_EXIT_CODES}`,
    )
    .action(async (commands, flags) => {
      const lines = process.argv.includes('--') ? [commands.map(shellWord).join(' ')] : commands;
      finish(await exec(flags, lines));
    });
};
