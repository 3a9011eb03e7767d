/**
 * What differs by itself: times, numbers of processes, ids that are drawn. Two runs of the same commands in the same order show it;
 * it is then masked wherever it stands in the same place.
 */

import { escaped } from './drawn.ts';

/** Masks of one text: of a file, or of what a command printed. */
export interface Masks {
  /** Nothing of it can be compared: two runs of the same order have too little in common. */
  readonly all: boolean;
  readonly patterns: readonly RegExp[];
}

/** What a masked part is replaced by. */
export const MASK = '%';

/** By what instead, where it is not what it always is: the same as in another place. */
export const OTHER = '≠';

/** UUIDs, dates and times, and numbers with a fraction are one word each, however they are written. */
const WORDS =
  /[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d\d:\d\d:\d\d(?:[.,]\d+)?|\d+\.\d+|[A-Za-z0-9]+|[^A-Za-z0-9]/g;

/** So much of what comes before it says where a word stands. */
const CONTEXT_WORDS = 4;

/** @param pairs what two runs of the same order left in the same place. */
export function masksOf(pairs: readonly (readonly [string, string])[]): Masks {
  const patterns = new Map<string, RegExp>();
  for (const [one, other] of pairs) {
    if (one === other) continue;
    const lines = [one.split('\n'), other.split('\n')] as const;
    if (lines[0].length !== lines[1].length) return { all: true, patterns: [] };
    for (const [at, line] of lines[0].entries()) {
      const found = line === lines[1][at] ? [] : patternsIn(line, lines[1][at]!);
      if (found === undefined) return { all: true, patterns: [] };
      for (const pattern of found) patterns.set(pattern, new RegExp(pattern, 'gm'));
    }
  }
  return { all: false, patterns: [...patterns.values()] };
}

export const masked = (text: string, masks: Masks): string => maskedIn(text, masks).text;

/** A text with its masks, in order: where each stands, and what is behind it. */
export interface Masked {
  readonly text: string;
  readonly spots: readonly Spot[];
}

interface Spot {
  readonly at: number;
  readonly value: string;
}

export function maskedIn(text: string, { all, patterns }: Masks): Masked {
  if (all) return { text: MASK, spots: [] };
  // One mask may stand in the context of the next.
  return patterns.reduce(applied, { text, spots: [] });
}

function applied({ text, spots }: Masked, pattern: RegExp): Masked {
  const found = new Map(Array.from(text.matchAll(pattern), ({ index, 0: value }) => [index, value]));
  if (found.size === 0) return { text, spots };
  const values = new Map([...found, ...spots.map(({ at, value }) => [at, value] as const)]);
  let shorter = 0;
  const moved = [...values]
    .sort(([a], [b]) => a - b)
    .map(([at, value]) => {
      const spot = { at: at - shorter, value };
      shorter += (found.get(at)?.length ?? MASK.length) - MASK.length;
      return spot;
    });
  return { text: text.replaceAll(pattern, MASK), spots: moved };
}

/** Undefined where the two lines are made of different numbers of words. */
function patternsIn(line: string, other: string): readonly string[] | undefined {
  const [words, others] = [line.match(WORDS) ?? [], other.match(WORDS) ?? []];
  if (words.length !== others.length) return undefined;
  const shapes = words.map((word, at) => (word === others[at] ? escaped(word) : shapeOf(word, others[at]!)));
  return shapes.flatMap((shape, at) => {
    if (words[at] === others[at]) return [];
    const from = Math.max(0, at - CONTEXT_WORDS);
    const before = `${from === 0 ? '^' : ''}${shapes
      .slice(from, at)
      .map((each) => `(?:${each}|${MASK})`)
      .join('')}`;
    const after = at + 1 === words.length ? '$' : `(?=${shapes[at + 1]}|${MASK})`;
    return [`(?<=${before})${shape}${after}`];
  });
}

/** As narrow as both allow. */
function shapeOf(...words: readonly [string, string]): string {
  // Seconds since 1970 are ten digits, and no counter.
  const digits = Math.min(...words.map(({ length }) => length)) - DIGITS_FEWER;
  if (words.every((word) => /^\d+$/.test(word)) && digits > 1) return `\\d{${digits},}`;
  const shape = SHAPES.find(([kind]) => words.every((word) => kind.test(word)));
  return shape === undefined ? '.' : shape[1];
}

/** A number of a process, or one that is drawn, has so many digits less another time. */
const DIGITS_FEWER = 2;

const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}';

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/^\d+$/, '\\d+'],
  [/^[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}$/, UUID],
  [/^\d+\.\d+$/, '\\d+\\.\\d+'],
  [/^[0-9a-f]+$/, '[0-9a-f]+'],
  [/^[A-Za-z0-9]+$/, '[A-Za-z0-9]+'],
  [/^[\d:.,TZ+ -]+$/, '[\\d:.,TZ+ -]+'],
];
