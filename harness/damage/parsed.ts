/** Documents of YAML and TOML: their own parsers say whether they can be read, and the text says what is wrong with it. */

import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { conflictAt } from './conflict.ts';
import type { Place } from './document.ts';

/** In YAML several documents may stand in one file: YAML 1.2.2, section 9.2. */
export function yamlError(text: string): string | undefined {
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  const errors = 'empty' in documents ? [] : documents.flatMap((each) => each.errors);
  return errors[0]?.message.split('\n')[0];
}

export function tomlError(text: string): string | undefined {
  try {
    parseToml(text);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

/** @param errorIn what a parser says, undefined where it has nothing to say. */
export function parsedDamage(text: string, errorIn: (text: string) => string | undefined): Place | undefined {
  const nul = text.indexOf('\0');
  if (nul >= 0) return { kind: 'nul-run', at: nul, what: 'NULs stand in it' };
  const conflict = conflictAt(text);
  if (conflict !== undefined) return { kind: 'conflict', at: conflict, what: 'both sides of a merge are in it' };
  const error = errorIn(text);
  if (error === undefined) return undefined;
  const lastLine = text.lastIndexOf('\n') + 1;
  if (lastLine < text.length && errorIn(text.slice(0, lastLine)) === undefined) {
    return {
      kind: 'truncated',
      at: text.length,
      what: 'the text ends within its last line, and can be read up to there',
    };
  }
  return { kind: 'unreadable', at: readableUpTo(text, errorIn), what: error };
}

/** The beginning of the first line with which it can't be read any more. */
function readableUpTo(text: string, errorIn: (text: string) => string | undefined): number {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  let [good, bad] = [0, starts.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (errorIn(text.slice(0, starts[middle])) === undefined) good = middle;
    else bad = middle;
  }
  return starts[good] ?? 0;
}
