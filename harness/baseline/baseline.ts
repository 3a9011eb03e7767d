/** What a team has agreed to: what each row came to, and which races are known. Plain data, made for review in a diff. */

import { type CollisionClass, collisionClasses } from '../oracle/finding.ts';
import { fingerprintOf, rowName } from '../verdict/fingerprint.ts';
import type { Strength } from '../verdict/strength.ts';
import type { Status, Verdict } from '../verdict/verdict.ts';

export const BASELINE_FORMAT = 'collide-baseline-1';

export interface Baseline {
  readonly run: BaselineRun;
  /** By name, as `rowName` has it. */
  readonly rows: Readonly<Record<string, Entry>>;
  /** By fingerprint, as `fingerprintOf` has it. */
  readonly findings: Readonly<Record<string, Accepted>>;
}

/** The question that is asked: the same one gives the same answer. */
export interface BaselineRun {
  readonly engine: 'explore';
  /** Work of each row. */
  readonly steps: number;
  readonly seed: number;
  /** As `--targets` takes them; or those of the configuration, whichever they are by then. */
  readonly targets: readonly string[] | typeof OWN_TARGETS;
  readonly writers: number;
}

export const OWN_TARGETS = 'those of the configuration';

/** What a row came to. */
export interface Entry {
  readonly status: Status;
  /** SAFE of which a sample is all there is. */
  readonly sampled?: true;
  /** What the server was, where it is not the one that it is named after: another one may do otherwise. */
  readonly product?: string;
  /** Of what nothing was found in. */
  readonly searched?: Searched;
}

/** How far a search went that found nothing: only what does not depend on how fast it was. */
export interface Searched {
  /** All interleavings of two writers, those with at most so many preemptions, or some. */
  readonly two: 'exhaustive' | 'some' | number;
  /** Were interleavings of more writers drawn? */
  readonly more: boolean;
}

/** A race that is known. */
export interface Accepted {
  readonly reason?: string;
  /** The last day on which it is accepted: `2026-12-31`. */
  readonly expires?: string;
}

export function baselineOf(run: BaselineRun, verdicts: readonly Verdict[]): Baseline {
  return {
    run,
    rows: Object.fromEntries(verdicts.map((verdict) => [rowName(verdict), entryOf(verdict)])),
    findings: Object.fromEntries(
      verdicts.flatMap((verdict) => fingerprintsOf(verdict).map((fingerprint) => [fingerprint, {}])),
    ),
  };
}

export const fingerprintsOf = (verdict: Verdict): readonly string[] =>
  verdict.findings.map((finding) => fingerprintOf(verdict, finding));

export function entryOf({ status, level, product, strength }: Verdict): Entry {
  const searched = status === 'SAFE' || status === 'NOT_PROVOKED' ? searchedOf(strength) : undefined;
  return {
    status,
    ...(level === 'sampled' ? { sampled: true } : {}),
    ...(product === undefined ? {} : { product }),
    ...(searched === undefined ? {} : { searched }),
  };
}

function searchedOf({ explored, probed }: Strength = {}): Searched | undefined {
  if (explored === undefined) return undefined;
  const { kind, preemptions = 0 } = explored;
  const two = kind === 'exhaustive' ? kind : kind === 'bounded' ? preemptions : 'some';
  return { two, more: probed !== undefined };
}

/** `SAFE, exhaustive, PCT`, `SAFE (sampled), some, PCT`, `NOT_PROVOKED on FerretDB, up to 2 preemptions`, `COLLIDES`. */
export function entryWords({ status, sampled, product, searched }: Entry): string {
  const words = [`${status}${sampled ? ' (sampled)' : ''}${product === undefined ? '' : ` on ${product}`}`];
  if (searched !== undefined) {
    const { two, more } = searched;
    words.push(typeof two === 'number' ? `up to ${two} preemption${two === 1 ? '' : 's'}` : two);
    if (more) words.push('PCT');
  }
  return words.join(', ');
}

const ENTRY =
  /^(SAFE|COLLIDES|NOT_PROVOKED|VACUOUS|BROKEN_ALONE|INCONCLUSIVE|SKIPPED)( \(sampled\))?(?: on ([^,]+))?(?:, (exhaustive|some|up to (\d) preemptions?)(, PCT)?)?$/;

/** The other way round; undefined where it says nothing of the kind. */
export function entryIn(words: string): Entry | undefined {
  const match = ENTRY.exec(words);
  if (match === null) return undefined;
  const [, status, sampled, product, two, preemptions, more] = match;
  const entry: Entry = {
    status: status as Status,
    ...(sampled === undefined ? {} : { sampled: true }),
    ...(product === undefined ? {} : { product }),
    ...(two === undefined
      ? {}
      : {
          searched: {
            two: preemptions === undefined ? (two as 'exhaustive' | 'some') : Number(preemptions),
            more: more !== undefined,
          },
        }),
  };
  if (sampled !== undefined && status !== 'SAFE') return undefined;
  return entryWords(entry) === words ? entry : undefined;
}

const RACE = new RegExp(`^(.+?) (${Object.keys(collisionClasses).join('|')})(?:: (.+))?$`, 's');

/** Of a fingerprint; undefined where it is none. */
export function partsOf(
  fingerprint: string,
): { readonly row: string; readonly kind: CollisionClass; readonly pair?: string } | undefined {
  const match = RACE.exec(fingerprint);
  if (match === null) return undefined;
  const [, row, kind, pair] = match as unknown as [string, string, CollisionClass, string | undefined];
  return { row, kind, ...(pair === undefined ? {} : { pair }) };
}

/** Sorted, a line for each row and each race, the same bytes for the same content. */
export function formatBaseline({ run, rows, findings }: Baseline): string {
  const { engine, steps, seed, targets, writers } = run;
  return [
    '{',
    ` "format": ${JSON.stringify(BASELINE_FORMAT)},`,
    ` "run": ${spaced({ engine, steps, seed, targets, writers })},`,
    ` "rows": ${block(Object.entries(rows).map(([row, entry]) => [row, entryWords(entry)]))},`,
    ` "findings": ${block(Object.entries(findings).map(([race, { reason, expires }]) => [race, { reason, expires }]))}`,
    '}',
    '',
  ].join('\n');
}

/** By code units, so that no locale matters. */
export const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

function block(entries: readonly (readonly [string, unknown])[]): string {
  if (entries.length === 0) return '{}';
  const lines = entries.toSorted(byName).map(([key, value]) => `  ${JSON.stringify(key)}: ${spaced(value)}`);
  return `{\n${lines.join(',\n')}\n }`;
}

/** On one line. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  if (entries.length === 0) return '{}';
  return `{ ${entries.map(([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`).join(', ')} }`;
}
