/** What is seen in a directory that is watched, for people. */

import { styleText } from 'node:util';
import { kindOf } from '../damage/kinds.ts';
import { type Sighting, sightingKinds } from '../life/sighting.ts';
import type { Look } from './table.ts';
import { amount, durationWords } from './words.ts';
import { wrapped } from './wrap.ts';

/** @param time of day. @param reproduce what to enter to see it again, where there is something. */
export function sightingReport(
  sighting: Sighting,
  told: { readonly time: string; readonly place: string; readonly reproduce?: string },
  look: Look,
): string {
  const { kind, path, class: name, sureness, what, unless, damage, mendedMs } = sighting;
  const title = `${path}: ${name ?? 'a symptom'}, ${sightingKinds[kind]}${mendedMs !== undefined ? ', for a moment' : sureness === 'likely' ? ' (likely)' : ''}`;
  const paragraphs = [
    what,
    ...(damage === undefined || damage.kind === 'empty'
      ? []
      : [`line ${damage.line}, byte ${damage.offset}: ${damage.excerpt}`]),
    ...(damage === undefined ? [] : [`Who leaves it: ${kindOf(damage.kind).leftBy}`]),
    ...(unless === undefined ? [] : [`Unless ${unless}.`]),
    `Written down: ${told.place}`,
    ...(told.reproduce === undefined ? [] : [`See it happen: ${told.reproduce}`]),
  ];
  return [
    `${told.time}  ${look.colour ? styleText(['red', 'bold'], title, { validateStream: false }) : title}`,
    ...paragraphs.flatMap((words) => wrapped(`          ${words}`, look.columns, '          ')),
    '',
    '',
  ].join('\n');
}

export interface WatchSummary {
  readonly dir: string;
  readonly durationMs: number;
  readonly files: number;
  readonly versions: number;
  readonly tooLarge: readonly string[];
  readonly unwatched: readonly string[];
  /** Each case, with how often it was seen. */
  readonly cases: readonly { readonly sighting: Sighting; readonly times: number; readonly place: string }[];
}

export function watchReport(
  { dir, durationMs, files, versions, tooLarge, unwatched, cases }: WatchSummary,
  look: Look,
): string {
  const head = `${dir}: ${amount(files, 'file')} read, ${amount(versions, 'new version')} seen in ${durationWords(durationMs)}.`;
  const left = [...tooLarge.map((path) => `${path} is too large`), ...unwatched];
  return [
    ...wrapped(
      `${head} ${cases.length === 0 ? 'Nothing was seen that should not be.' : `${amount(cases.length, 'case')}:`}`,
      look.columns,
      '  ',
    ),
    ...cases.flatMap(({ sighting, times, place }) => {
      const words = `  ${sighting.class ?? 'a symptom'}  ${sighting.path}: ${sightingKinds[sighting.kind]}, seen ${times === 1 ? 'once' : `${times} times`}: ${place}`;
      return wrapped(words, look.columns, '    ');
    }),
    ...left.flatMap((words) => wrapped(`Not looked at: ${words}`, look.columns, '  ')),
    '',
  ].join('\n');
}
