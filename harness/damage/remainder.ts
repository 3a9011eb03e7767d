/** What stands behind a whole value of JSON, where nothing should. */

import { scanValue, skipSpace } from './json-scan.ts';
import type { DamageKind } from './kinds.ts';

/** @returns undefined where nothing is left but space. */
export function remainderKind(text: string, end: number, shape: 'document' | 'ledger'): DamageKind | undefined {
  const rest = skipSpace(text, end);
  if (rest >= text.length) return undefined;
  if (text[rest] === '\0') return 'nul-run';
  const next = followed(text, rest);
  if (next === 'whole') return shape === 'ledger' ? 'missing-newline' : 'several-documents';
  // A record that begins there and is not whole was being written; what begins in the middle was there before.
  return shape === 'ledger' && next === 'begun' ? 'spliced' : 'old-tail';
}

/** Do records follow, up to the end of the text? */
function followed(text: string, from: number): 'whole' | 'begun' | 'neither' {
  let at = from;
  while (at < text.length) {
    if (!startsRecord(text, at)) return 'neither';
    const scan = scanValue(text, at);
    if (scan.kind !== 'whole') return 'begun';
    at = skipSpace(text, scan.end);
  }
  return 'whole';
}

export const startsRecord = (text: string, at: number): boolean => text[at] === '{' || text[at] === '[';
