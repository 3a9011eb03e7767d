/** Every kind of damage that can be told from the bytes of a file alone: what it is called, and who leaves it. */

import type { CollisionClass } from '../oracle/finding.ts';

/** A document is replaced as a whole; a ledger grows by lines. */
export type Shape = 'document' | 'ledger';

interface Kind {
  /** For people, in a few words. */
  readonly title: string;
  /** Left out where no race leaves it, or nobody can say. */
  readonly class?: Readonly<Record<Shape, CollisionClass>>;
  /** The discipline of the writer that leaves it, in a sentence. */
  readonly leftBy: string;
  /** Witnesses of the catalogue whose executions leave just that. */
  readonly witness?: Readonly<Partial<Record<Shape, string>>>;
}

const torn = { document: 'TORN_STATE', ledger: 'TORN_LINES' } as const;

export const damageKinds = {
  empty: {
    title: 'nothing in it',
    class: torn,
    leftBy:
      'A writer that empties the file first and writes then (`>`, writeFile, "w") was killed, or its disk was full, in between; or it is about to write.',
    witness: { document: 'team-config/rmw:1+1:0~0@write:team.json=crash' },
  },
  truncated: {
    title: 'cut off',
    class: torn,
    leftBy:
      'A write in place that did not come to its end: the writer was killed, or the disk was full, in the middle.',
    witness: {
      document: 'team-config/rmw:1+1:0~0@write:team.json=crash.40',
      ledger: 'learning-signals/append:1+1:0~0@write:signals.jsonl=crash.12',
    },
  },
  'old-tail': {
    title: 'the tail of a longer text behind a shorter one',
    class: torn,
    leftBy:
      'Two writers in place: both had emptied the file, or neither does, and the shorter text was written over the longer one.',
    witness: {
      document: 'user-config/reset-on-corrupt:2:0@write:config.json,1@write:config.json,0,1',
      ledger: 'evidence-ledger/rewrite:2:0@write:ledger.jsonl,1',
    },
  },
  'missing-newline': {
    title: 'a missing newline',
    class: torn,
    leftBy:
      'A writer that appends its record and its newline in two writes: the record of another one came between. Or one that was killed before its newline.',
    witness: { ledger: 'evidence-ledger/split-append:2:0@write.2:ledger.jsonl,1' },
  },
  spliced: {
    title: 'one record inside of another',
    class: torn,
    leftBy:
      'A writer that appends one record in several writes (a stream, a buffer that is too small, more than 512 KiB): others came between. Or it was killed in the middle, and the next record was appended to the piece.',
    witness: { ledger: 'learning-signals/buffered-stream:2:0@write.2:signals.jsonl,1' },
  },
  'nul-run': {
    title: 'a run of NULs',
    class: { document: 'CORRUPT_ON_CRASH', ledger: 'CORRUPT_ON_CRASH' },
    leftBy:
      'The machine went down before the data was flushed, and the length was on the disk before the data. Or a writer without O_APPEND wrote at its old offset after another one had emptied the file.',
    witness: { ledger: 'learning-signals/append:1+1:0,1~power.posix.3' },
  },
  'cut-character': {
    title: 'a character that is cut',
    class: torn,
    leftBy:
      'Text that goes out in pieces of so many bytes: something came between two bytes of one character of UTF-8.',
  },
  doubled: {
    title: 'twice the same',
    class: { document: 'DUPLICATE_ENTRY', ledger: 'DUPLICATE_ENTRY' },
    leftBy: 'Writers that look whether it is there, and append where it is not: both looked before either appended.',
    witness: { ledger: 'daily-log/append-header:2:0@open:log-0,1' },
  },
  'several-documents': {
    title: 'several documents, one behind the other',
    class: torn,
    leftBy: 'A writer that appends where it should replace: the file is opened for appending, or was not emptied.',
  },
  conflict: {
    title: 'marks of a merge conflict',
    leftBy: 'A merge by git that nobody has resolved: no race, and no torn write.',
  },
  malformed: {
    title: 'a malformed database',
    class: torn,
    leftBy:
      'A copy that was made while somebody wrote, a journal or write-ahead log that was removed or belongs to another copy, or a writer that goes round SQLite (sqlite.org/howtocorrupt.html).',
  },
  unreadable: {
    title: 'it can not be read, and nothing says why',
    leftBy: 'None of the patterns above: an edit by hand as well as a race.',
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type DamageKind = keyof typeof damageKinds;

export const kindOf = (kind: DamageKind): Kind => damageKinds[kind];

/** One place in a file where something is wrong. */
export interface Damage {
  readonly kind: DamageKind;
  readonly shape: Shape;
  /** In bytes, from 0: where the part begins that should not be there, or that is not readable. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** What is around that place, `▸` before it, control characters made visible. */
  readonly excerpt: string;
  /** What is wrong just there, in words. */
  readonly what: string;
}
