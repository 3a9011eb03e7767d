import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunningServer, ServerPlace } from '../../harness/scenario/server.ts';

export interface Program extends Required<Pick<RunningServer, 'ended' | 'stop'>> {
  readonly pid: number;
  /** What it announced: the first group of the expression, or all of it. */
  readonly announced: string;
}

/**
 * Starts a server that is a program, and waits until it prints a line that says that it listens.
 *
 * @param announces such a line. @throws where the program ends before, or never does, with what it printed last.
 */
export async function startProgram(
  command: readonly [string, ...(readonly string[])],
  { dir, env, signal: aborted }: Pick<ServerPlace, 'dir' | 'env' | 'signal'>,
  announces: RegExp,
): Promise<Program> {
  const [program, ...args] = command;
  // In a group of its own: Ctrl-C is for the run, which then stops its servers, with whatever they have started.
  const child = spawn(program, args, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = once(child, 'exit').catch(() => {}); // it could not be started
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined) killGroup(child.pid);
    await ended;
    // What it has started and let go of may still have these, and nobody waits for that.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  let last = '';
  const { promise: announced, resolve, reject } = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      last = line.trim() || last;
      const found = announces.exec(line);
      if (found !== null) resolve(found[1] ?? found[0]);
    });
  }
  child.once('error', (error) => reject(new Error(`${program} could not be started: ${error.message}`)));
  child.once('close', (code, signal) =>
    reject(new Error(`${basename(program)} ended with ${signal ?? `exit code ${code}`}: ${last}`)),
  );
  aborted.addEventListener('abort', () => reject(new Error('the run is being ended')), { once: true });
  const deadline = setTimeout(
    () => reject(new Error(`${basename(program)} said nothing in ${START_MS} ms: ${last}`)),
    START_MS,
  );
  try {
    return { pid: child.pid!, announced: await announced, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

/** One that is downloaded first takes its time. */
const START_MS = 300_000;

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // all of it has ended
  }
}

/** A server of ours: the module of this name beside this one, run by Node. It prints `listening on ADDRESS`. */
export const startDaemon = (name: string, place: ServerPlace, args: readonly string[] = []): Promise<Program> => {
  const module = new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
  // Without the threads that V8 helps itself with, it is seen sooner that it rests.
  const command = [process.execPath, '--single-threaded', fileURLToPath(module), place.dir, ...args] as const;
  return startProgram(command, place, /^listening on (.*)/);
};
