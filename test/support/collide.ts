/** The command line as its users meet it: a process with arguments, output and an exit code. */

import { type ChildProcess, fork, spawn } from 'node:child_process';
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

/** What a process that is asked over and over is asked. */
export interface Asked extends Pick<Where, 'cwd' | 'temporary'> {
  readonly args: readonly string[];
}

/** The command line in one process for many calls, one after another: most of the time of a call is for its process to start. */
export function inOneProcess(): { ask(asked: Asked): Promise<Ended>; close(): void } {
  let child: ChildProcess | undefined;
  let answer = Promise.withResolvers<Ended>();
  const begun = (): ChildProcess => {
    const one = fork(join(import.meta.dirname, 'one-process.ts'), { env: { ...process.env, NO_COLOR: '1' } });
    one.on('message', (said) => answer.resolve(said as Ended));
    one.on('exit', (code) => answer.reject(new Error(`the process that was asked ended with ${code}`)));
    return one;
  };
  return {
    ask(asked) {
      child ??= begun();
      answer = Promise.withResolvers();
      child.send(asked);
      return answer.promise;
    },
    close() {
      child?.removeAllListeners('exit');
      child?.kill('SIGKILL');
    },
  };
}

/** What a test that failed has left. */
export function killStarted(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}
