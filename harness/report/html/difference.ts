/** Two texts side by side, line by line: what is equal beside each other, and in what is not, the part that differs. */

import { diffArrays, diffWordsWithSpace } from 'diff';
import { NO_TEXT } from '../../history/text.ts';
import { visible } from '../step-words.ts';
import { amount } from '../words.ts';
import type { ComparedLine, SideLine } from './page/shapes.ts';

/** Equal lines that are shown around those that differ. */
const CONTEXT = 3;

const LINES_MAX = 60;

/** A comparison of more lines would take long, and nobody reads it. */
const COMPARED_MAX = 2_000;

export const sideBySide = (expected: readonly string[], actual: readonly string[]): readonly ComparedLine[] =>
  atMost(withoutEqual(paired(expected, actual)));

/** As it stands there, without another side. */
export const alone = (actual: readonly string[]): readonly ComparedLine[] =>
  atMost(actual.map((line, at) => ({ right: whole(line, at + 1, false) })));

/** The end of a line is part of it: whether the last one has one may be the difference. */
export const linesOf = (text: string): readonly string[] =>
  NO_TEXT.test(text) ? [`(no text: ${amount(text.length, 'character')})`] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);

function paired(left: readonly string[], right: readonly string[]): readonly ComparedLine[] {
  const [a, b] = [left.slice(0, COMPARED_MAX), right.slice(0, COMPARED_MAX)];
  const lines: ComparedLine[] = [];
  let gone: string[] = [];
  let [atLeft, atRight] = [1, 1];
  const flush = (come: readonly string[]): void => {
    for (let at = 0; at < Math.max(gone.length, come.length); at++) {
      const pair = differing(gone[at], come[at]);
      lines.push({
        ...(pair.left === undefined ? {} : { left: { ...pair.left, number: atLeft++ } }),
        ...(pair.right === undefined ? {} : { right: { ...pair.right, number: atRight++ } }),
      });
    }
    gone = [];
  };
  for (const { added, removed, value } of diffArrays([...a], [...b])) {
    if (removed) gone = value;
    else if (added) flush(value);
    else {
      flush([]);
      for (const line of value) {
        lines.push({ left: whole(line, atLeft++, false), right: whole(line, atRight++, false) });
      }
    }
  }
  flush([]);
  const rest = Math.max(left.length, right.length) - COMPARED_MAX;
  return rest > 0 ? [...lines, { note: `${amount(rest, 'more line')}, not compared` }] : lines;
}

const LINE_CHARS = 400;

const whole = (line: string, number: number, differs: boolean): SideLine => ({
  number,
  pieces: [visible(line, LINE_CHARS)],
  differs,
});

/** Longer lines are compared at their ends only. */
const WORDS_CHARS = 4_000;

function differing(left: string | undefined, right: string | undefined): { left?: SideLine; right?: SideLine } {
  if (left === undefined) return { right: whole(right!, 0, true) };
  if (right === undefined) return { left: whole(left, 0, true) };
  const pieces = left.length + right.length < WORDS_CHARS ? byWords(left, right) : byEnds(left, right);
  return {
    left: { number: 0, pieces: fitting(pieces.left), differs: true },
    right: { number: 0, pieces: fitting(pieces.right), differs: true },
  };
}

interface Pieces {
  readonly left: readonly string[];
  readonly right: readonly string[];
}

function byWords(left: string, right: string): Pieces {
  const sides = { left: [''], right: [''] };
  const add = (side: string[], text: string, differs: boolean): void => {
    if ((side.length % 2 === 0) !== differs) side.push('');
    side[side.length - 1] += text;
  };
  for (const { added, removed, value } of diffWordsWithSpace(left, right)) {
    if (!added) add(sides.left, value, removed);
    if (!removed) add(sides.right, value, added);
  }
  return sides;
}

function byEnds(left: string, right: string): Pieces {
  const shortest = Math.min(left.length, right.length);
  let [head, tail] = [0, 0];
  while (head < shortest && left[head] === right[head]) head++;
  while (tail < shortest - head && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
  const pieces = (text: string): readonly string[] => [
    text.slice(0, head),
    text.slice(head, text.length - tail),
    text.slice(text.length - tail),
  ];
  return { left: pieces(left), right: pieces(right) };
}

/** Of a long line, what differs, and a little of what is around it. */
function fitting(pieces: readonly string[]): readonly string[] {
  const long = pieces.reduce((sum, piece) => sum + piece.length, 0) > LINE_CHARS;
  if (!long) return pieces.map((piece) => visible(piece, LINE_CHARS));
  const chars = Math.max(12, Math.floor(LINE_CHARS / pieces.length));
  return pieces.map((piece) => visible(piece, chars));
}

function withoutEqual(lines: readonly ComparedLine[]): readonly ComparedLine[] {
  const differs = ({ left, right, note }: ComparedLine): boolean =>
    note !== undefined || left?.differs === true || right?.differs === true;
  if (!lines.some(differs))
    return lines.length <= CONTEXT * 2 ? lines : [...lines.slice(0, CONTEXT), gap(lines.length - CONTEXT)];
  const near = lines.map(() => false);
  for (const [at, line] of lines.entries()) {
    if (differs(line)) near.fill(true, Math.max(0, at - CONTEXT), at + CONTEXT + 1);
  }
  return lines.flatMap((line, at): readonly ComparedLine[] => {
    if (near[at]) return [line];
    if (at > 0 && !near[at - 1]) return [];
    const next = near.indexOf(true, at);
    return [gap((next < 0 ? lines.length : next) - at)];
  });
}

const gap = (lines: number): ComparedLine => ({ note: amount(lines, 'equal line') });

const atMost = (lines: readonly ComparedLine[]): readonly ComparedLine[] =>
  lines.length <= LINES_MAX
    ? lines
    : [...lines.slice(0, LINES_MAX), { note: amount(lines.length - LINES_MAX, 'more line') }];
