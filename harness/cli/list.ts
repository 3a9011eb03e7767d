import Table from 'cli-table3';
import { exceptionWords, priorities, type Scenario, truthClasses } from '../scenario/scenario.ts';
import { selectTargets } from '../scenario/select.ts';
import type { Listed } from '../schema/catalogue.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { exitCode, UsageError } from './exit.ts';
import { fixesOf, fixesText } from './fixes.ts';
import { CONFIG_HELP } from './help.ts';

export interface ListFlags {
  readonly json?: boolean;
  readonly config?: string;
  /** How to write to these targets instead. */
  readonly fix?: boolean;
}

/** `collide list [targets…]`: the overview, or all there is to say of the targets named; with --fix, what to copy. */
export async function list(targets: readonly string[], flags: ListFlags): Promise<number> {
  const { catalogue } = await loadCatalogue(flags.config);
  if (flags.fix && targets.length === 0) {
    throw new UsageError('list --fix: name a target, such as `collide list --fix task-list`');
  }
  const scenarios = selectTargets(catalogue, targets.length > 0 ? targets : ['all']);
  const data = flags.fix ? scenarios.flatMap(fixesOf) : scenarios.map(asData);
  if (flags.json) process.stdout.write(`${JSON.stringify(data, null, 1)}\n`);
  else if (flags.fix) process.stdout.write(scenarios.map(fixesText).join('\n'));
  else if (targets.length > 0) process.stdout.write(scenarios.map(described).join('\n'));
  else process.stdout.write(`${overview(scenarios)}\n`);
  return exitCode.ok;
}

const truthOf = (scenario: Scenario, strategy: string): string =>
  truthClasses(scenario.strategies[strategy]!.truth).join(' + ') || 'SAFE';

function overview(scenarios: readonly Scenario[]): string {
  const table = new Table({
    head: ['target', '', 'strategy', 'known to be'],
    style: { head: [], border: [], compact: true },
  });
  for (const scenario of scenarios) {
    for (const [at, strategy] of Object.keys(scenario.strategies).entries()) {
      const first = at === 0;
      table.push([first ? scenario.id : '', first ? scenario.priority : '', strategy, truthOf(scenario, strategy)]);
    }
  }
  const strategies = scenarios.reduce((sum, scenario) => sum + Object.keys(scenario.strategies).length, 0);
  return `${table}\n${scenarios.length} targets, ${strategies} strategies; \`collide list TARGET\` tells what each does and why.`;
}

const places = {
  home: 'below the home directory, in /tmp or in a service: other checkouts share it',
  project: 'in the project: another checkout has its own',
} as const;

const sourceWords = (source: string): string =>
  source.includes('.')
    ? `your own, in ${source}`
    : /^P[12]-/.test(source)
      ? `row ${source} of the reference audit`
      : `reported in ${source}`;

function described(scenario: Scenario): string {
  const { id, priority, source, resource, place, touchedBy, writers, audit, fix, strategies, deferred = {} } = scenario;
  return [
    `${id} (${priority}: ${priorities[priority]}; ${sourceWords(source)})`,
    `  resource  ${resource}`,
    `  lies      ${places[place]}, touched by ${touchedBy}`,
    `  writers   ${writers}`,
    ...(audit === undefined ? [] : [`  audit     ${audit}`]),
    ...(fix === undefined ? [] : [`  fix       ${fix}`]),
    ...Object.entries(strategies).flatMap(([name, strategy]) => [
      '',
      `  ${name}: ${truthOf(scenario, name)}`,
      `    ${strategy.does}`,
      `    ${strategy.why}`,
      ...(strategy.cost === undefined ? [] : [`    Costs: ${strategy.cost}`]),
      ...exceptionWords(strategy.onProduct).map((words) => `    But ${words}`),
    ]),
    ...Object.entries(deferred).flatMap(([name, reason]) => ['', `  ${name}: deferred, ${reason}`]),
    '',
  ].join('\n');
}

function asData({
  id,
  priority,
  source,
  resource,
  place,
  touchedBy,
  writers,
  audit,
  fix,
  strategies,
  deferred,
}: Scenario): Listed {
  return {
    id,
    priority,
    source,
    resource,
    place,
    touchedBy,
    writers,
    audit,
    fix,
    deferred,
    strategies: Object.entries(strategies).map(([name, { does, truth, may, why, cost, needs, onProduct, noFix }]) => ({
      name,
      does,
      truth,
      may,
      why,
      cost,
      needs,
      onProduct,
      noFix,
    })),
  };
}

export const listCommand: Define = (program, finish) => {
  program
    .command('list')
    .description('the targets there are; with names, all about these')
    .argument('[targets...]', 'ids, globs, P1, P2 or all')
    .option('--fix', 'print how to write to them instead: every strategy that is SAFE, its source, and what it costs')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  collide list\n  collide list daily-log\n  collide list --fix task-list\n  collide list "session-*" --json\n',
    )
    .action(async (targets, flags) => {
      finish(await list(targets, flags));
    });
};
