/** Text as Markdown (GitHub's dialect) that shows it as it is, whatever it holds. */

import { collisionClasses } from '../oracle/finding.ts';

/** A row of a table. Its cells are Markdown already: a bar in them ends none. */
export const tableRow = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => inLine(cell).replaceAll('|', '\\|')).join(' | ')} |`;

/** Its head, and the line below. */
export const tableHead = (cells: readonly string[]): readonly string[] => [
  tableRow(cells),
  `|${' --- |'.repeat(cells.length)}`,
];

const inLine = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ');

/** Text that no character of which is markup. */
export const plain = (text: string): string =>
  inLine(text)
    .replaceAll(/[\\`*[\]~$]/g, '\\$&')
    // Elsewhere these are no markup, and better to read without a backslash.
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replaceAll(/<(?=[a-z/!?])/gi, '\\<')
    .replaceAll(/&(?=#?\w+;)/g, '\\&');

/** Text in which what stands in backticks is code: so scenarios are written. */
export const prose = (text: string): string =>
  inLine(text)
    .split(/(`[^`]+`)/)
    .map((part, at) => (at % 2 === 1 ? code(part.slice(1, -1)) : plain(part)))
    .join('');

/** Fenced by more backticks than there are in it. A backslash before a bar can't be code where rows are split at bars: that is text. */
export function code(text: string): string {
  const line = inLine(text);
  if (line.includes('\\|')) return plain(line);
  const fence = '`'.repeat(Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length)) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Words of a verdict, with classes as code. */
export const verdictCell = (words: string): string =>
  words
    .split(/([A-Z_]+)/)
    .map((part) => (Object.hasOwn(collisionClasses, part) ? code(part) : plain(part)))
    .join('');

/** To a heading: see `anchorOf`. */
export const link = (text: string, anchor: string): string => `[${code(text)}](#${anchor})`;

/** What code hosts name a heading by: lower case, without punctuation, dashes for spaces. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
