import { expect, test } from 'vitest';
import { type Entry, entryIn, entryWords, formatBaseline, OWN_TARGETS } from '../../harness/baseline/baseline.ts';
import { readBaseline } from '../../harness/baseline/read.ts';

const text = formatBaseline({
  run: { engine: 'explore', steps: 400, seed: 1, targets: OWN_TARGETS, writers: 4 },
  rows: {
    'log/flock': { status: 'SAFE', searched: { two: 'exhaustive', more: true } },
    'log/append': { status: 'COLLIDES' },
    'docs/mongo': { status: 'NOT_PROVOKED', product: 'FerretDB', searched: { two: 1, more: false } },
  },
  findings: {
    'log/append LAST_WRITER_WINS: read n < write n': { reason: 'the old hook', expires: '2026-12-31' },
    'log/append DUPLICATE_ENTRY': {},
  },
});

test('a baseline is sorted, and has a line for each row and each race', () => {
  expect(text).toBe(`{
 "format": "collide-baseline-1",
 "run": { "engine": "explore", "steps": 400, "seed": 1, "targets": "those of the configuration", "writers": 4 },
 "rows": {
  "docs/mongo": "NOT_PROVOKED on FerretDB, up to 1 preemption",
  "log/append": "COLLIDES",
  "log/flock": "SAFE, exhaustive, PCT"
 },
 "findings": {
  "log/append DUPLICATE_ENTRY": {},
  "log/append LAST_WRITER_WINS: read n < write n": { "reason": "the old hook", "expires": "2026-12-31" }
 }
}
`);
});

test.each<readonly [string, Entry]>([
  ['SAFE (sampled), up to 0 preemptions, PCT', { status: 'SAFE', sampled: true, searched: { two: 0, more: true } }],
  ['SAFE (sampled) on FerretDB', { status: 'SAFE', sampled: true, product: 'FerretDB' }],
  ['SAFE, up to 2 preemptions', { status: 'SAFE', searched: { two: 2, more: false } }],
])('%s is an entry', (words, entry) => {
  expect(entryWords(entry)).toBe(words);
  expect(entryIn(words)).toEqual(entry);
  expect(entryIn(words.replace('SAFE (', 'VACUOUS ('))).toEqual(words.includes('sampled') ? undefined : entry);
});

test.each<readonly [string, string, string, string]>([
  [
    'a merge',
    '  "log/append": "COLLIDES",',
    '<<<<<<< HEAD\n  "log/append": "COLLIDES",\n=======\n>>>>>>> other',
    'b.json:6: a merge has left its conflict markers: keep the lines of both sides, and `collide gate` tells which of them must go',
  ],
  ['a comma too few', '"COLLIDES",', '"COLLIDES"', `b.json is not JSON: Expected ',' or '}' after property value`],
  [
    'a line twice',
    '  "log/append": "COLLIDES",',
    '  "log/append": "COLLIDES",\n  "log/append": "COLLIDES",',
    'b.json:7: this key is there twice',
  ],
  [
    'another format',
    'baseline-1',
    'baseline-7',
    'b.json has format "collide-baseline-7", expected \'collide-baseline-1\': remove it, and `collide gate --update` writes it anew',
  ],
  [
    'a key that is none',
    '"reason"',
    '"because"',
    "b.json:11: findings › log/append LAST_WRITER_WINS: read n < write n has no key called 'because'",
  ],
  [
    'no day',
    '2026-12-31',
    '2026-02-31',
    'b.json:11: findings › log/append LAST_WRITER_WINS: read n < write n › expires: expected a day, such as 2026-12-31',
  ],
  ['no number', '400', '"many"', 'b.json:3: run › steps: expected number, received string'],
  [
    'no verdict',
    '"COLLIDES"',
    '"FINE"',
    "b.json:6: rows › log/append: expected such as 'SAFE, exhaustive, PCT', 'COLLIDES' or 'SKIPPED'",
  ],
  [
    'no race',
    'log/append DUPLICATE_ENTRY',
    'log/append TWICE',
    "b.json:10: findings › log/append TWICE: expected a race such as 'log/append LAST_WRITER_WINS: read n < write n'",
  ],
  [
    'a race of no row',
    'log/append DUPLICATE_ENTRY',
    'log/rmw DUPLICATE_ENTRY',
    "b.json:10: there is no row 'log/rmw' in rows",
  ],
  [
    'no targets',
    '"those of the configuration"',
    '[]',
    "b.json:3: run › targets: expected a list of targets, or 'those of the configuration'",
  ],
])('it is refused with %s', (_, was, is, message) => {
  expect(() => readBaseline(text.replace(was, is), 'b.json')).toThrow(message);
});

test('nothing at all is no baseline', () => {
  expect(() => readBaseline('null', 'b.json')).toThrow('b.json has format undefined');
});
