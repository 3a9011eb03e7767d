import { availableParallelism } from 'node:os';
import { type FaultOptions, type FaultProgress, isUpset, runFaults } from '../campaign/upsetting.ts';
import { limits } from '../limits.ts';
import { FAULT_FORMAT, type FaultResults, writeFaultResults } from '../report/fault-results.ts';
import { cellJudgements } from '../report/judged.ts';
import { faultsText } from '../report/overview.ts';
import { durationWords } from '../report/words.ts';
import { type FaultKind, faultKindNames, faultKinds, isPower, powerKinds } from '../scenario/faults.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { selectTargets } from '../scenario/select.ts';
import { thisMachine } from '../session/machine.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { codeFor } from './exit.ts';
import { ALLOW_SKIPPED_HELP, CONFIG_HELP, explained, FAULTS_EXIT_CODES } from './help.ts';
import { untilInterrupted } from './interrupt.ts';
import { lineOn } from './line.ts';
import {
  checkDir,
  checkOut,
  parseBudget,
  parseFaults,
  parseKinds,
  parsePreemptions,
  parseSeed,
  parseTargets,
} from './options.ts';
import { lookOf } from './reporters.ts';

export interface FaultFlags {
  readonly targets?: readonly string[];
  readonly kinds?: readonly FaultKind[];
  readonly powerLoss?: boolean;
  readonly faults: number;
  readonly preemptions: number;
  readonly budget?: number;
  readonly seed: number;
  readonly dir?: string;
  readonly out: string;
  readonly config?: string;
  readonly allowSkipped?: boolean;
  readonly json?: boolean;
}

/** `collide faults`: do strategies hold when something goes wrong? Resolves to the exit code. */
export async function faults(flags: FaultFlags): Promise<number> {
  const { catalogue, url, config } = await loadCatalogue(flags.config);
  const targets = flags.targets ?? config?.targets ?? ['all'];
  const scenarios = selectTargets(catalogue, targets);
  const kinds = kindsOf(flags);
  const out = checkOut(flags.out);
  const options: FaultOptions = {
    scenarios,
    catalogue: url,
    kinds,
    faults: flags.faults,
    preemptions: flags.preemptions,
    seed: flags.seed,
    budgetMs: flags.budget ?? defaultFaultBudgetMs(scenarios, kinds),
    ...(flags.dir === undefined ? {} : { dir: checkDir(flags.dir) }),
  };
  return await untilInterrupted(async (interrupted) => {
    const results = await faultResults(options, targets, interrupted);
    process.stdout.write(flags.json ? `${JSON.stringify(results)}\n` : faultReport(results));
    const path = writeFaultResults(out, results);
    if (!flags.json) process.stdout.write(`Results with witnesses: ${path}\n`);
    return codeOf(results, flags.allowSkipped ?? config?.values.allowSkipped);
  });
}

/** So much for each strategy that is tried, on each core. */
export function defaultFaultBudgetMs(scenarios: readonly Scenario[], kinds: readonly FaultKind[]): number {
  const tried = scenarios.flatMap(({ strategies }) =>
    Object.values(strategies).filter((strategy) => isUpset(strategy, kinds)),
  );
  return (tried.length * limits.faultStrategyMs) / availableParallelism();
}

/** Tries the faults, and says how far that has come. */
export async function faultResults(
  options: FaultOptions,
  targets: readonly string[],
  interrupted: AbortSignal,
): Promise<FaultResults> {
  const progress = progressOn(process.stderr, options.budgetMs);
  const result = await runFaults(options, interrupted, progress.watch).finally(progress.done);
  const { kinds, faults, preemptions, seed, budgetMs } = options;
  return {
    format: FAULT_FORMAT,
    options: { targets, kinds, faults, preemptions, seed, budgetMs },
    machine: thisMachine(),
    ...result,
  };
}

export const codeOf = (results: FaultResults, allowSkipped = false): number =>
  codeFor({ interrupted: results.interrupted, judgements: cellJudgements(results), allowSkipped });

/** All but the failure of the power, where nothing else is said. */
export function kindsOf({ kinds, powerLoss }: Pick<FaultFlags, 'kinds' | 'powerLoss'>): readonly FaultKind[] {
  if (kinds === undefined) return faultKindNames.filter((kind) => powerLoss || !isPower(kind));
  return powerLoss ? [...new Set([...kinds, ...powerKinds])] : kinds;
}

export const faultReport = (results: FaultResults, replayWith?: (witness: string) => string): string =>
  faultsText(results, lookOf(process.stdout), replayWith);

/** On a terminal one line that is redrawn; elsewhere a line for each strategy that is done. */
function progressOn(
  stream: NodeJS.WriteStream,
  budgetMs: number,
): { readonly watch: (progress: FaultProgress) => void; readonly done: () => void } {
  const began = performance.now();
  const line = lineOn(stream);
  return {
    done: line.clear,
    watch(progress) {
      if (progress.type === 'server') line.say(progress.message);
      else if (progress.type === 'tried') {
        const [first] = progress.verdicts;
        const broken = progress.verdicts.filter(({ status }) => status === 'COLLIDES').map(({ kind }) => kind);
        const tried = progress.verdicts.some(({ executions }) => executions > 0);
        const words = broken.length > 0 ? `broken by ${broken.join(', ')}` : tried ? 'nothing breaks it' : 'no verdict';
        line.say(`[${progress.done}/${progress.of}] ${first?.target}/${first?.strategy}: ${words}`);
      } else {
        const time = `${durationWords(performance.now() - began)} of ${durationWords(budgetMs)}`;
        line.draw(`[${progress.done}/${progress.of}] ${time} · ${progress.row}, execution ${progress.executions} …`);
      }
    },
  };
}

export const faultsCommand: Define = (program, finish) => {
  program
    .command('faults')
    .description('crashes, failing calls, full disks, stalls: does what is SAFE hold when something goes wrong?')
    .option('-t, --targets <list>', 'ids, globs, P1, P2 or all; comma-separated', parseTargets)
    .option(
      '-k, --kinds <list>',
      'kinds of fault, as below; comma-separated (default: all but the power-…)',
      parseKinds,
    )
    .option('--power-loss', 'the power fails, too: power-posix and power-ext4')
    .option('-f, --faults <n>', 'faults in one execution: 1, or 2 for pairs of one kind', parseFaults, 1)
    .option(
      '-p, --preemptions <n>',
      'schedules with at most so many preemptions',
      parsePreemptions,
      limits.faultPreemptions,
    )
    .option(
      '-b, --budget <time>',
      'about how long all of it may take: 45s, 2m (default: 10s for each strategy, over all cores)',
      parseBudget,
    )
    .option('-s, --seed <n>', 'seed of whatever is drawn', parseSeed, 1)
    .option('-d, --dir <dir>', 'make the sandbox here (default: /dev/shm)')
    .option('-o, --out <dir>', 'write results here', 'reports')
    .option('--allow-skipped', ALLOW_SKIPPED_HELP)
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide faults
  collide faults --targets verdict-chain,build-marker --kinds crash,stall
  collide faults --targets user-config --power-loss
  collide faults --json | jq -r '.faults[] | select(.status == "COLLIDES") | [.target, .strategy, .kind, .why] | @tsv'

Kinds of fault:
${explained(faultKinds)}

Each strategy that is SAFE while all goes well is run with one fault at every step where it can happen, in every schedule with few
preemptions; then a fresh session must be able to go on. What breaks has a witness: \`collide replay\` shows it.
${FAULTS_EXIT_CODES}`,
    )
    .action(async (flags) => {
      finish(await faults(flags));
    });
};
