/** The audit ledger as a whole: what it holds, and how it follows from a run and from the ledger before. */

import { createHash } from 'node:crypto';
import type { Scenario } from '../scenario/scenario.ts';
import type { Machine } from '../session/machine.ts';
import type { FaultResults } from './fault-results.ts';
import { type LedgerEntry, ledgerEntries, type Measured } from './ledger.ts';
import { changesBetween, type LedgerChange, type Snapshot } from './ledger-changes.ts';
import { continued, type Past, pastOf, type RunRef } from './ledger-history.ts';
import { safetiesOf, type TopologyTier } from './ledger-safety.ts';
import type { Results } from './results.ts';

/** Changes whenever a reader of older ledgers would misread newer ones. */
export const LEDGER_FORMAT = 'collide-ledger-2';

/** A file of JSON lines: the header, then an entry for each target in the catalogue's order. */
export interface Ledger {
  readonly header: LedgerHeader;
  readonly entries: readonly LedgerEntry[];
}

/** The first line. */
export interface LedgerHeader {
  readonly format: typeof LEDGER_FORMAT;
  readonly run: LedgerRun;
  /** The run of the last ledger; null where this is the first. */
  readonly last: RunRef | null;
  /** Since the last ledger. */
  readonly changes: readonly LedgerChange[];
  /** By topology, where the results say something of it. */
  readonly safety: readonly TopologyTier[];
  /** Targets of earlier ledgers that were not part of this run. */
  readonly absent: readonly Absent[];
}

/** What it was measured by. */
export interface LedgerRun extends RunRef {
  readonly options: Pick<Results['options'], 'engine' | 'writers' | 'targets' | 'topology' | 'seed'>;
  readonly machine: Machine;
  readonly executions: number;
  readonly rounds: number;
  /** Did it come to its end? */
  readonly whole: boolean;
  /** Why nothing was explored, where it should have been. */
  readonly noGate?: string;
}

export interface Absent {
  readonly target: string;
  /** The first run without it, by its id. */
  readonly since: string;
  readonly history: readonly Past[];
}

/** What a ledger, or the results of a run, leave to the next one. */
export interface LastLedger {
  readonly run: RunRef;
  readonly last: RunRef | null;
  readonly changes: readonly LedgerChange[];
  readonly histories: ReadonlyMap<string, readonly Past[]>;
  readonly absent: readonly Absent[];
}

export interface Sources {
  readonly catalogue: readonly Scenario[];
  /** Of a run in which all was shared. */
  readonly results: Results;
  readonly faults?: FaultResults | undefined;
  /** Results of other topologies, for their tiers. */
  readonly others?: readonly Results[];
  readonly last?: LastLedger | undefined;
}

/** The same sources give the same ledger, also where the last one is the very ledger that they gave before. */
export function ledgerOf({ catalogue, results, faults, others = [], last }: Sources): Ledger {
  const run = runOf(results);
  const measured = ledgerEntries(catalogue, results, faults);
  const again = last?.run.id === run.id;
  const header: LedgerHeader = {
    format: LEDGER_FORMAT,
    run,
    last: (again ? last.last : last && refOf(last.run)) ?? null,
    changes: again ? last.changes : changesSince(last, snapshotOf(measured, run)),
    safety: safetiesOf(catalogue, [results, ...others]),
    absent: absentNow(measured, run, last),
  };
  const entries = measured.map((entry) => ({
    ...entry,
    history: continued(historyOf(entry.target, last), pastOf(entry, run)),
  }));
  return { header, entries };
}

/** What results alone leave to the next ledger. */
export function lastFrom(catalogue: readonly Scenario[], results: Results): LastLedger {
  const run = runOf(results);
  const snapshot = snapshotOf(ledgerEntries(catalogue, results), run);
  const histories = new Map([...snapshot].map(([target, past]) => [target, [past]]));
  return { run: refOf(run), last: null, changes: [], histories, absent: [] };
}

export const lastOf = ({ header, entries }: Ledger): LastLedger => ({
  run: refOf(header.run),
  last: header.last,
  changes: header.changes,
  histories: new Map(entries.map(({ target, history }) => [target, history])),
  absent: header.absent,
});

/** What was before, held against what is. */
export const changesSince = (last: LastLedger | undefined, now: Snapshot): readonly LedgerChange[] =>
  last === undefined ? [] : changesBetween(lastSaid([...last.histories]), now, lastSaid(last.absent.map(ofAbsent)));

export const snapshotOf = (measured: readonly Measured[], run: RunRef): Snapshot =>
  new Map(measured.map((entry) => [entry.target, pastOf(entry, run)]));

const ofAbsent = ({ target, history }: Absent) => [target, history] as const;

const lastSaid = (histories: readonly (readonly [string, readonly Past[]])[]): Snapshot =>
  new Map(histories.flatMap(([target, history]) => history.slice(-1).map((past) => [target, past])));

const historyOf = (target: string, last?: LastLedger): readonly Past[] =>
  last?.histories.get(target) ?? last?.absent.find((absent) => absent.target === target)?.history ?? [];

function absentNow(measured: readonly Measured[], run: RunRef, last?: LastLedger): readonly Absent[] {
  if (last === undefined) return [];
  const gone = [...last.histories].map(([target, history]) => ({ target, since: run.id, history }));
  return [...last.absent, ...gone].filter(({ target }) => measured.every((entry) => entry.target !== target));
}

/** The same run is the same id, wherever and whenever its results are read. */
export function runOf(results: Results): LedgerRun {
  const { startedAt, options, machine, verdicts, executions, rounds, noGate, interrupted, broken } = results;
  const { engine, writers, targets, topology, seed } = options;
  const measured = JSON.stringify([startedAt, options, machine, verdicts, executions, rounds]);
  return {
    id: digest(measured),
    ...(startedAt === undefined ? {} : { startedAt }),
    options: { engine, writers, targets, ...(topology === undefined ? {} : { topology }), seed },
    machine,
    executions,
    rounds,
    whole: !interrupted && broken === undefined,
    ...(noGate === undefined ? {} : { noGate }),
  };
}

export const refOf = ({ id, startedAt }: RunRef): RunRef => ({ id, ...(startedAt === undefined ? {} : { startedAt }) });

/** Of a text: 12 hexadecimal digits. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

export const ledgerJsonl = ({ header, entries }: Ledger): string =>
  [header, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('');
