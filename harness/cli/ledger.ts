import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { FAULT_FILE, faultResultsAt } from '../report/fault-results.ts';
import { ledgerEntries } from '../report/ledger.ts';
import {
  changesSince,
  type LastLedger,
  ledgerJsonl,
  ledgerOf,
  refOf,
  runOf,
  snapshotOf,
} from '../report/ledger-file.ts';
import { ledgerMarkdown } from '../report/ledger-markdown.ts';
import { readLast } from '../report/ledger-read.ts';
import { sinceWords } from '../report/ledger-since.ts';
import { type Results, replaceText } from '../report/results.ts';
import { packageRoot } from '../scenario/command.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { exitCode, UsageError } from './exit.ts';
import { CONFIG_HELP } from './help.ts';
import { checkOut, resultsOf } from './options.ts';

export interface LedgerFlags {
  /** Without it: `reports/results.json`. */
  readonly in?: readonly string[];
  readonly out: string;
  readonly since?: string;
  readonly json?: boolean;
  readonly config?: string;
}

const DEFAULT_IN = 'reports/results.json';

/** `collide ledger`: from the results of a run, and the ledger before, to the audit ledger. */
export async function ledger({ in: paths = [DEFAULT_IN], out, since, json, config }: LedgerFlags): Promise<number> {
  const { catalogue } = await loadCatalogue(config);
  const { path, results, others } = runsIn(paths);
  if (since !== undefined) {
    const last = lastAt('--since', since, catalogue);
    const changed = changedSince(last, catalogue, results);
    process.stdout.write(json ? `${JSON.stringify(changed, null, 1)}\n` : sinceWords(since, last.run, changed.changes));
    return exitCode.ok;
  }
  // What `collide faults` wrote to the same place.
  const faults = faultResultsAt(join(dirname(path), FAULT_FILE));
  const jsonl = join(out, 'COLLISION-LEDGER.jsonl');
  const last = existsSync(jsonl) ? lastAt('--out', jsonl, catalogue) : undefined;
  const made = ledgerOf({ catalogue, results, faults, others, last });
  if (json) {
    process.stdout.write(`${JSON.stringify(made.entries, null, 1)}\n`);
    return exitCode.ok;
  }
  const markdown = join(checkOut(out), 'COLLISION-LEDGER.md');
  replaceText(markdown, ledgerMarkdown(made, { faults, readme: readmeFrom(out) }));
  // Last: where it is not written, the next ledger takes up where this one did.
  replaceText(jsonl, ledgerJsonl(made));
  process.stdout.write(`${made.entries.length} targets: ${markdown} and ${jsonl}\n`);
  return exitCode.ok;
}

interface Runs {
  /** Of the run in which all was shared. */
  readonly path: string;
  readonly results: Results;
  /** Of other topologies. */
  readonly others: readonly Results[];
}

/** @throws {UsageError} unless exactly one run shared everything. */
function runsIn(paths: readonly string[]): Runs {
  const runs = paths.map((path) => {
    const results = resultsOf(path);
    return { path, results, topology: results.options.topology ?? 'same-directory' };
  });
  const [shared, another] = runs.filter(({ topology }) => topology === 'same-directory');
  const [first] = runs;
  if (shared === undefined) {
    throw new UsageError(
      `--in ${first!.path} holds a run with --topology ${first!.topology}, in which not all was shared: add the results of a \`collide run\` without it`,
    );
  }
  if (another !== undefined) {
    throw new UsageError(
      `--in ${another.path} and --in ${shared.path} both hold runs in which all was shared: name one of them`,
    );
  }
  return {
    path: shared.path,
    results: shared.results,
    others: runs.filter((each) => each !== shared).map(({ results }) => results),
  };
}

function lastAt(flag: string, path: string, catalogue: readonly Scenario[]): LastLedger {
  try {
    return readLast(path, catalogue);
  } catch (error) {
    throw new UsageError(`${flag} ${(error as Error).message}`);
  }
}

function changedSince(last: LastLedger, catalogue: readonly Scenario[], results: Results) {
  const run = refOf(runOf(results));
  const changes = changesSince(last, snapshotOf(ledgerEntries(catalogue, results), run));
  return { since: last.run, run, changes };
}

/** Where the ledger lies in a clone of collide, its README is a link away. */
function readmeFrom(out: string): string | undefined {
  const path = relative(resolve(out), join(packageRoot(), 'README.md'));
  return relative(packageRoot(), resolve(out)).startsWith('..') ? undefined : path;
}

export const ledgerCommand: Define = (program, finish) => {
  program
    .command('ledger')
    .description('write the P1/P2 audit ledger from the results of a run, and what has changed since the last one')
    .option(
      '-i, --in <file>',
      `results of a run (default: ${DEFAULT_IN}); repeated, results of other topologies, for their safety tiers`,
      (path: string, before: readonly string[] = []) => [...before, path],
    )
    .option(
      '-o, --out <dir>',
      'write COLLISION-LEDGER.md and .jsonl here; the ones that are there are the last ledger',
      'reports',
    )
    .option(
      '--since <file>',
      'only print what has changed since an older ledger (.jsonl) or older results, and write nothing',
    )
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--json', 'print the entries as JSON instead of writing files; with --since, the changes')
    .addHelpText(
      'after',
      `
Examples:
  collide run && collide ledger
  collide ledger --in old/results.json --out old
  collide ledger --since old/results.json
  git show HEAD~1:reports/COLLISION-LEDGER.jsonl > before.jsonl && collide ledger --since before.jsonl --json
  collide run --topology two-directories --out two && collide ledger --in reports/results.json --in two/results.json
`,
    )
    .action(async (flags) => {
      finish(await ledger(flags));
    });
};
