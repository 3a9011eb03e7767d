import { Command, CommanderError } from 'commander';
import { limits } from '../limits.ts';
import { faultKinds } from '../scenario/faults.ts';
import { topologies } from '../scenario/topology.ts';
import { tiers } from '../verdict/tier.ts';
import { autopsyCommand } from './autopsy.ts';
import { check } from './check.ts';
import { doctor } from './doctor.ts';
import { exec } from './exec.ts';
import { expectForms, parseExpect, parseWatch, shellWord } from './exec-input.ts';
import { exitCode, explain } from './exit.ts';
import { faults } from './faults.ts';
import { init } from './init.ts';
import { ledger } from './ledger.ts';
import { list } from './list.ts';
import {
  parseBudget,
  parseEngine,
  parseFaults,
  parseKinds,
  parsePreemptions,
  parseRounds,
  parseRunEngine,
  parseSeed,
  parseTargets,
  parseTimes,
  parseTopology,
  parseWriters,
} from './options.ts';
import { PROBE_BUDGET_MS, probe } from './probe.ts';
import { replay } from './replay.ts';
import { run } from './run.ts';
import { version } from './version.ts';
import { watchCommand } from './watch.ts';

const EXIT_CODES = `
Exit codes:
  0   all as expected: known collisions were found, nothing else was
  1   a collision that was not expected, or a row without the verdict it should have
  2   usage or configuration error
  3   the harness could not do its work
  130 interrupted`;

const CONFIG_HELP = 'targets of your own (default: collide.config.ts, .js, .mjs or .json of this directory)';

/** A line for each. */
const explained = (meanings: Readonly<Record<string, string>>): string =>
  Object.entries(meanings)
    .map(([name, meaning]) => `  ${name}: ${meaning}`)
    .join('\n');

/** Parses the arguments, does what they say, and resolves to the exit code. Prints every error as one line. */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = exitCode.ok;
  const program = new Command('collide')
    .description('Finds out what happens when several sessions use the same file, lock or token at once.')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      'after',
      `
Examples:
  collide run --writers 4 --targets all
  collide list override-token
  collide exec 'n=$(cat n); echo $((n + 1)) > n'
  collide init && collide run
  collide probe /mnt/nfs
${EXIT_CODES}`,
    );

  program
    .command('run')
    .description('spawn sessions that hammer each target, and say what collides')
    .option('-w, --writers <n>', 'sessions that write at once, 2 to 64', parseWriters, 4)
    .option(
      '-t, --targets <list>',
      'ids, globs, P1, P2 or all; comma-separated (default: your own; where there are none, all)',
      parseTargets,
    )
    .option(
      '-e, --engine <name>',
      'explore (chosen interleavings), storm (free running), both, or all: then what `collide faults --power-loss` does',
      parseRunEngine,
      'both',
    )
    .option(
      '-r, --rounds <n>',
      'rounds of each strategy under storm (default: as many as the budget allows)',
      parseRounds,
    )
    .option(
      '-b, --budget <time>',
      'about how long all strategies together may take: 500ms, 45s, 2m (default: 2s for each, from 15s to 90s)',
      parseBudget,
    )
    .option('-s, --seed <n>', 'seed of whatever is drawn: schedules, jitter, stalls', parseSeed, 1)
    .option(
      '-d, --dir <dir>',
      'make sandboxes here, to test this file system (default: the temporary directory, and /dev/shm to explore)',
    )
    .option('-o, --out <dir>', 'write results here', 'reports')
    .option('--per-session-mode', 'also give each session a copy of its own, and show what that changes')
    .option(
      '--topology <name>',
      'how the sessions are run, and so what they share: same-directory, two-directories or with-vanilla',
      parseTopology,
    )
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide run --writers 4 --targets all
  collide run --targets override-token,session-* --rounds 500
  collide run --targets P1 --budget 5m --dir /mnt/nfs
  collide run --targets user-config --per-session-mode
  collide run --topology two-directories --budget 2m
  collide run --targets P2 --json | jq '.verdicts[] | select(.asExpected | not)'

Topologies, and the tier that each comes to, as found and with the fixes:
${explained(topologies)}
${explained(tiers)}
${EXIT_CODES}`,
    )
    .action(async (flags, command) => {
      code = await run(flags, (flag) => command.getOptionValueSource(flag) === 'cli');
    });

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
${EXIT_CODES}`,
    )
    .action(async (flags) => {
      code = await faults(flags);
    });

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
    .option('-b, --budget <time>', 'about how long it may take: 500ms, 45s, 2m (default: 30s)', parseBudget)
    .option('-s, --seed <n>', 'seed of whatever is drawn', parseSeed, 1)
    .option(
      '--faults',
      'what they do when something goes wrong, as in `collide faults`, instead of what they do to each other',
    )
    .option('-k, --kinds <list>', 'with --faults: kinds of fault (default: all but the power-…)', parseKinds)
    .option('--power-loss', 'with --faults: the power fails, too')
    .option('--replay <witness>', 'make an execution of these commands again from its witness, and show it')
    .option('-n, --times <n>', 'replay it so often, and compare the steps', parseTimes, 1)
    .option('--json', 'print the verdict with its witnesses as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide exec 'n=$(cat n); echo $((n + 1)) > n'
  collide exec './bump.sh' './report.sh'
  collide exec --writers 4 -- git config --add remote.all.url 'host-{session}'
  collide exec --expect 'counter n' './bump.sh'
  collide exec --faults './bump.sh'

In a command, {session} is the number of its session, {op} that of its operation, and {uuid} is unique; the same is in its
environment as COLLIDE_SESSION, COLLIDE_OP and COLLIDE_UUID. What the commands do one after another, in every order, is right:
every other outcome is a collision. A command that says that it did not work, with its exit code, is refused, and no collision.

Who knows better what is right says so with --expect:
${explained(expectForms)}
${EXIT_CODES}`,
    )
    .action(async (commands, flags) => {
      const lines = args.includes('--') ? [commands.map(shellWord).join(' ')] : commands;
      code = await exec({ budget: limits.execBudgetMs, ...flags }, lines);
    });

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
${EXIT_CODES}`,
    )
    .action(async (witnesses, flags) => {
      code = await replay(flags, witnesses);
    });

  program
    .command('check')
    .description('is a history of operations linearizable? Reads JSON lines as Jepsen and Porcupine write them')
    .argument('<file>', 'a history, one event or one operation a line')
    .requiredOption('-m, --model <name>', 'what it should behave like: register, counter, log, set, token, lock, queue')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  collide check --model register history.jsonl\n')
    .action((file, flags) => {
      code = check(flags, file);
    });

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
      code = await ledger(flags);
    });

  program
    .command('init')
    .description('write a collide.config.ts to begin with: targets of your own')
    .addHelpText('after', '\nExample:\n  collide init && collide run\n')
    .action(() => {
      code = init();
    });

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
      code = await list(targets, flags);
    });

  program
    .command('probe')
    .description('what a file system guarantees to processes that use it at the same time, measured')
    .argument('[dir]', 'a directory in that file system: nothing that is there is touched', '.')
    .option('-b, --budget <time>', 'about how long it may take: 500ms, 45s, 2m (default: 25s)', parseBudget)
    .option('--json', 'print what was measured as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide probe
  collide probe /mnt/nfs --budget 2m
  collide probe /dev/shm --json | jq '.guarantees[] | select(.answer != "holds")'

Exit codes:
  0   measured; nothing that POSIX promises was seen broken. A line in several writes that is torn is a fact
  1   something that POSIX promises was seen broken: two winners, two holders, one write that was torn
  2   usage error: no such directory, or nothing can be written there
  3   the harness could not do its work
  130 interrupted`,
    )
    .action(async (dir, flags) => {
      code = await probe({ budget: PROBE_BUDGET_MS, ...flags }, dir);
    });

  watchCommand(program, (ended) => {
    code = ended;
  });

  autopsyCommand(program, (ended) => {
    code = ended;
  });

  program
    .command('doctor')
    .description('what this machine can do, and what would be skipped on it')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  collide doctor\n')
    .action(async (flags) => {
      code = await doctor(flags);
    });

  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCode.ok; // --help, --version
    if (error.code === 'commander.help') return exitCode.usage; // no command: commander has printed the help
    process.stderr.write(`collide: ${error.message.replace(/^error: |\.$/g, '')}. See \`collide --help\`.\n`);
    return exitCode.usage;
  }
  const { line, code } = explain(error);
  process.stderr.write(`collide: ${line}\n`);
  return code;
}
