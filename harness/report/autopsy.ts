/** What an autopsy has found, for people. */

import { styleText } from 'node:util';
import { formats } from '../damage/formats.ts';
import { type Damage, type DamageKind, kindOf } from '../damage/kinds.ts';
import type { Examined, Skipped } from '../life/autopsy.ts';
import { limits } from '../limits.ts';
import type { Look } from './table.ts';
import { amount, number } from './words.ts';
import { wrapped } from './wrap.ts';

/** Of one kind of damage, the first. */
const PLACES_SHOWN = 3;

/** Each file with what is wrong with it; where nothing is, what was looked for. */
export function autopsyReport(examined: readonly Examined[], skipped: readonly Skipped[], look: Look): string {
  const damaged = examined.filter(({ damages }) => damages.length > 0).length;
  const summary = examined.length < 2 ? [] : [`${damaged} of ${amount(examined.length, 'file')} damaged.`, ''];
  const left = skipped.flatMap(({ reason }) => [...wrapped(`Not looked into: ${reason}`, look.columns, '  '), '']);
  return [...examined.flatMap((one) => [...reportOf(one, look), '']), ...left, ...summary].join('\n');
}

function reportOf(examined: Examined, look: Look): readonly string[] {
  const { file, damages, lookedFor } = examined;
  if (damages.length === 0) {
    const kinds = lookedFor.map((kind) => kindOf(kind).title).join('; ');
    return wrapped(`${file}: no damage found in ${contentOf(examined)}. Looked for: ${kinds}.`, look.columns, '  ');
  }
  const more = damages.length >= limits.damagesKept ? 'the first ' : '';
  const head = `${file}: ${more}${amount(damages.length, 'damaged place')} in ${contentOf(examined)}`;
  const kinds = [...new Set(damages.map(({ kind }) => kind))];
  return [
    ...wrapped(head, look.columns, '  '),
    ...kinds.flatMap((kind) =>
      kindReport(
        kind,
        damages.filter((each) => each.kind === kind),
        look,
      ),
    ),
  ];
}

/** `JSON lines (12 lines, 3,041 bytes)` */
function contentOf({ format, bytes, lines }: Examined): string {
  const size = amount(bytes, 'byte');
  return `${formats[format]} (${lines === undefined ? size : `${amount(lines, 'line')}, ${size}`})`;
}

function kindReport(kind: DamageKind, places: readonly Damage[], look: Look): readonly string[] {
  const { title, class: classes, leftBy, witness } = kindOf(kind);
  const shape = places[0]!.shape;
  const name = classes === undefined ? '' : ` (${classes[shape]})`;
  const shown = places.slice(0, PLACES_SHOWN);
  const left = places.length - shown.length;
  const replay = witness?.[shape];
  const head = `${title}${name}`;
  return [
    '',
    `  ${look.colour ? styleText('red', head, { validateStream: false }) : head}`,
    ...shown.flatMap((place) => indented(placeWords(place, kind), look)),
    ...(left > 0 ? [`    … and in ${number(left)} more`] : []),
    ...indented(`Who leaves it: ${leftBy}`, look),
    ...indented(
      replay === undefined ? 'No built-in scenario leaves it.' : `One that does: collide replay '${replay}'`,
      look,
    ),
  ];
}

const indented = (words: string, look: Look): readonly string[] => wrapped(`    ${words}`, look.columns, '      ');

function placeWords({ line, offset, excerpt, what }: Damage, kind: DamageKind): string {
  if (excerpt === '' || kind === 'empty') return what;
  return `line ${number(line)}, byte ${number(offset)}: ${what}: ${excerpt}`;
}
