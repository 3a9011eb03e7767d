import { realpathSync, statSync } from 'node:fs';
import { roomIn } from '../probe/file-system.ts';
import { probe as measure, type ProbeOptions, type Watch } from '../probe/probe.ts';
import { brokenIn } from '../probe/result.ts';
import { probeReport } from '../report/probe.ts';
import { durationWords } from '../report/words.ts';
import { createSandbox, type Sandbox } from '../schedule/sandbox.ts';
import { withSandboxes } from '../schedule/sandboxes.ts';
import type { Define } from './command.ts';
import { exitCode, UsageError } from './exit.ts';
import { untilInterrupted } from './interrupt.ts';
import { lineOn } from './line.ts';
import { parseBudget } from './options.ts';

export interface ProbeFlags {
  readonly budget: number;
  readonly json?: boolean;
}

/** About how long a probe takes without --budget. */
export const PROBE_BUDGET_MS = 25_000;

/** `collide probe`: what a file system guarantees to processes that use it at the same time, measured. */
export async function probe(flags: ProbeFlags, dir: string): Promise<number> {
  const make = { place: () => placeIn(dir), sandbox: () => createSandbox() };
  return await untilInterrupted((interrupted) =>
    withSandboxes(make, (paths) => measured(flags, { dir, ...paths }, interrupted)),
  );
}

async function measured(
  flags: ProbeFlags,
  at: Omit<ProbeOptions, 'budgetMs'>,
  interrupted: AbortSignal,
): Promise<number> {
  const progress = progressOn(process.stderr, flags.budget);
  const probed = await measure({ ...at, budgetMs: flags.budget }, interrupted, progress.watch).finally(progress.done);
  const look = {
    columns: Math.min(process.stdout.columns ?? COLUMNS, COLUMNS),
    colour: process.stdout.hasColors?.() ?? false,
  };
  process.stdout.write(flags.json ? `${JSON.stringify(probed)}\n` : probeReport(probed, look));
  return brokenIn(probed) ? exitCode.unexpected : exitCode.ok;
}

const COLUMNS = 120;

/** Without so much, not even the shortest lines have room: bytes. */
const ROOM_MIN = 2 * 2 ** 20;

/** A directory of our own in the one that was named. */
async function placeIn(dir: string): Promise<Sandbox> {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`${dir}: there is no such directory; make it first, or name another`);
  if (!found.isDirectory()) throw new UsageError(`${dir}: that is not a directory; name one`);
  const room = roomIn(dir);
  if (room < ROOM_MIN) {
    throw new UsageError(
      `${dir}: only ${Math.floor(room / 1024)} KiB are free; free some space, or name another directory`,
    );
  }
  try {
    return await createSandbox(realpathSync(dir), '.collide-probe-'); // as /proc names what is in it
  } catch (error) {
    throw new UsageError(`${dir}: can't be written to: ${(error as Error).message}; name another directory`);
  }
}

/** On a terminal one line that is redrawn; elsewhere nothing. */
function progressOn(
  stream: NodeJS.WriteStream,
  budgetMs: number,
): { readonly watch: Watch; readonly done: () => void } {
  const began = performance.now();
  const line = lineOn(stream);
  return {
    watch(what) {
      if (!stream.isTTY) return;
      const time = `${durationWords(performance.now() - began)} of ${durationWords(budgetMs)}`;
      line.say(`${time} · ${what} …`);
    },
    done: line.clear,
  };
}

export const probeCommand: Define = (program, finish) => {
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
  130 interrupted, by Ctrl-C or SIGTERM`,
    )
    .action(async (dir, flags) => {
      finish(await probe({ budget: PROBE_BUDGET_MS, ...flags }, dir));
    });
};
