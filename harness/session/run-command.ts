import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { limits } from '../limits.ts';
import type { Command } from '../scenario/command.ts';

/** A shell that has been started and waits to be let go. */
export interface WaitingCommand {
  run(): Promise<CommandResult>;
}

export interface CommandResult {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Waits for a line on descriptor 3, then becomes the script: so that sessions meet in the script and not in the start-up
 * of their shells, which takes a hundred times as long and varies more than any race is wide.
 */
const GATE = 'IFS= read -r go <&3 || exit 125; exec 3<&-; . "$0"';

/** Starts the shell of a command, up to the point where the script would begin. */
export function prepareCommand(command: Command, dir: string, args: readonly string[]): WaitingCommand {
  const child = spawn(command.shell, ['-c', GATE, command.script, ...args], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const result = resultOf(child);
  return {
    run() {
      (child.stdio[3] as Writable).end('go\n');
      return result;
    },
  };
}

async function resultOf(child: ChildProcess): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(0, limits.stderrChars);
  });
  child.stdio[3]?.on('error', () => {}); // the shell died before it was let go; its exit code says so
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout, stderr };
}
