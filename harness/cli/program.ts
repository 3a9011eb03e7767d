import { Command, CommanderError } from 'commander';
import { version } from '../version.ts';
import { autopsyCommand } from './autopsy.ts';
import { checkCommand } from './check.ts';
import type { Define } from './command.ts';
import { doctorCommand } from './doctor.ts';
import { execCommand } from './exec.ts';
import { exitCode, explain } from './exit.ts';
import { faultsCommand } from './faults.ts';
import { gateCommand } from './gate.ts';
import { EXIT_CODES } from './help.ts';
import { initCommand } from './init.ts';
import { ledgerCommand } from './ledger.ts';
import { listCommand } from './list.ts';
import { mergeCommand } from './merge.ts';
import { probeCommand } from './probe.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { watchCommand } from './watch.ts';

/** In the order in which the help names them. */
const commands: readonly Define[] = [
  runCommand,
  faultsCommand,
  execCommand,
  gateCommand,
  replayCommand,
  checkCommand,
  mergeCommand,
  ledgerCommand,
  reportCommand,
  initCommand,
  listCommand,
  watchCommand,
  autopsyCommand,
  probeCommand,
  doctorCommand,
  schemaCommand,
];

/** Everything that can be said on the command line. */
export function programFor(finish: (code: number) => void): Command {
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

  for (const define of commands) define(program, finish);
  return program;
}

/** Parses the arguments, does what they say, and resolves to the exit code. Prints every error as one line. */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = exitCode.ok;
  const program = programFor((finished) => {
    code = finished;
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
