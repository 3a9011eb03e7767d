/** The life of one file, as far as it is seen: each observation makes the next state of it, and perhaps a suspicion. */

import { damageIn } from '../damage/examine.ts';
import type { Format } from '../damage/formats.ts';
import { type Damage, kindOf } from '../damage/kinds.ts';
import { limits } from '../limits.ts';
import { someOf } from '../oracle/finding.ts';
import { type Tallies, talliesAfter, wentBackIn } from './counters.ts';
import type { SeenVersion, Sighting } from './sighting.ts';
import { type Habit, habitAfter, noHabit, type Vanished, vanishedIn } from './vanished.ts';
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

interface Torn {
  readonly sinceMs: number;
  readonly changedMs: number;
  readonly damage: Damage;
  readonly bytes: Uint8Array;
  /** Nobody has ever seen this file whole: it is being made. */
  readonly born: boolean;
  /** It has been told that it stays so. */
  readonly told: boolean;
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

interface Read {
  readonly path: string;
  readonly atMs: number;
  readonly identity: string;
  readonly bytes: Uint8Array;
}

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
    const said = back.counted.keys.length === 0 ? name : back.counted.keys.join('.');
    const sighting: Sighting = {
      kind: 'went-back',
      path: life.path,
      atMs: version.atMs,
      class: 'LAST_WRITER_WINS',
      sureness: 'likely',
      what: `${said} went back from ${back.from} to ${back.counted.value}: what was counted in between is gone`,
      unless: 'somebody has put an older version back on purpose',
      versions: seen(life.versions.slice(-2), version),
      writer: { inPlace: version.identity === before?.identity, at: back.counted.keys },
    };
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

function seen(earlier: readonly Version[], after: Version): readonly SeenVersion[] {
  const roles = earlier.length > 1 ? (['before', 'between'] as const) : (['between'] as const);
  return [
    ...earlier.map(({ atMs, bytes }, at) => ({ role: roles[at]!, atMs, bytes })),
    { role: 'after', atMs: after.atMs, bytes: after.bytes },
  ];
}

function vanishedSighting(life: FileLife, { base, between, lost, gained }: Vanished, next: Version): Sighting {
  const names = someOf(lost.map(({ needle }) => shortened(needle)));
  return {
    kind: 'vanished',
    path: life.path,
    atMs: next.atMs,
    class: 'LAST_WRITER_WINS',
    sureness: 'likely',
    what: `${names} came ${inSeconds(between.atMs - base.atMs)} after the version that this one follows from, and vanished ${inSeconds(next.atMs - between.atMs)} later, when ${someOf(gained.map(({ needle }) => shortened(needle)))} came`,
    unless: 'somebody has taken the one out and put the other in, in one go',
    versions: seen([base, between], next),
    writer: { inPlace: next.identity === between.identity, at: lost[0]!.keys },
  };
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

const inSeconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

function tornSighting(life: FileLife, torn: Torn, after: Read | undefined): Sighting {
  const { damage, bytes, sinceMs } = torn;
  const last = life.versions.at(-1);
  const title = kindOf(damage.kind).title;
  const mended = after === undefined ? undefined : after.atMs - sinceMs;
  const versions: SeenVersion[] = [{ role: 'torn', atMs: sinceMs, bytes }];
  if (last !== undefined) versions.unshift({ role: 'before', atMs: last.atMs, bytes: last.bytes });
  if (after !== undefined) versions.push({ role: 'after', atMs: after.atMs, bytes: after.bytes });
  return {
    kind: life.format === 'jsonl' ? 'torn-ledger' : 'torn',
    path: life.path,
    atMs: sinceMs,
    ...(kindOf(damage.kind).class === undefined ? {} : { class: kindOf(damage.kind).class![damage.shape] }),
    sureness: 'certain',
    what:
      mended === undefined
        ? `${title}, and so it stays: ${damage.what}`
        : `${title}, and whole again ${inSeconds(mended)} later: whoever read it in between could not`,
    damage,
    ...(mended === undefined ? {} : { mendedMs: mended }),
    versions,
    writer: { inPlace: true },
  };
}

function scarSighting(life: FileLife, file: Read, fresh: readonly Damage[]): Sighting {
  const [damage] = fresh as [Damage, ...Damage[]];
  const before = life.versions.at(-1);
  const more = fresh.length > 1 ? `, and ${fresh.length - 1} more` : '';
  return {
    kind: 'torn-ledger',
    path: life.path,
    atMs: file.atMs,
    class: kindOf(damage.kind).class!.ledger,
    sureness: 'certain',
    what: `line ${damage.line}: ${kindOf(damage.kind).title}${more}: ${damage.what}`,
    damage,
    versions: [
      ...(before === undefined ? [] : [{ role: 'before' as const, atMs: before.atMs, bytes: before.bytes }]),
      { role: 'torn', atMs: file.atMs, bytes: file.bytes },
    ],
    writer: { inPlace: before?.identity === file.identity },
  };
}

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
