/** Markdown around text that may hold anything: nothing of it is taken for Markdown, HTML, a mention or a link. */

import { visible } from './step-words.ts';

const CHARS_MAX = 2_000;

/**
 * In a line or in the cell of a table; lines stay lines. `<code>` and references instead of backticks: these hold everywhere, pipes
 * and backticks included, and nobody is mentioned by what stands in there.
 */
export const code = (text: string, chars: number = CHARS_MAX): string =>
  text
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [`<code>${referenced(visible(line, chars))}</code>`]))
    .join('<br>');

const referenced = (text: string): string => text.replaceAll(special, (char) => `&#${char.codePointAt(0)};`);

/** All that Markdown or HTML could take for its own. An underscore within a word is none. */
const special = /[&<>"'`|\\*[\]{}()#!~$@]|(?<!\w)_|_(?!\w)/g;

/** Lines as they stand there, fenced so that none of them is the end. */
export function block(language: string, text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

export const heading = (text: string): string => `### ${referenced(text)}`;

/** @param rows cells that are safe already. */
export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
