/** What a run has gathered so far, a line whenever there is more: so that it can be resumed, however it ended. */

import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { rowName } from '../verdict/fingerprint.ts';
import type { RowEvidence } from '../verdict/gathered.ts';

export const JOURNAL_FORMAT = 'collide-journal-1';

export interface JournalHeader {
  readonly format: typeof JOURNAL_FORMAT;
  readonly startedAt: string;
  /** See `configurationOf`. */
  readonly configuration: string;
  /** As they were given, or follow from the configuration. */
  readonly flags: object;
}

export interface Journal {
  /** The last line about a row is what is known of it. */
  record(evidence: RowEvidence): void;
  close(): void;
  /** There is nothing to resume. */
  remove(): void;
}

/** Takes the place of the one before. A run that still writes to that one goes on doing so, and is in nobody's way. */
export function openJournal(path: string, header: JournalHeader, before: readonly RowEvidence[] = []): Journal {
  const temporary = `${path}.${process.pid}.tmp`;
  const fd = openSync(temporary, 'wx');
  const concluded = new Set<string>();
  const write = (line: object): void => void writeSync(fd, `${JSON.stringify(line)}\n`);
  const record = (evidence: RowEvidence): void => {
    // After its first verdict a row only grows stronger: not worth a line for each round.
    if (concluded.has(rowName(evidence)) && evidence.settled === undefined) return;
    if (evidence.concluded) concluded.add(rowName(evidence));
    write(evidence);
  };
  try {
    write(header);
    before.forEach(record);
    renameSync(temporary, path);
  } catch (error) {
    closeSync(fd);
    rmSync(temporary, { force: true });
    throw error;
  }
  let open = true;
  const close = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  return {
    record(evidence) {
      try {
        if (open) record(evidence);
      } catch {
        close(); // a full disk ends what can be resumed, not the run
      }
    },
    close,
    remove() {
      close();
      rmSync(path, { force: true });
    },
  };
}

/** @throws {Error} with a line for people where there is none, or it is none. */
export function readJournal(path: string): { readonly header: JournalHeader; readonly rows: readonly RowEvidence[] } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${path}: nothing to resume there (${(error as Error).message})`);
  }
  const [header, ...rows] = text.split('\n').flatMap(parsed) as [Partial<JournalHeader>?, ...RowEvidence[]];
  if (header?.format !== JOURNAL_FORMAT)
    throw new Error(`${path} is no journal of a run: run it anew, without --resume`);
  const last = new Map(rows.map((evidence) => [rowName(evidence), evidence]));
  return { header: header as JournalHeader, rows: [...last.values()] };
}

/** The last line may have been cut off with the run. */
function parsed(line: string): readonly object[] {
  try {
    return [JSON.parse(line) as object];
  } catch {
    return [];
  }
}
