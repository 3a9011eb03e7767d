/** What a probe found out, for people. */

import { styleText } from 'node:util';
import {
  type AppendRow,
  brokenIn,
  type Cell,
  type Fact,
  type Guarantee,
  isBroken,
  type Probed,
} from '../probe/result.ts';
import { sizeWords } from '../probe/size.ts';
import { percent, upperBound } from '../verdict/strength.ts';
import { type Look, table } from './table.ts';
import { durationWords } from './words.ts';
import { wrapped } from './wrap.ts';

/** Two tables, and how to read them. */
export function probeReport(probed: Probed, look: Look): string {
  const { guarantees, facts, appends, sizes } = probed;
  const paragraphs = readingOf(probed).map((words) => wrapped(words, look.columns, '  ').join('\n'));
  return [
    ...wrapped(headline(probed), look.columns, '  '),
    '',
    table(
      ['operation', 'what for', 'answer', 'evidence'],
      [
        ...guarantees.map((one) => [one.operation, one.purpose, answerMark(one, look), evidenceWords(one)]),
        ...facts.map(({ operation, purpose, answer, evidence }) => [operation, purpose, answer, evidence]),
      ],
      look,
    ),
    '',
    ...wrapped(CAPTION, look.columns, '  '),
    table(
      ['writer', ...sizes.map(sizeWords)],
      appends.map(({ writer, cells, skipped }) => [
        writer,
        ...sizes.map((_, at) => (skipped === undefined ? cellMark(cells[at], look) : 'SKIPPED')),
      ]),
      look,
    ),
    '',
    ...paragraphs,
    '',
  ].join('\n');
}

const CAPTION =
  'Lines appended by several processes to one file, by their length; in brackets the calls of write(2) for one line:';

function headline({ dir, fileSystem: { type, mountedAt, source }, machine, durationMs }: Probed): string {
  const mount = mountedAt === undefined ? '' : `, mounted at ${mountedAt}${source ? ` (${source})` : ''}`;
  const cores = `${machine.cores} core${machine.cores === 1 ? '' : 's'}`;
  return `${dir}: ${type}${mount}. Measured in ${durationWords(durationMs)} on ${cores}, ${machine.platform} ${machine.release}.`;
}

const number = (value: number): string => value.toLocaleString('en-US');

/** `1 winner in each of 500 rounds of 4 processes; 482 overlapped`. */
function evidenceWords({
  held,
  answer,
  rounds,
  overlapping,
  violations,
  processes,
  example,
  reason,
}: Guarantee): string {
  if (answer === 'not measured') return reason ?? '';
  const of = `${number(rounds)} rounds of ${processes} processes`;
  return answer === 'holds'
    ? `${held} in each of ${of}; ${number(overlapping)} overlapped`
    : `not ${held} in ${number(violations)} of ${of}: ${example}`;
}

type Style = Parameters<typeof styleText>[0];

const paint = (style: Style, text: string, { colour }: Look): string =>
  colour ? styleText(style, text, { validateStream: false }) : text;

const answerStyles: Readonly<Record<Guarantee['answer'], Style>> = {
  holds: 'green',
  broken: ['red', 'bold'],
  'not measured': 'gray',
};

const answerMark = ({ answer }: Guarantee, look: Look): string =>
  paint(answerStyles[answer], answer === 'broken' ? '✗ broken' : answer, look);

/** `whole (1)`, `torn (3)`, `3 writes`. */
function cellMark(cell: Cell | undefined, look: Look): string {
  if (cell === undefined) return '';
  const { answer, writes, torn } = cell;
  const calls = writes === undefined ? '?' : number(writes);
  switch (answer) {
    case 'whole':
      return paint('green', `whole (${calls})`, look);
    case 'torn': {
      const words = `${torn === 0 ? 'lost' : 'torn'} (${calls})`;
      return isBroken(cell) ? paint(['red', 'bold'], `✗ ${words}`, look) : paint('yellow', words, look);
    }
    case 'several writes':
      return paint('yellow', `${calls} writes`, look);
    case 'not seen torn':
      return 'untorn (?)';
    case 'not measured':
      return paint('gray', '–', look);
    case 'skipped':
      return paint('gray', 'SKIPPED', look);
  }
}

/** What to make of the tables: all of it follows from what is in them. */
function readingOf(probed: Probed): readonly string[] {
  return [
    ...claimWords(probed.guarantees),
    ...lineWords(probed),
    ...lockWords(probed.facts),
    ...gaps(probed),
    brokenIn(probed) ? 'What is marked ✗ is promised by POSIX, and was seen broken: do not build on it here.' : '',
  ].filter(Boolean);
}

function claimWords(guarantees: readonly Guarantee[]): readonly string[] {
  const broken = guarantees.filter(({ answer }) => answer === 'broken');
  const holding = guarantees.filter(({ answer }) => answer === 'holds');
  const all =
    holding.length === guarantees.length ? `All ${holding.length}` : `${holding.length} of ${guarantees.length}`;
  const open = guarantees.length - holding.length - broken.length;
  const unmeasured = open === 0 ? '' : `, and ${open} could not be measured`;
  const least = Math.min(...holding.map(({ overlapping }) => overlapping));
  return [
    ...(broken.length === 0 ? [] : [`Broken here: ${listed(broken.map(({ operation }) => operation))}.`]),
    ...(holding.length === 0
      ? []
      : [
          `${all} guarantees held${unmeasured}; with 95 % confidence, each that held fails in fewer than ${percent(upperBound(0, least))} of rounds ` +
            'that overlap.',
        ]),
  ];
}

/** The longest line up to which all that were tried are whole, and why longer ones are not. */
interface Reach {
  readonly writer: string;
  readonly safe: number | undefined;
  /** The first length that is not whole. */
  readonly beyond: Cell | undefined;
  readonly longest: number | undefined;
}

const reachOf = ({ writer, cells }: AppendRow): Reach => {
  const tried = cells.filter(({ answer }) => answer !== 'skipped' && answer !== 'not measured');
  const end = tried.findIndex(({ answer }) => answer !== 'whole');
  const whole = end < 0 ? tried : tried.slice(0, end);
  return { writer, safe: whole.at(-1)?.bytes, beyond: end < 0 ? undefined : tried[end], longest: cells.at(-1)?.bytes };
};

function lineWords({ appends }: Probed): readonly string[] {
  const reaches = appends.filter(({ skipped }) => skipped === undefined).map(reachOf);
  const groups = new Map<string, { readonly writers: string[]; readonly words: string }>();
  for (const reach of reaches) {
    const words = reachWords(reach);
    const group = groups.get(words) ?? { writers: [], words };
    group.writers.push(reach.writer);
    groups.set(words, group);
  }
  return [...groups.values()].map(({ writers, words }) => `With ${listed(writers)}, ${words}`);
}

function reachWords({ safe, beyond, longest }: Reach): string {
  if (safe === undefined) {
    return beyond === undefined
      ? 'nothing was measured.'
      : `no line is known to be safe: one of ${sizeWords(beyond.bytes)} ${whyNot(beyond)}.`;
  }
  const upTo = `lines of up to ${sizeWords(safe)}${safe === longest ? ', the longest tried,' : ''} are safe, because each is one write(2) and none was torn`;
  if (safe === longest) return `${upTo}.`;
  return beyond === undefined
    ? `${upTo}; longer ones were not measured.`
    : `${upTo}; one of ${sizeWords(beyond.bytes)} ${whyNot(beyond)}.`;
}

function whyNot(cell: Cell): string {
  const { answer, writes, torn, lines, missingBytes, example } = cell;
  if (answer === 'not seen torn') return 'was not seen torn, but nobody counted its writes';
  const calls = writes === undefined ? '' : `takes ${number(writes)} write${writes === 1 ? '' : 's'}, `;
  if (answer === 'several writes')
    return `takes ${number(writes ?? 0)} writes: others may come between them, though none was seen there`;
  const seen =
    torn === 0
      ? `and ${number(missingBytes)} bytes were overwritten`
      : `and ${number(torn)} of ${number(lines)} were torn`;
  return `${calls}${seen}${example === undefined ? '' : ` (one is ${example})`}`;
}

/** `a`, `a and b`, `a, b and c`. */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

function lockWords(facts: readonly Fact[]): readonly string[] {
  const locks = facts.find(({ id }) => id === 'lock-kinds');
  return locks?.answer === 'independent'
    ? ['flock and fcntl locks do not know of each other: whoever takes one is not kept out by the other.']
    : [];
}

/** What says nothing, and why: each reason once. */
function gaps({ appends, noGate }: Probed): readonly string[] {
  const tried = appends.filter(({ skipped }) => skipped === undefined);
  const missing = appends.flatMap(({ writer, skipped }) =>
    skipped === undefined ? [] : [`SKIPPED: ${writer} ${skipped}.`],
  );
  const byReason = new Map<string, { readonly bytes: number; readonly writers: string[] }>();
  for (const { writer, cells } of tried) {
    for (const { answer, reason = '', bytes } of cells) {
      if (answer !== 'skipped' && answer !== 'not measured') continue;
      const key = `${answer === 'skipped' ? 'SKIPPED' : 'Not measured (–)'}, ${reason}, ${bytes}`;
      const group = byReason.get(key) ?? { bytes, writers: [] };
      group.writers.push(writer);
      byReason.set(key, group);
    }
  }
  const cells = [...byReason].map(([key, { bytes, writers }]) => {
    const who = writers.length === tried.length ? '' : `${listed(writers)} with `;
    return `${key.slice(0, key.lastIndexOf(','))}: ${who}lines of ${sizeWords(bytes)}.`;
  });
  const uncounted = noGate === undefined ? [] : [`The calls of a line could not be counted (?): ${noGate}.`];
  return [...missing, ...cells, ...uncounted];
}
