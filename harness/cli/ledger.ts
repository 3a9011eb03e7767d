import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FAULT_FILE, faultResultsAt } from '../report/fault-results.ts';
import { ledgerEntries, ledgerJsonl, ledgerMarkdown } from '../report/ledger.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { exitCode, UsageError } from './exit.ts';
import { CONFIG_HELP } from './help.ts';
import { checkOut, resultsOf } from './options.ts';

export interface LedgerFlags {
  readonly in: string;
  readonly out: string;
  readonly json?: boolean;
  readonly config?: string;
}

/** `collide ledger`: from the results of a run to the audit ledger. */
export async function ledger(flags: LedgerFlags): Promise<number> {
  const { catalogue } = await loadCatalogue(flags.config);
  const results = resultsOf(flags.in);
  const { topology = 'same-directory' } = results.options;
  if (topology !== 'same-directory') {
    throw new UsageError(
      `--in ${flags.in} holds a run with --topology ${topology}, in which not all was shared: run \`collide run\` without it`,
    );
  }
  // What `collide faults` wrote to the same place.
  const faults = faultResultsAt(join(dirname(flags.in), FAULT_FILE));
  const entries = ledgerEntries(catalogue, results, faults);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(entries, null, 1)}\n`);
    return exitCode.ok;
  }
  const out = checkOut(flags.out);
  const markdown = join(out, 'COLLISION-LEDGER.md');
  const jsonl = join(out, 'COLLISION-LEDGER.jsonl');
  writeFileSync(markdown, ledgerMarkdown(entries, results, faults));
  writeFileSync(jsonl, ledgerJsonl(entries));
  process.stdout.write(`${entries.length} targets: ${markdown} and ${jsonl}\n`);
  return exitCode.ok;
}

export const ledgerCommand: Define = (program, finish) => {
  program
    .command('ledger')
    .description('write the P1/P2 audit ledger from the results of a run')
    .option('-i, --in <file>', 'results of a run', 'reports/results.json')
    .option('-o, --out <dir>', 'write COLLISION-LEDGER.md and .jsonl here', 'reports')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--json', 'print the entries as JSON instead of writing files')
    .addHelpText(
      'after',
      '\nExamples:\n  collide run && collide ledger\n  collide ledger --in old/results.json --out old\n',
    )
    .action(async (flags) => {
      finish(await ledger(flags));
    });
};
