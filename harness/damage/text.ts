/** Text without a grammar: what can't be meant in any text. */

import { cutCharacterAt, looksLikeUtf8, nulRun } from './characters.ts';
import { conflictAt } from './conflict.ts';
import type { Place } from './document.ts';

/** @param bytes of the text. Places are in bytes here, but for those of marks and headers. */
export function textDamage(bytes: Uint8Array, text: string): Place | undefined {
  const nuls = nulRun(bytes);
  if (nuls !== undefined) {
    return { kind: 'nul-run', at: nuls.at, what: `${nuls.length.toLocaleString('en-US')} NULs in a text` };
  }
  const cut = cutCharacterAt(bytes);
  if (cut !== undefined && looksLikeUtf8(bytes)) {
    return {
      kind: 'cut-character',
      at: cut,
      what: 'these bytes are no character of UTF-8, as others of this text are',
    };
  }
  const conflict = conflictAt(text);
  if (conflict !== undefined)
    return { kind: 'conflict', at: bytesBefore(text, conflict), what: 'both sides of a merge are in it' };
  const header = headerTwice(text);
  return header === undefined
    ? undefined
    : { kind: 'doubled', at: bytesBefore(text, header), what: 'the header of the file stands there once more' };
}

const bytesBefore = (text: string, at: number): number => Buffer.byteLength(text.slice(0, at));

/** Shorter ones may well come twice. */
const HEADER_CHARS = 20;

/** A first line that says what the file is, word for word once more: `# Log of the day …`, or the columns of a table. */
function headerTwice(text: string): number | undefined {
  const header = text.slice(0, text.indexOf('\n') + 1);
  if (header.length < HEADER_CHARS || !/^#(?!!)|^[\w"-]+([,\t][\w" -]+){2,}$/m.test(header.trimEnd())) return undefined;
  const again = text.indexOf(`\n${header}`);
  return again < 0 ? undefined : again + 1;
}
