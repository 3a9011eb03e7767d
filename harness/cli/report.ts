import { dirname, join } from 'node:path';
import { FAULT_FILE, faultResultsAt } from '../report/fault-results.ts';
import { byReplay } from '../report/timeline.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { exitCode } from './exit.ts';
import { CONFIG_HELP } from './help.ts';
import { checkOut, resultsOf } from './options.ts';
import {
  parseReporters,
  placesOf,
  REPORTER_HELP,
  REPORTERS,
  type Request,
  renderReports,
  requestsOf,
} from './reporters.ts';

export interface ReportFlags {
  readonly in: string;
  /** Without it: where the results are. */
  readonly out?: string;
  readonly reporter?: readonly Request[];
  readonly config?: string;
}

/** `collide report`: stored results, told again. */
export async function report(flags: ReportFlags): Promise<number> {
  const { catalogue, config } = await loadCatalogue(flags.config);
  const requests = requestsOf({ said: flags.reporter, configured: config?.values.reporter });
  const results = resultsOf(flags.in);
  const faults = faultResultsAt(join(dirname(flags.in), FAULT_FILE));
  const out = checkOut(flags.out ?? dirname(flags.in));
  const told = { results, scenarios: catalogue, ...placesOf(config), ...(faults === undefined ? {} : { faults }) };
  renderReports({ ...told, replayWith }, requests, { out });
  return exitCode.ok;
}

/** Who gave commands to `exec` has to say them again. */
const replayWith = (witness: string): string =>
  /^'?exec\//.test(witness) ? `collide exec --replay ${witness} COMMAND…` : byReplay(witness);

export const reportCommand: Define = (program, finish) => {
  program
    .command('report')
    .description('tell of the results of a run again, in other formats')
    .option('-i, --in <file>', 'results of a run; those of faults are taken from beside it', 'reports/results.json')
    .option(
      '-o, --out <dir>',
      'where reporters put files that have no name of their own (default: where the results are)',
    )
    .option('--reporter <list>', REPORTER_HELP, parseReporters)
    .option('-c, --config <file>', CONFIG_HELP)
    .addHelpText(
      'after',
      `
Examples:
  collide report
  collide report --reporter html,junit=test-results/collide.xml
  collide report --in old/results.json --reporter markdown=- | gh pr comment --body-file -

The exit code is 0 whatever the results are: it was told already by the run.
${REPORTERS}`,
    )
    .action(async (flags) => {
      finish(await report(flags));
    });
};
