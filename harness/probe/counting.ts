/** How many calls of write(2) a line takes: counted by the gate, whatever language the writer is in. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { TrappedCall } from '../gate/calls.ts';
import type { Listener, Notification } from '../gate/listener.ts';
import { SESSION_VARIABLE, sessionMark } from '../session/sweep.ts';
import { LOG, writeOrder } from './writers.ts';

/** One line of one writer. */
export interface CountJob {
  readonly writer: string;
  readonly bytes: number;
  /** An empty directory. */
  readonly dir: string;
}

export interface Counted {
  /** By job; undefined where its line did not come out whole. */
  readonly writes: readonly (number | undefined)[];
  /** Why nothing could be counted. */
  readonly noGate?: string;
}

export interface Counting {
  readonly scripts: string;
  /** The directory of the probe that is no part of what is measured. */
  readonly sandbox: string;
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`: what is not counted by then is not counted. */
  readonly deadline: number;
}

/** Which argument is the descriptor that is written to. */
const WRITES: Partial<Readonly<Record<TrappedCall, number>>> = {
  write: 0,
  writev: 0,
  pwrite64: 0,
  pwritev: 0,
  pwritev2: 0,
  sendfile: 0,
  copy_file_range: 2,
  splice: 2,
};

const program = join(import.meta.dirname, `counted${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`);

/** Appends one line for each job, all in one process behind the gate, and counts. */
export async function countWrites(jobs: readonly CountJob[], counting: Counting): Promise<Counted> {
  for (const { dir, bytes } of jobs) writeOrder(dir, { bytes, lines: 1, processes: 1 });
  const { scripts, sandbox } = counting;
  const list = JSON.stringify(jobs.map(({ writer, bytes, dir }) => ({ writer, bytes, dir })));
  const child = spawn(process.execPath, [program, scripts, sandbox, list], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: sandbox, [SESSION_VARIABLE]: sessionMark(sandbox, COUNTER) },
  });
  const ended = once(child, 'close');
  const printed = [text(child.stdout!), text(child.stderr!)] as const;
  const byDir = new Map<string, number>();
  let failure: string | undefined;
  try {
    await count(child, counting, (dir) => byDir.set(dir, (byDir.get(dir) ?? 0) + 1));
  } catch (error) {
    failure = (error as Error).message;
  }
  if (child.exitCode === null) child.kill('SIGKILL');
  await ended;
  const [stdout, stderr] = await Promise.all(printed);
  const through = new Set(stdout.split('\n').filter(Boolean).map(Number));
  for (const { dir } of jobs) rmSync(dir, { recursive: true, force: true });
  const writes = jobs.map(({ dir }, number) => (through.has(number) ? byDir.get(dir) : undefined));
  if (through.size > 0) return { writes };
  const [, reason = failure] = /^\w*Error: (.*)$/m.exec(stderr) ?? [];
  return { writes, noGate: reason ?? 'no line came through in time' };
}

/** Its number among the sessions of the probe, for whoever has to find it: none of them has it. */
const COUNTER = 1_000;

/** How long one look at the gate takes at most, so that a probe can be ended meanwhile. */
const PATIENCE_MS = 20;

/** So many calls in a row are let through before others have a turn. */
const CALLS_IN_A_ROW = 256;

async function count(child: ChildProcess, counting: Counting, wrote: (dir: string) => void): Promise<void> {
  // Only here, because the functions of libc that they name are not on every system.
  const { attach } = await import('../gate/listener.ts');
  const { linkOf } = await import('../gate/process.ts');
  const listener = await attached(child, attach, counting);
  if (listener === undefined) return;
  try {
    for (let calls = 1; ; calls++) {
      const notification = listener.receive(PATIENCE_MS);
      if (notification === 'gone') return;
      if (notification === 'nothing' || calls % CALLS_IN_A_ROW === 0) {
        if (isOver(counting)) return;
        await turn();
      }
      if (notification === 'nothing') continue;
      const target = notification.call === undefined ? undefined : targetOf(notification);
      const path = target === undefined ? undefined : linkOf(notification.tid, `fd/${target}`);
      if (path?.endsWith(`/${LOG}`)) wrote(dirname(path));
      listener.proceed(notification);
    }
  } finally {
    listener.close();
  }
}

/** The descriptor that a call writes to, if it does. */
function targetOf({ call, ints }: Notification): number | undefined {
  const at = WRITES[call];
  return at === undefined ? undefined : ints[at];
}

const isOver = ({ signal, deadline }: Counting): boolean => signal.aborted || performance.now() > deadline;

/** The listener of the process, once it has one; undefined where it ends without. */
async function attached(
  child: ChildProcess,
  attach: (pid: number) => Listener | undefined,
  counting: Counting,
): Promise<Listener | undefined> {
  while (child.exitCode === null && child.signalCode === null && !isOver(counting)) {
    const listener = attach(child.pid!);
    if (listener !== undefined) return listener;
    await sleep(1);
  }
  return undefined;
}
