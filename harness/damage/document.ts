/** A document of JSON that can't be read: what is wrong with it, and where. */

import { conflictAt } from './conflict.ts';
import { scanValue, skipSpace } from './json-scan.ts';
import type { DamageKind } from './kinds.ts';
import { remainderKind } from './remainder.ts';

/** A kind of damage, and where it is in the text: in UTF-16 code units. */
export interface Place {
  readonly kind: DamageKind;
  readonly at: number;
  readonly what: string;
}

/** @returns undefined where the document is well, comments and trailing commas included. */
export function documentDamage(text: string): Place | undefined {
  const start = skipSpace(text, 0);
  if (start >= text.length) {
    return { kind: 'empty', at: 0, what: text === '' ? 'no byte is in it' : 'nothing but space is in it' };
  }
  const conflict = conflictAt(text);
  if (conflict !== undefined) return { kind: 'conflict', at: conflict, what: 'both sides of a merge are in it' };
  const scan = scanValue(text, start);
  switch (scan.kind) {
    case 'whole': {
      const kind = remainderKind(text, scan.end, 'document');
      if (kind === undefined) return undefined;
      const at = skipSpace(text, scan.end);
      return { kind, at, what: `the document is over before that, and ${text.length - at} characters follow` };
    }
    case 'cut':
      return { kind: 'truncated', at: text.trimEnd().length, what: 'the text is over before the document is' };
    case 'wrong':
      return wrongAt(text, start, scan.at);
  }
}

function wrongAt(text: string, start: number, at: number): Place {
  if (text[at] === '\0') return { kind: 'nul-run', at, what: 'NULs stand where the document should go on' };
  const again = beginsAgain(text, start, at);
  if (again !== undefined) return { kind: 'spliced', at: again, what: 'the document begins anew inside of itself' };
  return { kind: 'unreadable', at, what: 'what stands there does not belong into the document' };
}

/** So much of its beginning does not come again in a document by itself. */
const HEAD_CHARS = 16;

/** One version inside of another. */
function beginsAgain(text: string, start: number, wrong: number): number | undefined {
  const head = text.slice(start, start + HEAD_CHARS);
  const found = head.length < HEAD_CHARS ? -1 : text.lastIndexOf(head, wrong);
  return found > start ? found : undefined;
}
