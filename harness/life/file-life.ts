/** The life of one file, as far as it is seen: each observation makes the next state of it, and perhaps a suspicion. */

import { damageIn } from '../damage/examine.ts';
import type { Format } from '../damage/formats.ts';
import { type Damage, kindOf } from '../damage/kinds.ts';
import { limits } from '../limits.ts';
import { type Tallies, talliesAfter, wentBackIn } from './counters.ts';
import type { Sighting } from './sighting.ts';
import { backSighting, type Read, scarSighting, type Torn, tornSighting, vanishedSighting } from './telling.ts';
import { type Habit, habitAfter, noHabit, vanishedIn } from './vanished.ts';
import { type Version, versionOf } from './version.ts';

export type TextFormat = Exclude<Format, 'sqlite'>;

export interface FileLife {
  readonly path: string;
  readonly format: TextFormat;
  /** Whole ones, oldest first. */
  readonly versions: readonly Version[];
  readonly habit: Habit;
  readonly tallies: Tallies;
  /** Since when it can't be read. */
  readonly torn?: Torn;
  /** Places in a ledger that are known to be torn. */
  readonly scars: ReadonlySet<string>;
  /** Has it been read before? What is torn there from the start is no news. */
  readonly known: boolean;
}

/** A suspicion is a sighting unless something innocent explains it within `limits.settleMs`. */
export type Found = { readonly sighting: Sighting; readonly suspicion: boolean };

export interface Step {
  readonly life: FileLife;
  readonly found: readonly Found[];
}

export const newLife = (path: string, format: TextFormat): FileLife => ({
  path,
  format,
  versions: [],
  habit: noHabit,
  tallies: new Map(),
  scars: new Set(),
  known: false,
});

/** The file was read. */
export function readAgain(life: FileLife, file: Read): Step {
  if (life.versions.at(-1)?.bytes.length === file.bytes.length && life.torn === undefined) {
    if (Buffer.from(file.bytes).equals(life.versions.at(-1)!.bytes)) return { life, found: [] };
  }
  const damages = damageIn(file.bytes, life.format).filter(
    ({ kind }) => kindOf(kind).class !== undefined && kind !== 'doubled',
  );
  return life.format === 'jsonl' ? ledgerRead(life, file, damages) : documentRead(life, file, damages[0]);
}

function documentRead(life: FileLife, file: Read, damage: Damage | undefined): Step {
  const last = life.versions.at(-1);
  // An empty text of YAML can be read, and says nothing of what was there.
  const emptied = damage === undefined && file.bytes.length === 0 && last !== undefined && last.bytes.length > 0;
  const wrong = damage ?? (emptied && life.format !== 'text' ? EMPTIED : undefined);
  if (wrong !== undefined) {
    const born = life.torn?.born ?? last?.identity !== file.identity;
    const torn: Torn = {
      sinceMs: life.torn?.sinceMs ?? file.atMs,
      changedMs: file.atMs,
      damage: wrong,
      bytes: file.bytes,
      born,
      told: life.torn?.told ?? false,
    };
    return { life: { ...life, torn }, found: [] };
  }
  const version = versionOf(file, life.format);
  const { torn, ...whole } = life;
  const mended =
    torn === undefined || torn.born ? [] : [{ sighting: tornSighting(life, torn, file), suspicion: false }];
  // Such as an edit that is not finished: it says nothing, and nothing is compared with it.
  if (version === undefined) return { life: whole, found: [] };
  const { life: next, found } = wholeVersion(whole, version);
  return { life: next, found: [...mended, ...found] };
}

const EMPTIED: Damage = {
  kind: 'empty',
  shape: 'document',
  offset: 0,
  line: 1,
  excerpt: '▸',
  what: 'no byte is in it',
};

function ledgerRead(life: FileLife, file: Read, damages: readonly Damage[]): Step {
  const version = versionOf(file, 'jsonl');
  const ended = damages.filter(({ kind }) => kind !== 'truncated');
  const scars = new Set(ended.map(scarOf));
  const fresh = ended.filter((damage) => !life.scars.has(scarOf(damage)));
  const { torn: before, ...rest } = life;
  const cut = damages.find(({ kind }) => kind === 'truncated');
  const since = before !== undefined && before.damage.offset === cut?.offset ? before.sinceMs : file.atMs;
  const torn: Torn | undefined =
    cut === undefined
      ? undefined
      : {
          sinceMs: since,
          changedMs: file.atMs,
          damage: cut,
          bytes: file.bytes,
          born: false,
          told: before?.told ?? false,
        };
  const next: FileLife = { ...rest, known: true, scars, ...(torn === undefined ? {} : { torn }) };
  const found: Found[] =
    fresh.length === 0 || !life.known ? [] : [{ sighting: scarSighting(life, file, fresh), suspicion: false }];
  if (version === undefined || cut !== undefined) return { life: next, found };
  const step = wholeVersion(next, version);
  // What was written over is torn there, and told of as that.
  return { life: step.life, found: found.length > 0 ? found : step.found };
}

/** Where it is moves with what is before it; what it looks like does not. */
const scarOf = ({ kind, excerpt }: Damage): string => `${kind} ${excerpt}`;

function wholeVersion(life: FileLife, version: Version): Step {
  const before = life.versions.at(-1);
  if (before?.hash === version.hash) return { life, found: [] };
  const vanished = vanishedIn(life.versions, version, life.habit);
  const name = life.path.slice(life.path.lastIndexOf('/') + 1);
  const back =
    vanished === undefined && keepsAll(before, version) ? wentBackIn(life.tallies, version, name) : undefined;
  const found: Found[] = [];
  if (vanished !== undefined) found.push({ sighting: vanishedSighting(life, vanished, version), suspicion: true });
  if (back !== undefined) {
    const sighting = backSighting(life, back, name, version);
    found.push({ sighting, suspicion: true });
  }
  return {
    life: {
      ...life,
      versions: kept([...life.versions, version]),
      habit: before === undefined ? life.habit : habitAfter(life.habit, before, version),
      tallies: talliesAfter(life.tallies, version),
    },
    found,
  };
}

/** The last ones, as far as they are not too much together; two at least. */
function kept(versions: readonly Version[]): readonly Version[] {
  let bytes = 0;
  const from = versions.findLastIndex((version, at) => {
    bytes += version.bytes.length;
    return at < versions.length - 2 && bytes > limits.watchedBytes;
  });
  return versions.slice(Math.max(from + 1, versions.length - limits.versionsKept));
}

const keepsAll = (before: Version | undefined, next: Version): boolean =>
  before === undefined || [...before.items.keys()].every((name) => next.items.has(name));

/** Time has passed: what is still torn stays so. */
export function later(life: FileLife, atMs: number): Step {
  const { torn } = life;
  if (torn === undefined || torn.told) return { life, found: [] };
  const patience = life.format === 'jsonl' || torn.born ? limits.patienceMs : limits.settleMs;
  // An empty file that was never anything else waits for what will be in it.
  if (atMs - torn.changedMs < patience || (torn.born && torn.damage.kind === 'empty')) return { life, found: [] };
  return {
    life: { ...life, torn: { ...torn, told: true } },
    found: [{ sighting: tornSighting(life, torn, undefined), suspicion: false }],
  };
}

/** The file is gone: one that comes in its place is another. */
export function gone(life: FileLife): FileLife {
  const { torn: _, ...rest } = life;
  return rest;
}
