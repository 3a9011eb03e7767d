/** What `collide run --resume` goes on with. */

import { join } from 'node:path';
import { JOURNAL_FORMAT, type Journal, openJournal, readJournal } from '../report/journal.ts';
import { shardFile } from '../report/shards.ts';
import type { Shard } from '../schedule/shard.ts';
import { rowName } from '../verdict/fingerprint.ts';
import type { RowEvidence } from '../verdict/gathered.ts';
import { UsageError } from './exit.ts';

/** Flags that say nothing of what is run. */
const besides: ReadonlySet<string> = new Set(['resume', 'out', 'json', 'reporter', 'shard', 'allowSkipped']);

interface Resumable {
  readonly out: string;
  readonly shard?: Shard;
  readonly resume?: boolean;
}

/** Beside the results. */
const journalAt = ({ out, shard }: Resumable): string =>
  join(out, `${shard === undefined ? 'results' : shardFile(shard).replace(/\.json$/, '')}.journal.jsonl`);

/**
 * The flags of the run that is resumed.
 *
 * @throws {UsageError} where there is none, or a flag says something else.
 */
export function resumedFlags<F extends Resumable>(given: F, wasSaid: (flag: keyof F) => boolean): F {
  const { header } = stored(given);
  const flags = header.flags as F;
  for (const flag of Object.keys(given) as (keyof F & string)[]) {
    if (besides.has(flag) || !wasSaid(flag)) continue;
    const [said, before] = [JSON.stringify(given[flag]), JSON.stringify(flags[flag])];
    if (said === before) continue;
    throw new UsageError(
      `--${flag} ${said} with --resume: that run was started with ${before ?? 'none'}; leave the flag out`,
    );
  }
  return { ...flags, ...Object.fromEntries(Object.entries(given).filter(([flag]) => besides.has(flag))) };
}

export interface Kept {
  /** What has been gathered before. */
  readonly before: readonly RowEvidence[];
  /** What has been gathered by now. */
  readonly rows: () => readonly RowEvidence[];
  readonly record: Journal['record'];
  /** @param whole there is nothing left to resume. */
  readonly end: (whole: boolean) => void;
}

/** Keeps what a run gathers, so that it can be resumed. */
export function keeping(flags: Resumable, configuration: string, startedAt: string): Kept {
  const path = journalAt(flags);
  const before = flags.resume ? stored(flags) : undefined;
  if (before !== undefined && before.header.configuration !== configuration) {
    throw new UsageError(`${path}: its targets have changed since then; run it anew, without --resume`);
  }
  const { resume: _, ...kept } = flags;
  const header = {
    format: JOURNAL_FORMAT,
    configuration,
    startedAt: before?.header.startedAt ?? startedAt,
    flags: kept,
  } as const;
  const journal = openJournal(path, header, before?.rows);
  const rows = new Map((before?.rows ?? []).map((row) => [rowName(row), row]));
  return {
    before: before?.rows ?? [],
    rows: () => [...rows.values()],
    record(evidence) {
      rows.set(rowName(evidence), evidence);
      journal.record(evidence);
    },
    end: (whole) => (whole ? journal.remove() : journal.close()),
  };
}

function stored(flags: Resumable): ReturnType<typeof readJournal> {
  try {
    return readJournal(journalAt(flags));
  } catch (error) {
    throw new UsageError(`--resume: ${(error as Error).message}`);
  }
}
