/** Gated sessions on the thread of the test, for as long as a test file runs. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Played, Player } from '../../harness/explore/player.ts';
import { type Stage, setUpStage } from '../../harness/explore/stage.ts';
import type { Step } from '../../harness/history/step.ts';
import { stay } from '../../harness/schedule/schedule.ts';
import type { Choose } from '../../harness/schedule/scheduler.ts';
import { SESSION_VARIABLE } from '../../harness/session/sweep.ts';
import { catalogue, catalogueUrl } from './explore-catalogue.ts';

export const onLinux = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');

/** What a wrapper on PATH leads to: a version manager's would be one shell more in every list of steps. */
export const python = ((): string | undefined => {
  const { status, stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
})();
if (python !== undefined) process.env.COLLIDE_TEST_PYTHON = python;

export interface Setting {
  readonly sandbox: string;
  readonly stage: Stage;
  readonly player: Player;
  close(): Promise<void>;
}

/** @param url of the module that exports `catalogue`. */
export async function setting(sessions: number, url = catalogueUrl): Promise<Setting> {
  const sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
  const stage = await setUpStage(url, sandbox, sessions, () => false);
  return {
    sandbox,
    stage,
    player: stage.player,
    async close() {
      await stage.close();
      rmSync(sandbox, { recursive: true });
    },
  };
}

export interface Played1 extends Played {
  readonly steps: readonly string[];
}

/** One recorded execution of two writers, or of those that are named. */
export function playOnce(
  player: Player,
  target: string,
  strategy: string,
  {
    choose = stay,
    participants = [0, 1],
  }: { readonly choose?: Choose; readonly participants?: readonly number[] } = {},
): Played1 {
  const scenario = catalogue.find(({ id }) => id === target)!;
  player.take({ scenario, strategy, writers: 2, participants, operations: 1 });
  const played = player.play(choose, true);
  return { ...played, steps: played.execution.steps!.map(inWords) };
}

/** `0 open state CREAT|TRUNC`, `1 rename new -> state`, `0 read state "1"`, `1 mkdir dir: EEXIST` */
export function inWords({ session, call, path, to, flags = [], data, error }: Step): string {
  const words = [
    session,
    call,
    path || (call === 'sleep' || call === 'exit' ? '' : '.'),
    to && `-> ${to}`,
    flags.join('|'),
  ];
  const rest = `${data === undefined ? '' : ` ${JSON.stringify(data)}`}${error === undefined ? '' : `: ${error}`}`;
  return `${words.filter((word) => word !== '' && word !== undefined).join(' ')}${rest}`;
}

/** Processes that carry the mark of a run. */
export const marked = (sandbox: string): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && pid !== process.pid && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark(sandbox));
      } catch {
        return false;
      }
    });

const mark = (sandbox: string): string => `${SESSION_VARIABLE}=${sandbox}`;
