/** `collide gate`: did anything get worse than what has been agreed to? */

import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Baseline, type BaselineRun, formatBaseline } from '../baseline/baseline.ts';
import { type Comparing, compare } from '../baseline/compare.ts';
import { readBaseline } from '../baseline/read.ts';
import { updated } from '../baseline/update.ts';
import { rateIn } from '../config/rate.ts';
import { limits } from '../limits.ts';
import { comparisonText, updateText } from '../report/comparison.ts';
import { judgementsOf } from '../report/judged.ts';
import type { Report } from '../report/report.ts';
import { type Results, replaceText, writeResults } from '../report/results.ts';
import { quoted } from '../report/timeline.ts';
import { amount } from '../report/words.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { selectTargets } from '../scenario/select.ts';
import { BrokenGround } from '../schedule/storm.ts';
import { rowName } from '../verdict/fingerprint.ts';
import { atLeast, type Level, type Requirement, requirementOf } from '../verdict/level.ts';
import { type LoadedCatalogue, loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { codeFor, exitCode, UsageError } from './exit.ts';
import { type Asked, askedOf, questionOf, scenariosFor } from './gate-question.ts';
import { explored, onlyRows, repeated, restricted } from './gate-run.ts';
import { ALLOW_SKIPPED_HELP, CONFIG_HELP } from './help.ts';
import { interruptible } from './interrupt.ts';
import {
  checkOut,
  parseRequire,
  parseSeed,
  parseSteps,
  parseTargets,
  parseWriters,
  REQUIRE_HELP,
  resultsOf,
} from './options.ts';
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

export interface GateFlags extends Asked {
  readonly baseline: string;
  readonly update?: boolean;
  readonly strict?: boolean;
  readonly require?: Level;
  readonly in?: string;
  readonly targets?: readonly string[];
  readonly config?: string;
  readonly out: string;
  readonly reporter?: readonly Request[];
  readonly allowSkipped?: boolean;
  readonly json?: boolean;
}

/** All that the rest needs to know. */
interface Gate {
  readonly flags: GateFlags;
  readonly loaded: LoadedCatalogue;
  readonly before: Baseline | undefined;
  readonly question: BaselineRun;
  readonly scenarios: readonly Scenario[];
  readonly comparing: Comparing;
  readonly requests: readonly Request[];
  /** What is enough for SAFE. */
  readonly required: Requirement;
}

/** Resolves to the exit code. */
export async function gate(flags: GateFlags): Promise<number> {
  const { baseline: path, update = false, targets: named } = flags;
  const loaded = await loadCatalogue(flags.config);
  const before = existsSync(path) ? readBaseline(readFileSync(path, 'utf8'), path) : undefined;
  if (before === undefined && !update) {
    throw new UsageError(`${path}: there is no baseline yet: \`${updateCommand(flags)}\` makes the first one`);
  }
  const stored = flags.in === undefined ? undefined : resultsOf(flags.in);
  const said = stored === undefined ? flags : agreed(flags, askedOf(stored, flags.in!));
  const nameOf = (name: keyof Asked): string =>
    `${stored === undefined ? '' : `--in ${flags.in}, which was run with `}--${name} ${said[name]}`;
  const question = questionOf(said, nameOf, { before: before?.run, path, update, named }, loaded);
  const scenarios =
    named === undefined ? scenariosFor(question.targets, loaded) : selectTargets(loaded.catalogue, named);
  const ids = new Set(scenarios.map(({ id }) => id));
  const comparing: Comparing = {
    path,
    today: new Date(performance.timeOrigin + performance.now()).toISOString().slice(0, 10),
    strict: flags.strict ?? false,
    ...(update ? {} : { update: updateCommand(flags) }),
    ...(named === undefined ? {} : { among: (target) => ids.has(target) }),
  };
  const requests = requestsOf({
    said: flags.reporter,
    configured: update ? undefined : loaded.config?.values.reporter,
    json: flags.json,
  });
  const { require, maxRate } = loaded.config?.values ?? {};
  const required = requirementOf({
    ...(require === undefined ? {} : { require }),
    ...(maxRate === undefined ? {} : { maxRate: rateIn(String(maxRate))! }),
    ...(flags.require === undefined ? {} : { require: flags.require }),
  });
  const asked: Gate = { flags, loaded, before, question, scenarios, comparing, requests, required };
  if (update) checkOut(dirname(path), '--baseline');
  if (stored !== undefined) return concluded(asked, restricted(stored, scenarios, flags.in!));
  const out = checkOut(flags.out);
  return await interruptible(async (interrupted) => {
    const results = await answered(asked, interrupted);
    writeResults(out, results);
    if (results.interrupted) {
      const { length } = results.verdicts;
      process.stderr.write(`Interrupted: ${amount(length, 'row')} done, nothing compared; ${path} is as it was.\n`);
      return exitCode.interrupted;
    }
    if (results.broken !== undefined) throw new BrokenGround(results.broken);
    return concluded(asked, results);
  });
}

/** What the flags say must be what the stored run was asked. */
function agreed(flags: GateFlags, asked: Required<Asked>): Required<Asked> {
  for (const name of ['steps', 'writers', 'seed'] as const) {
    if (flags[name] === undefined || flags[name] === asked[name]) continue;
    throw new UsageError(`--${name} ${flags[name]}: --in ${flags.in} was run with --${name} ${asked[name]}`);
  }
  return asked;
}

/** A row that came to less is run once more: a session that was lost is no regression. */
async function answered(asked: Gate, signal: AbortSignal): Promise<Results> {
  const { question, scenarios, loaded, before, comparing } = asked;
  const first = await explored(question, scenarios, loaded.url, signal, asked.required);
  if (first.interrupted || first.broken !== undefined) return first;
  const changes = before === undefined ? [] : compare(before, first.verdicts, comparing).changes;
  const less = new Set([
    ...changes.flatMap(({ kind, row, fails }) => (fails && (kind === 'weaker' || kind === 'uncompared') ? row : [])),
    ...first.verdicts.flatMap((each) =>
      each.status === 'INCONCLUSIVE' && before?.rows[rowName(each)] === undefined ? rowName(each) : [],
    ),
  ]);
  if (less.size === 0) return first;
  process.stderr.write(`once more, because it came to less: ${[...less].join(', ')}\n`);
  return repeated(first, await explored(question, onlyRows(scenarios, less), loaded.url, signal, asked.required));
}

function concluded(asked: Gate, judged: Results): number {
  const { flags, loaded, before, question, scenarios, comparing, required } = asked;
  // A stored run may have been asked for less.
  const results = { ...judged, verdicts: atLeast(judged.verdicts, required.level) };
  const { baseline: path } = flags;
  const { verdicts } = results;
  const comparison = before === undefined ? undefined : compare(before, verdicts, comparing);
  const report: Report = { results, scenarios, ...(comparison === undefined ? {} : { comparison }) };
  if (!flags.update) {
    print(report, asked);
    const { allowSkipped = loaded.config?.values.allowSkipped ?? false } = flags;
    return codeFor({ judgements: judgementsOf(report), allowSkipped });
  }
  const written = updated(before, question, verdicts, comparing.among);
  replaceText(path, formatBaseline(written.baseline));
  if (flags.json) process.stdout.write(`${JSON.stringify({ ...results, comparison })}\n`);
  else
    process.stdout.write(
      updateText(written, { path, columns: columnsOf(), ...(comparison === undefined ? {} : { comparison }) }),
    );
  return exitCode.ok;
}

/** The one place where a gate says what came of it. */
function print(report: Report, { flags: { json, config, out }, requests, loaded }: Gate): void {
  const { results, scenarios, comparison } = report;
  if (json) process.stdout.write(`${JSON.stringify({ ...results, comparison })}\n`);
  const flag = config === undefined ? '' : ` --config ${quoted(config)}`;
  const replayWith = (witness: string): string => `collide replay${flag} ${witness}`;
  if (requests.some(isTable)) {
    process.stdout.write(comparisonText(comparison!, results, scenarios, { columns: columnsOf(), replayWith }));
  }
  const others = requests.filter((request) => !isTable(request));
  renderReports({ ...report, replayWith, ...placesOf(loaded.config) }, others, { out });
}

const columnsOf = (): number => Math.min(process.stdout.columns ?? PIPED_COLUMNS, PIPED_COLUMNS);

const PIPED_COLUMNS = 120;

const DEFAULT_BASELINE = 'reports/baseline.json';

/** With the flags that say of what. */
const updateCommand = ({ baseline, config }: GateFlags): string =>
  [
    'collide gate --update',
    ...(baseline === DEFAULT_BASELINE ? [] : [`--baseline ${quoted(baseline)}`]),
    ...(config === undefined ? [] : [`--config ${quoted(config)}`]),
  ].join(' ');

export const gateCommand: Define = (program, finish) => {
  program
    .command('gate')
    .description('compare with what has been agreed to, and fail where anything got worse')
    .option('-b, --baseline <file>', 'what has been agreed to', DEFAULT_BASELINE)
    .option('-u, --update', 'agree to what there is now: write the baseline, and say what changed in it')
    .option('-i, --in <file>', 'compare the results of a run instead of exploring')
    .option('-t, --targets <list>', 'only these of its targets; with the first --update: the targets', parseTargets)
    .option(
      '--steps <n>',
      `how far each strategy is explored (default: as the baseline has it; the first one: ${limits.gateSteps})`,
      parseSteps,
    )
    .option(
      '-w, --writers <n>',
      'sessions that write at once (default: as the baseline has it; the first one: 4)',
      parseWriters,
    )
    .option(
      '-s, --seed <n>',
      'seed of whatever is drawn (default: as the baseline has it; the first one: 1)',
      parseSeed,
    )
    .option('--require <level>', `${REQUIRE_HELP} (default: sampled)`, parseRequire)
    .option('--strict', 'fail, too, where something that is missing here keeps a row from being compared')
    .option('-o, --out <dir>', 'write results here, for `collide replay`', 'reports')
    .option('--allow-skipped', ALLOW_SKIPPED_HELP)
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--reporter <list>', REPORTER_HELP, parseReporters)
    .option('--json', 'print the results with the comparison as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide gate --update                  # the first baseline; to be committed
  collide gate                           # in CI: did anything get worse?
  collide gate --targets build-number
  collide gate --require bounded         # a sample is no SAFE
  collide gate --reporter table,github,junit,sarif,html
  collide gate --update --steps 50000    # ask another question

A baseline has a line for every row, and one for every race that is known, which may say why, and until when:
  "build-number/commands LAST_WRITER_WINS: read n < write n": { "reason": "the new CI has a lock", "expires": "2026-12-31" }

Exit codes, the first that applies:
  2   usage or configuration error; no baseline
  130 interrupted, by Ctrl-C or SIGTERM
  3   the harness could not do its work
  1   a race that is new, gone, or past its date; a row that rests on less, is new, or is gone
  3   a row could not be compared, has no verdict that it had not before, or all are SKIPPED (unless --allow-skipped)
  0   nothing got worse; a row that the baseline has as INCONCLUSIVE may still be that
${REPORTERS}`,
    )
    .action(async (flags) => {
      finish(await gate(flags));
    });
};
