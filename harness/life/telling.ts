/** What is told of a file where something is wrong with it: in words, with the versions that show it. */

import { type Damage, kindOf } from '../damage/kinds.ts';
import { someOf } from '../oracle/finding.ts';
import type { WentBack } from './counters.ts';
import type { FileLife } from './file-life.ts';
import type { SeenVersion, Sighting } from './sighting.ts';
import type { Vanished } from './vanished.ts';
import type { Version } from './version.ts';

/** What of its life is told. */
type Told = Pick<FileLife, 'path' | 'format' | 'versions'>;

/** A file as it was read once. */
export interface Read {
  readonly path: string;
  readonly atMs: number;
  readonly identity: string;
  readonly bytes: Uint8Array;
}

/** A state that can't be read. */
export interface Torn {
  readonly sinceMs: number;
  readonly changedMs: number;
  readonly damage: Damage;
  readonly bytes: Uint8Array;
  /** Nobody has ever seen this file whole: it is being made. */
  readonly born: boolean;
  /** It has been told that it stays so. */
  readonly told: boolean;
}

function seen(earlier: readonly Version[], after: Version): readonly SeenVersion[] {
  const roles = earlier.length > 1 ? (['before', 'between'] as const) : (['between'] as const);
  return [
    ...earlier.map(({ atMs, bytes }, at) => ({ role: roles[at]!, atMs, bytes })),
    { role: 'after', atMs: after.atMs, bytes: after.bytes },
  ];
}

export function vanishedSighting(life: Told, { base, between, lost, gained }: Vanished, next: Version): Sighting {
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

/** @param name of the file, which is that of a number that stands there alone. */
export function backSighting(
  { path, versions }: Told,
  { counted, from }: WentBack,
  name: string,
  next: Version,
): Sighting {
  const said = counted.keys.length === 0 ? name : counted.keys.join('.');
  return {
    kind: 'went-back',
    path,
    atMs: next.atMs,
    class: 'LAST_WRITER_WINS',
    sureness: 'likely',
    what: `${said} went back from ${from} to ${counted.value}: what was counted in between is gone`,
    unless: 'somebody has put an older version back on purpose',
    versions: seen(versions.slice(-2), next),
    writer: { inPlace: next.identity === versions.at(-1)?.identity, at: counted.keys },
  };
}

/** @param after when it was whole again; left out where it stays so. */
export function tornSighting(life: Told, torn: Torn, after: Read | undefined): Sighting {
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
    ...(mended === undefined
      ? {}
      : { unless: 'nobody else reads it while it is written: to a writer that is alone it does no harm' }),
    damage,
    ...(mended === undefined ? {} : { mendedMs: mended }),
    versions,
    writer: { inPlace: true },
  };
}

export function scarSighting(life: Told, file: Read, fresh: readonly Damage[]): Sighting {
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
