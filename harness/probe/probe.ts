/** Measures what a file system guarantees, with processes that really are at it at the same time. */

import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { thisMachine } from '../session/machine.ts';
import { createPool } from '../session/pool.ts';
import { sizes } from './append.ts';
import { appendAll, countAll, planAppends } from './appends.ts';
import { contend } from './contend.ts';
import { contests } from './contests.ts';
import { askFacts } from './facts.ts';
import { fileSystemOf } from './file-system.ts';
import { lockFact } from './lock-kinds.ts';
import { FORMAT, type Guarantee, type Probed } from './result.ts';
import { type Ground, shareOf } from './together.ts';
import { writeScripts } from './writers.ts';

export interface ProbeOptions {
  /** As it was given. */
  readonly dir: string;
  /** An empty directory in that file system, for what is measured. */
  readonly place: string;
  /** Another directory, for all else that sessions need. */
  readonly sandbox: string;
  readonly budgetMs: number;
}

/** What is being measured: `link`, `dash printf, 64 KiB`. */
export type Watch = (what: string) => void;

/** Sessions of a contest. */
const PROCESSES = 4;

/** Sessions that append to one file. More than there are cores would only wait for each other's time to be over. */
const APPENDING = Math.min(PROCESSES, Math.max(2, os.availableParallelism()));

/** Which part of the time is over when the contests are, and when the calls have been counted. */
const CONTESTS_UNTIL = 0.25;
const COUNTED_UNTIL = 0.5;

/** Where others keep the machine busy, it takes longer: but not longer than this, as far as that can be helped. */
const OVERTIME = 1.5;

/** Of all the time: see `Ground`. */
const GRACE = 0.02;

/** Without the counts much remains open, and they are soon there. */
const COUNTING_MS_MIN = 20_000;

/** Rejects where it is interrupted, or where no sessions can be started. */
export async function probe(options: ProbeOptions, signal: AbortSignal, watch: Watch): Promise<Probed> {
  const began = performance.now();
  const { dir, place, sandbox, budgetMs } = options;
  const by = (share: number): number => began + share * budgetMs;
  const room = (): string => mkdtempSync(join(place, 'room-'));
  writeScripts(sandbox);
  watch('starting processes');
  const pool = await createPool({ writers: PROCESSES, readers: 0, catalogue: catalogueUrl(sandbox), sandbox }, signal);
  const ground: Ground = { pool, room, signal, graceMs: budgetMs * GRACE };
  try {
    const facts = [...askFacts(room), await lockFact(pool, room)];
    const guarantees: Guarantee[] = [];
    for (const [at, contest] of contests.entries()) {
      signal.throwIfAborted();
      watch(contest.operation);
      const deadline = shareOf(by(CONTESTS_UNTIL), contests.length - at);
      guarantees.push(await contend(contest, { ...ground, processes: PROCESSES, deadline }));
    }
    watch('counting the writes of a line');
    const plans = await planAppends(sandbox, place, APPENDING);
    const deadline = Math.max(by(COUNTED_UNTIL), performance.now() + COUNTING_MS_MIN);
    const counts = await countAll(plans, { scripts: sandbox, sandbox, signal, deadline }, room);
    const appends = await appendAll(plans, counts, { ...ground, end: by(1), latest: by(OVERTIME), watch });
    signal.throwIfAborted();
    return {
      format: FORMAT,
      dir,
      fileSystem: fileSystemOf(place),
      machine: thisMachine(),
      guarantees,
      facts,
      sizes,
      appends,
      ...(counts.noGate === undefined ? {} : { noGate: counts.noGate }),
      durationMs: Math.round(performance.now() - began),
    };
  } finally {
    await pool.close();
  }
}

function catalogueUrl(scripts: string): string {
  const url = new URL(`./catalogue${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
  url.searchParams.set('scripts', scripts);
  return url.href;
}
