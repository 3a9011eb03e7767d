import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { writeCase } from '../life/case.ts';
import { formatsFor, ignoredBy, readBy } from '../life/choice.ts';
import type { Sighting } from '../life/sighting.ts';
import { skeletonOf } from '../life/skeleton.ts';
import { type Watcher, watchDirectory } from '../life/watcher.ts';
import { caseName, type Watching, watching } from '../life/watching.ts';
import { limits } from '../limits.ts';
import { sightingReport, type WatchSummary, watchReport } from '../report/watching.ts';
import { amount, durationWords } from '../report/words.ts';
import type { Define } from './command.ts';
import { parseWatch } from './exec-input.ts';
import { exitCode } from './exit.ts';
import { interruptible } from './interrupt.ts';
import { type Line, lineOn } from './line.ts';
import { checkLater, checkWatched, timeOf, tooMuch } from './watch-input.ts';

export interface WatchFlags {
  readonly for?: number;
  readonly watch?: readonly string[];
  readonly ignore?: readonly string[];
  readonly lockAge: number;
  readonly out: string;
  readonly json?: boolean;
}

/** How often time passes where nothing happens: ms. */
const LOOK_MS = 250;

/** `collide watch`: sits beside real sessions until it is told to end. Resolves to the exit code. */
export async function watch(flags: WatchFlags, dir: string): Promise<number> {
  checkWatched(dir);
  checkLater(flags.out);
  return await interruptible((interrupted) => watchedUntil(interrupted, flags, dir));
}

interface Case {
  readonly sighting: Sighting;
  readonly place: string;
}

async function watchedUntil(interrupted: AbortSignal, flags: WatchFlags, dir: string): Promise<number> {
  const root = resolve(dir);
  const inode = inodeOf(root);
  const began = performance.now();
  const machine = watching({ formatOf: formatsFor(flags.watch), lockAgeMs: flags.lockAge });
  const cases: Case[] = [];
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {}); // where it comes after the end
  const unwatched: string[] = [];
  const line = lineOn(process.stderr);
  const watcher: Watcher = watchDirectory({
    dir: root,
    isRead: readBy(flags.watch),
    isIgnored: ignoredBy(root, resolve(flags.out), flags.ignore),
    locks: machine.locks,
    observe: (observation) => {
      for (const sighting of machine.observe(observation)) {
        line.clear();
        try {
          cases.push(told(sighting, flags, dir));
        } catch (error) {
          broken.reject(error);
        }
      }
    },
    failed: (error) => {
      if (error.code === 'ENOSPC' || error.code === 'EMFILE') broken.reject(tooMuch(dir, error.code));
      else unwatched.push(error.message);
    },
  });
  try {
    await Promise.race([watcher.ready, broken.promise]);
    machine.begin();
    say(
      flags,
      { event: 'ready', dir, files: machine.files },
      `Watching ${dir}: ${amount(machine.files, 'file')}. Ctrl-C ends it.\n\n`,
    );
    const gone = await Promise.race([
      untilEnd(interrupted, { flags, began, root, inode, watcher, machine, cases, line }),
      broken.promise,
    ]);
    watcher.look(performance.now() + limits.settleMs);
    const summary = summaryOf(dir, performance.now() - began, machine, cases, watcher, unwatched);
    line.clear();
    say(flags, { event: 'summary', ...inJson(summary) }, watchReport(summary, look()));
    if (gone) {
      process.stderr.write(`collide: ${dir} is gone: what comes in its place is another directory; watch that\n`);
      return exitCode.failure;
    }
    return cases.length > 0 ? exitCode.unexpected : exitCode.ok;
  } finally {
    line.clear();
    await watcher.close();
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

/** A watch, while it lasts. */
interface UnderWay {
  readonly flags: WatchFlags;
  /** On the clock of `performance.now`. */
  readonly began: number;
  readonly root: string;
  /** Of the directory when it began: one that comes in its place is another. */
  readonly inode: number | undefined;
  readonly watcher: Watcher;
  readonly machine: Watching;
  readonly cases: readonly Case[];
  readonly line: Line;
}

/** @returns whether the directory is gone. */
async function untilEnd(
  interrupted: AbortSignal,
  { flags, began, root, inode, watcher, machine, cases, line }: UnderWay,
): Promise<boolean> {
  while (!interrupted.aborted) {
    const left = flags.for === undefined ? LOOK_MS : flags.for - (performance.now() - began);
    if (left <= 0) break;
    await wait(Math.min(left, LOOK_MS), undefined, { signal: interrupted }).catch(() => {});
    if (inodeOf(root) !== inode) return true;
    watcher.look();
    const time = durationWords(performance.now() - began);
    line.draw(`${time} · ${machine.files} files, ${machine.versions} new versions, ${cases.length} cases …`);
  }
  return false;
}

function told(sighting: Sighting, flags: WatchFlags, dir: string): Case {
  const seenAt = (atMs: number): string => new Date(performance.timeOrigin + atMs).toISOString();
  const place = writeCase(flags.out, sighting, dir, seenAt);
  const command = skeletonOf(sighting)?.command.replace('collide.config.json', join(place, 'collide.config.json'));
  const { versions: _, ...about } = sighting;
  const time = new Date(performance.timeOrigin + sighting.atMs).toTimeString().slice(0, 8);
  const reproduce = command === undefined ? {} : { reproduce: command };
  say(
    flags,
    {
      event: 'case',
      ...about,
      atMs: undefined,
      seenAt: seenAt(sighting.atMs),
      case: place,
      reproduce: command ?? null,
    },
    sightingReport(sighting, { time, place, ...reproduce }, look()),
  );
  return { sighting, place };
}

function say({ json }: WatchFlags, event: object, words: string): void {
  process.stdout.write(json ? `${JSON.stringify(event)}\n` : words);
}

const look = () => ({
  columns: Math.min(process.stdout.columns ?? COLUMNS, COLUMNS),
  colour: process.stdout.hasColors?.() ?? false,
});

const COLUMNS = 120;

function summaryOf(
  dir: string,
  durationMs: number,
  machine: Watching,
  cases: readonly Case[],
  watcher: Watcher,
  unwatched: readonly string[],
): WatchSummary {
  const { files, versions } = machine;
  const counted = cases.map((one) => ({ ...one, times: machine.counts().get(caseName(one.sighting)) ?? 1 }));
  return { dir, durationMs, files, versions, tooLarge: [...watcher.tooLarge], unwatched, cases: counted };
}

const inJson = ({ cases, ...summary }: WatchSummary): object => ({
  ...summary,
  cases: cases.map(({ sighting, times, place }) => {
    const { kind, path, class: name = null } = sighting;
    return { kind, path, class: name, times, case: place };
  }),
});

const LOCK_AGE_MS = 600_000;

export const watchCommand: Define = (program, finish) => {
  program
    .command('watch')
    .description(
      'sits beside real sessions, and tells of torn states, updates that vanish, stale locks; each case is written down as a scenario',
    )
    .argument('<dir>', 'what they work in; read, and never changed')
    .option('--for <time>', 'end after that: 30s, 10m, 2h (default: at Ctrl-C)', timeOf('--for'))
    .option(
      '--watch <glob>',
      'files that are read; may be repeated (default: JSON, JSON lines, YAML, TOML, and names without a dot)',
      parseWatch,
    )
    .option(
      '--ignore <glob>',
      'what is left out, with all that is in it; may be repeated. So are node_modules and the like',
      parseWatch,
    )
    .option('--lock-age <time>', 'a lock that is older is looked at (default: 10m)', timeOf('--lock-age'))
    .option('-o, --out <dir>', 'write cases here', 'reports/cases')
    .option('--json', 'print one event a line, as JSON: ready, case, summary')
    .addHelpText(
      'after',
      `
Examples:
  collide watch .
  collide watch ~/.config/tool --for 10m
  collide watch . --watch '**/*.jsonl' --watch counter --json | jq -r 'select(.event == "case") | [.class, .path, .what] | @tsv'
  collide run --config reports/cases/001-vanished-state.json/collide.config.json

What it can't see: a state that comes and goes between two looks, updates that vanish in a file of more than ${limits.watchedBytes / 2 ** 20} MiB, and who did it.

Exit codes:
  0   nothing was seen that should not be
  1   something was
  2   usage error: no such directory, or more in it than can be watched
  3   the harness could not do its work, or the directory is gone`,
    )
    .action(async (dir, flags) => finish(await watch({ lockAge: LOCK_AGE_MS, ...flags }, dir)));
};
