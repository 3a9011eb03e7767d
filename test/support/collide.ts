/** The command line as its users meet it: a process with arguments, output and an exit code. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { packageRoot } from '../../harness/scenario/command.ts';

export interface Ended {
  /** Null where a signal has ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Where {
  readonly cwd: string;
  /** Its TMPDIR. */
  readonly temporary: string;
  /** For Node itself. */
  readonly nodeArgs?: readonly string[];
}

const running = new Set<ChildProcess>();

export function start(args: readonly string[], { cwd, temporary, nodeArgs = [] }: Where): Started {
  const main = join(packageRoot(), 'harness/cli/main.ts');
  const child = spawn(process.execPath, [...nodeArgs, main, ...args], {
    cwd,
    env: { ...process.env, TMPDIR: temporary, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const ended = Promise.all([once(child, 'close'), text(child.stdout!), text(child.stderr!)]).then(
    ([[code], stdout, stderr]) => {
      running.delete(child);
      return { code: code as number | null, stdout, stderr };
    },
  );
  return { child, ended };
}

/** What a test that failed has left. */
export function killStarted(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}
