/** A ledger of JSON lines, line by line: what is wrong with it, and where. */

import { hash } from 'node:crypto';
import { limits } from '../limits.ts';
import { cutCharacterAt, nulRun } from './characters.ts';
import { scanValue, skipSpace } from './json-scan.ts';
import type { Damage, DamageKind } from './kinds.ts';
import { remainderKind, startsRecord } from './remainder.ts';
import { excerptAt } from './visible.ts';

/** A file of lines is read from its beginning to its end, and need not be in memory as a whole. */
export interface LineByLine {
  /** @param bytes without the newline. @param ended whether there is one: the last line may have none. */
  line(bytes: Uint8Array, ended: boolean): void;
  /** Once there are no more. */
  end(): readonly Damage[];
}

/** What is known of a line that is no record. */
interface Torn {
  readonly kind: DamageKind;
  /** In bytes, from the beginning of the line. */
  readonly at: number;
  readonly what: string;
}

/** Hashes of so many lines are kept, to find those that are there twice. */
const LINES_COMPARED = 1_000_000;

/** What makes a line one of its own, so that the very same line can't be meant twice. */
const OWN_KEYS = ['id', 'uuid', '_id', 'event_id', 'eventId', 'entry_id', 'entryId', 'message_id', 'messageId'];

export function ledgerDamage(): LineByLine {
  const found: Damage[] = [];
  const seen = new Map<string, number>();
  let offset = 0;
  let number = 0;
  /** A line without its beginning, behind lines that are whole: what it is follows from what comes after it. */
  let tail: Damage | undefined;
  let before: 'whole' | 'torn' | 'blank' = 'whole';

  const add = (bytes: Uint8Array, { kind, at, what }: Torn): void => {
    const damage: Damage = {
      kind,
      shape: 'ledger',
      offset: offset + at,
      line: number,
      excerpt: excerptAt(bytes, at),
      what,
    };
    if (tail !== undefined) found.push({ ...tail, kind: 'spliced', what: BEGINS_ELSEWHERE });
    tail = undefined;
    if (kind === 'old-tail' && at === 0) tail = damage;
    else if (found.length < limits.damagesKept) found.push(damage);
  };

  const twice = (bytes: Uint8Array, record: unknown): Torn | undefined => {
    if (typeof record !== 'object' || record === null || !OWN_KEYS.some((key) => key in record)) return undefined;
    const digest = hash('sha1', bytes, 'base64');
    const first = seen.get(digest);
    if (first !== undefined) return { kind: 'doubled', at: 0, what: `line ${first} is the very same, its id included` };
    if (seen.size < LINES_COMPARED) seen.set(digest, number);
    return undefined;
  };

  return {
    line(bytes, ended) {
      number++;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
      if (text.trim() === '') before = before === 'torn' ? 'torn' : 'blank';
      else {
        const record = parsed(text);
        const torn = record === undefined ? tornLine(bytes, text, ended, before) : twice(bytes, record.value);
        if (torn !== undefined) add(bytes, torn);
        before = torn === undefined || torn.kind === 'doubled' ? 'whole' : 'torn';
      }
      offset += bytes.length + (ended ? 1 : 0);
    },
    end: () => [...found, ...(tail === undefined ? [] : [tail])].toSorted((a, b) => a.offset - b.offset),
  };
}

const BEGINS_ELSEWHERE = 'a piece of a record: its beginning is elsewhere';

/** Undefined where it is no JSON. */
function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function tornLine(
  bytes: Uint8Array,
  text: string,
  ended: boolean,
  before: 'whole' | 'torn' | 'blank',
): Torn | undefined {
  const inBytes = (at: number): number => Buffer.byteLength(text.slice(0, at));
  const nuls = nulRun(bytes);
  if (nuls !== undefined) {
    const rest = text.slice(text.lastIndexOf('\0') + 1);
    const after = parsed(rest) === undefined ? '' : ', and a whole record behind them';
    return { kind: 'nul-run', at: nuls.at, what: `${nuls.length.toLocaleString('en-US')} NULs${after}` };
  }
  if (/^(<{7} |={7}$|>{7} )/.test(text)) {
    // One mark of three says it.
    return text.startsWith('<') ? { kind: 'conflict', at: 0, what: 'both sides of a merge are in it' } : undefined;
  }
  const cut = cutCharacterAt(bytes);
  if (cut !== undefined) return { kind: 'cut-character', at: cut, what: 'these bytes are no character of UTF-8' };
  const start = skipSpace(text, 0);
  if (start >= text.length) return undefined; // a comment
  if (!startsRecord(text, start)) {
    return before === 'torn'
      ? { kind: 'spliced', at: 0, what: BEGINS_ELSEWHERE }
      : { kind: 'old-tail', at: 0, what: `${bytes.length} bytes without a beginning, behind a line that is whole` };
  }
  const scan = scanValue(text, start);
  if (scan.kind === 'whole') {
    const kind = remainderKind(text, scan.end, 'ledger');
    if (kind === undefined) return undefined;
    return { kind, at: inBytes(skipSpace(text, scan.end)), what: BEHIND[kind] ?? 'something follows a whole record' };
  }
  const inner = recordInside(text, start + 1);
  if (inner !== undefined) {
    return { kind: 'spliced', at: inBytes(inner), what: 'another record begins there, and this one has not ended' };
  }
  if (scan.kind === 'cut' && !ended)
    return { kind: 'truncated', at: bytes.length, what: 'the last line is over before its record is' };
  if (scan.kind === 'cut')
    return {
      kind: 'spliced',
      at: bytes.length,
      what: 'the line is over before its record is: the rest is elsewhere, or nowhere',
    };
  return { kind: 'unreadable', at: inBytes(scan.at), what: 'what stands there does not belong into a record' };
}

const BEHIND: Readonly<Partial<Record<DamageKind, string>>> = {
  'missing-newline': 'two whole records in one line',
  spliced: 'a record follows in the same line, and does not end',
  'old-tail': 'a whole record, and behind it the end of another',
};

/** Where a record begins in the middle of one, as records of this ledger begin. */
function recordInside(text: string, from: number): number | undefined {
  const opening = /^\s*[[{]\s*"?/.exec(text)![0].trim();
  for (let at = text.indexOf(opening, from); at >= 0 && opening.length > 1; at = text.indexOf(opening, at + 1)) {
    const scan = scanValue(text, at);
    if (scan.kind === 'whole' && skipSpace(text, scan.end) >= text.length) return at;
  }
  return undefined;
}
