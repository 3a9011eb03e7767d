import { dirname, join } from 'node:path';
import { replayWitnesses } from '../campaign/replaying.ts';
import type { Replayed } from '../explore/protocol.ts';
import { castOf } from '../explore/replay.ts';
import { parseWitness } from '../explore/witness.ts';
import { kindOf } from '../faults/points.ts';
import { FAULT_FILE, faultResultsAt } from '../report/fault-results.ts';
import type { Judgement } from '../report/judged.ts';
import { type TimelineOptions, timeline } from '../report/timeline.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { expectationOf } from '../verdict/verdict.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { codeFor, UsageError } from './exit.ts';
import { CONFIG_HELP, REPLAY_EXIT_CODES } from './help.ts';
import { untilInterrupted } from './interrupt.ts';
import { checkDir, parseTimes, resultsOf } from './options.ts';

export interface ReplayFlags {
  readonly times: number;
  readonly in: string;
  readonly dir?: string;
  readonly json?: boolean;
  readonly config?: string;
}

/** `collide replay`: makes an execution again from its witness, and shows it. */
export async function replay(flags: ReplayFlags, witnesses: readonly string[]): Promise<number> {
  const { catalogue, url } = await loadCatalogue(flags.config);
  const named = witnesses.flatMap((witness) => witnessesIn(witness, flags.in));
  const dir = flags.dir === undefined ? {} : { dir: checkDir(flags.dir) };
  const told = (message: string): void => void process.stderr.write(`${message}\n`);
  const options = { scenarios: catalogue, catalogue: url, times: flags.times, told, ...dir };
  return await untilInterrupted(async (interrupted) => {
    const results = await replayWitnesses(named, options, interrupted);
    const text = flags.json
      ? `${JSON.stringify(results.map(({ witness, replayed }) => ({ witness, ...replayed })))}\n`
      : results.map(({ witness, replayed }) => shown(witness, replayed, catalogue)).join('\n\n');
    process.stdout.write(text);
    const judgements = results.map(({ witness, replayed }) =>
      replayJudgement(replayed, expectedOf(witness, catalogue)),
    );
    return codeFor({ judgements });
  });
}

/** A witness as it is; of `target/strategy`, those that the results of the last run name. */
function witnessesIn(text: string, path: string): readonly string[] {
  if (text.includes(':')) {
    parseWitness(text);
    return [text];
  }
  const verdicts = resultsOf(path).verdicts.filter(
    ({ target, strategy }) => text === target || text === `${target}/${strategy}`,
  );
  const faults = faultResultsAt(join(dirname(path), FAULT_FILE))?.faults ?? [];
  const named = faults.filter(({ target, strategy }) => text === target || text === `${target}/${strategy}`);
  const found = [...verdicts, ...named].flatMap(({ findings }) => findings.flatMap(({ replay }) => replay ?? []));
  if (found.length > 0) return found;
  const reason = verdicts.length + named.length === 0 ? 'has no such row' : 'has no witness for it';
  throw new UsageError(
    `${text}: ${path} ${reason}; name a witness, such as ingest-health/rename:2:0@open.2:health.json,1`,
  );
}

/** What a witness shows, and whether it was followed. */
export function shown(
  witness: string,
  { findings, contention, diverged, times, stepLists, execution }: Replayed,
  catalogue: readonly Scenario[],
  options: TimelineOptions = {},
): string {
  const scenario = catalogue.find(({ id }) => id === execution.target)!;
  const pictures = [...findings, contention ?? []]
    .flat()
    .map((finding) => timeline(scenario, finding, { width: process.stdout.columns ?? PIPED_COLUMNS, ...options }));
  const notes = [
    ...diverged.map((message) => `It left the schedule: ${message}. The writer has changed, or is not deterministic.`),
    ...(findings.length > 0
      ? []
      : contention === undefined
        ? [`${witness}: nothing is wrong after this execution.`]
        : [
            'Nothing else is wrong, so that it is no collision: who failed has said so. --expect all-succeed makes it one.',
          ]),
    ...(times > 1
      ? [
          stepLists === 1
            ? `${times} replays, all with the same steps.`
            : `${times} replays, with ${stepLists} different lists of steps: the writer is not deterministic.`,
        ]
      : []),
  ];
  return `${[...pictures, ...(notes.length > 0 ? [notes.join('\n')] : [])].join('\n\n')}\n`;
}

const PIPED_COLUMNS = 120;

/** Nothing but what the truth says is fine; one that took other steps than the witness has, or several lists of them, shows nothing. */
export function replayJudgement({ findings, diverged, stepLists }: Replayed, expected: readonly string[]): Judgement {
  if (findings.some((finding) => !expected.includes(finding.class))) return 'wrong';
  return diverged.length > 0 || stepLists !== 1 ? 'unjudged' : 'fine';
}

/** What the truth says; whether all of that shows is not a question of one execution. */
function expectedOf(witness: string, catalogue: readonly Scenario[]): readonly string[] {
  const { scenario, strategy, faults } = castOf(witness, catalogue);
  const known = scenario.strategies[strategy]!;
  const { truth, may = [] } =
    faults === undefined
      ? expectationOf(scenario, known, 'shared')
      : (known.underFaults?.[kindOf(faults)] ?? { truth: 'SAFE' as const });
  return [...(truth === 'SAFE' ? [] : truth), ...may];
}

export const replayCommand: Define = (program, finish) => {
  program
    .command('replay')
    .description('make an execution again from its witness, and show it step by step')
    .argument('<witness...>', 'target/strategy:writers:schedule, as printed; or target/strategy: those of the last run')
    .option('-n, --times <n>', 'replay it so often, and compare the steps', parseTimes, 1)
    .option('-i, --in <file>', 'results of a run, to look target/strategy up in', 'reports/results.json')
    .option('-d, --dir <dir>', 'make the sandbox here (default: /dev/shm)')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--json', 'print findings, steps and final state as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide replay ingest-health/rename:2:0@open.2:health.json,1
  collide replay daily-log/check-header
  collide replay task-doc --json | jq '.[].findings[].class'

A schedule says who goes on, in turn: \`0@write:state.json,1,0\` is session 0 up to its first write of state.json, then session 1
as far as it can, then session 0. \`read.2\` is the second read, \`read+1\` one in operation 1.
${REPLAY_EXIT_CODES}`,
    )
    .action(async (witnesses, flags) => {
      finish(await replay(flags, witnesses));
    });
};
