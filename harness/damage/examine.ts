/** What is wrong with a file, by its bytes and its format. */

import { cutCharacterAt, nulRun } from './characters.ts';
import { documentDamage, type Place } from './document.ts';
import type { Format } from './formats.ts';
import type { Damage, DamageKind } from './kinds.ts';
import { ledgerDamage } from './ledger.ts';
import { parsedDamage, tomlError, yamlError } from './parsed.ts';
import { textDamage } from './text.ts';
import { excerptAt } from './visible.ts';

/** What is looked for in a file of each format. */
export const lookedFor: Readonly<Record<Format, readonly DamageKind[]>> = {
  json: ['empty', 'truncated', 'old-tail', 'several-documents', 'spliced', 'nul-run', 'cut-character', 'conflict'],
  jsonl: ['truncated', 'missing-newline', 'spliced', 'old-tail', 'nul-run', 'cut-character', 'doubled', 'conflict'],
  yaml: ['truncated', 'nul-run', 'cut-character', 'conflict'],
  toml: ['truncated', 'nul-run', 'cut-character', 'conflict'],
  sqlite: ['nul-run', 'malformed'],
  text: ['nul-run', 'cut-character', 'doubled', 'conflict'],
};

/** @returns in the order of the file; nothing where no damage is found. Databases are asked themselves: see `life/database`. */
export function damageIn(bytes: Uint8Array, format: Exclude<Format, 'sqlite'>): readonly Damage[] {
  if (format === 'jsonl') return ledgerIn(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (format === 'text') {
    const place = textDamage(bytes, text);
    return place === undefined ? [] : [damageAt(bytes, place, place.at)];
  }
  const nuls = nulRun(bytes);
  const cut = cutCharacterAt(bytes);
  if (cut !== undefined && (nuls === undefined || cut < nuls.at)) {
    const what = 'these bytes are no character of UTF-8';
    return [damageAt(bytes, { kind: 'cut-character', at: cut, what }, cut)];
  }
  const place =
    format === 'json' ? documentDamage(text) : parsedDamage(text, format === 'yaml' ? yamlError : tomlError);
  if (place === undefined) return [];
  if (place.kind === 'nul-run' && nuls !== undefined) {
    const what = `${nuls.length.toLocaleString('en-US')} NULs, where text should be`;
    return [damageAt(bytes, { ...place, what }, nuls.at)];
  }
  return [damageAt(bytes, place, Buffer.byteLength(text.slice(0, place.at)))];
}

function damageAt(bytes: Uint8Array, { kind, what }: Place, offset: number): Damage {
  const line = 1 + bytes.subarray(0, offset).reduce((lines, byte) => lines + (byte === NEWLINE ? 1 : 0), 0);
  const shape = kind === 'doubled' ? 'ledger' : 'document';
  return { kind, shape, offset, line, excerpt: excerptAt(bytes, offset), what };
}

const NEWLINE = 0x0a;

function ledgerIn(bytes: Uint8Array): readonly Damage[] {
  const ledger = ledgerDamage();
  let from = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
    ledger.line(bytes.subarray(from, end), true);
    from = end + 1;
  }
  if (from < bytes.length) ledger.line(bytes.subarray(from), false);
  return ledger.end();
}
