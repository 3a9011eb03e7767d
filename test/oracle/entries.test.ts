import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../harness/history/execution.ts';
import {
  everyEntryOnce,
  everyKeyPresent,
  idOfJsonLine,
  noEntryTwice,
  wholeLines,
} from '../../harness/oracle/entries.ts';
import type { Oracle } from '../../harness/oracle/finding.ts';
import { Torn } from '../../harness/oracle/torn-state.ts';
import { anyOutcome, execution, inAnyOrder, read, refused, unknown, write } from '../support/execution.ts';
import { classesOf, found } from '../support/findings.ts';

/** A tiny resource: a file that holds the entries' ids, one after another. */
const entriesIn = ({ ids = '' }: Readonly<Record<string, string>>): readonly string[] =>
  ids.split(' ').filter((id) => id !== '');

const leaving = (ids: string, ...operations: readonly Operation[]) => execution({ operations, final: { ids } });

/** Operations with any outcomes, and how often the entry of each is there in the end, in any order. */
const anyLedger = fc
  .array(fc.record({ outcome: anyOutcome, times: fc.constantFrom(0, 1, 1, 2, 3) }), { maxLength: 30 })
  .chain((entries) => {
    const operations = entries.map(({ outcome }, at) => write(at % 3, Math.floor(at / 3), { outcome }));
    const ids = operations.flatMap(({ id }, at) => Array<string>(entries[at]!.times).fill(id));
    return fc.record({ entries: fc.constant(entries), operations: fc.constant(operations), ids: inAnyOrder(ids) });
  });

/** Judges an acknowledged write whose final state can't be read. */
const failing = (oracleOf: (entries: () => readonly string[]) => Oracle, error: Error) => () =>
  oracleOf(() => {
    throw error;
  })(leaving('', write(0, 0)));

describe('everyEntryOnce', () => {
  const oracle = everyEntryOnce(entriesIn);

  test('finds nothing where every acknowledged write left its entry, in whatever order', () => {
    expect(oracle(leaving('s1.0 s0.1 s0.0', write(0, 0), write(0, 1), write(1, 0)))).toEqual([]);
  });

  test('names the acknowledged writes that left no entry, and the entries that are there twice', () => {
    expect(oracle(leaving('s0.1 s0.1 s0.1', write(0, 0), write(0, 1), write(1, 0)))).toEqual([
      { class: 'LAST_WRITER_WINS', count: 2, message: 'acknowledged, but not there: s0.0, s1.0' },
      { class: 'DUPLICATE_ENTRY', count: 1, message: 'more than once: s0.1' },
    ]);
  });

  test('accuses nobody whose write was refused or ended in doubt, with its entry or without', () => {
    expect(oracle(leaving('s0.0', refused(0, 0), refused(0, 1), unknown(1, 0)))).toEqual([]);
    expect(oracle(leaving('s1.0', refused(0, 0), unknown(1, 0)))).toEqual([]);
  });

  test('asks no entry of a reader', () => {
    expect(oracle(leaving('s0.0', write(0, 0), read(1, 0)))).toEqual([]);
  });

  test('does not hide that the final state can not be read', () => {
    expect(failing(everyEntryOnce, new Torn('half a file'))).toThrow('half a file');
    expect(failing(everyEntryOnce, new SyntaxError('no JSON'))).toThrow('no JSON');
    expect(failing(everyEntryOnce, new RangeError('a bug'))).toThrow('a bug');
  });

  test('counts exactly the entries that were dropped and those that were doubled', () => {
    fc.assert(
      fc.property(anyLedger, ({ entries, operations, ids }) => {
        expect(classesOf(oracle(leaving(ids.join(' '), ...operations)))).toEqual(
          found({
            LAST_WRITER_WINS: entries.filter(({ outcome, times }) => outcome === 'ok' && times === 0).length,
            DUPLICATE_ENTRY: entries.filter(({ times }) => times > 1).length,
          }),
        );
      }),
    );
  });
});

describe('noEntryTwice', () => {
  const oracle = noEntryTwice(entriesIn);

  test('counts an entry once, however often it is there and whoever wrote it', () => {
    expect(oracle(leaving('a b a c a b'))).toEqual([
      { class: 'DUPLICATE_ENTRY', count: 2, message: 'more than once: a, b' },
    ]);
  });

  test('asks for no entry', () => {
    expect(oracle(leaving('', write(0, 0)))).toEqual([]);
    expect(oracle(leaving('a b c', write(0, 0)))).toEqual([]);
  });

  test('does not hide that the final state can not be read', () => {
    expect(failing(noEntryTwice, new Torn('half a file'))).toThrow('half a file');
    expect(failing(noEntryTwice, new RangeError('a bug'))).toThrow('a bug');
  });

  test('counts exactly the entries that were doubled', () => {
    fc.assert(
      fc.property(anyLedger, ({ entries, operations, ids }) => {
        const findings = oracle(leaving(ids.join(' '), ...operations));
        expect(classesOf(findings)).toEqual(
          found({ DUPLICATE_ENTRY: entries.filter(({ times }) => times > 1).length }),
        );
      }),
    );
  });
});

describe('everyKeyPresent', () => {
  const oracle = everyKeyPresent((output) => `key-${output}`, entriesIn);
  const recording = (session: number, n: number, output: string): Operation => write(session, n, { output });

  test('finds nothing where every key that was said to be recorded is there, whoever recorded it', () => {
    expect(oracle(leaving('key-a key-b', recording(0, 0, 'a'), recording(1, 0, 'a'), recording(1, 1, 'b')))).toEqual(
      [],
    );
  });

  test('counts a missing key once, however many sessions were told that it is recorded', () => {
    expect(oracle(leaving('key-b', recording(0, 0, 'a'), recording(1, 0, 'a'), recording(1, 1, 'b')))).toEqual([
      { class: 'LAST_WRITER_WINS', count: 1, message: 'acknowledged, but not there: key-a' },
    ]);
  });

  test('asks for no key that nobody was told is recorded', () => {
    expect(oracle(leaving('', refused(0, 0, { output: 'a' }), unknown(1, 0, { output: 'b' })))).toEqual([]);
  });

  test('does not hide that the final state can not be read', () => {
    const oracleOf = (entries: () => readonly string[]) => everyKeyPresent(String, entries);
    expect(failing(oracleOf, new Torn('half a file'))).toThrow('half a file');
    expect(failing(oracleOf, new RangeError('a bug'))).toThrow('a bug');
  });

  test('counts exactly the keys that were dropped', () => {
    const anyKeys = fc.uniqueArray(fc.record({ key: fc.nat(20), kept: fc.boolean(), outcomes: fc.array(anyOutcome) }), {
      selector: ({ key }) => key,
    });
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const operations = keys.flatMap(({ key, outcomes }, at) =>
          outcomes.map((outcome, n) => write(at, n, { outcome, output: key })),
        );
        const ids = keys.filter(({ kept }) => kept).map(({ key }) => `key-${key}`);
        const lost = keys.filter(({ kept, outcomes }) => !kept && outcomes.includes('ok'));
        const findings = oracle(leaving(ids.join(' '), ...operations));
        expect(classesOf(findings)).toEqual(found({ LAST_WRITER_WINS: lost.length }));
      }),
    );
  });
});

const lineOf = ({ id }: Operation): string => JSON.stringify({ id, body: `${id} ${id}` });

describe('wholeLines', () => {
  const oracle = wholeLines('log');
  const [a, b] = [write(0, 0), write(1, 0)];
  const [lineA, lineB] = [lineOf(a), lineOf(b)];
  const judging = (log: string, operations: readonly Operation[] = [a, b]) =>
    oracle(execution({ operations, final: { log } }));

  test('finds nothing in lines that sessions wrote, in whatever order, and reads no other file', () => {
    expect(judging(`${lineA}\n${lineB}\n`)).toEqual([]);
    const final = { log: `${lineB}\n${lineA}\n`, other: '{"id"' };
    expect(oracle(execution({ operations: [a, b], final }))).toEqual([]);
  });

  test('finds a line that was cut, and shows it', () => {
    expect(judging(`${lineA.slice(0, 20)}\n${lineB}\n`)).toEqual([
      { class: 'TORN_LINES', count: 1, message: `no session wrote ${JSON.stringify(lineA.slice(0, 20))}` },
    ]);
  });

  test('finds a cut line of which nothing is left but bytes: torn, and its entry lost', () => {
    expect(judging(`{"i\n${lineB}\n`)).toEqual([
      { class: 'TORN_LINES', count: 1, message: 'no session wrote "{\\"i"' },
      { class: 'LAST_WRITER_WINS', count: 1, message: 'acknowledged, but not there: s0.0' },
    ]);
  });

  test('finds two lines on one, and the blank line that comes with them, and shows the former', () => {
    expect(judging(`${lineA}${lineB}\n\n`)).toEqual([
      { class: 'TORN_LINES', count: 2, message: expect.stringMatching(/^no session wrote "\{.+s0\.0.+…"$/) },
    ]);
    expect(judging(`\n${lineA}\n${lineB}\n{\n`)).toEqual([
      { class: 'TORN_LINES', count: 2, message: 'no session wrote "{"' },
    ]);
  });

  test('finds a blank line by itself', () => {
    expect(judging(`${lineA}\n\n${lineB}\n`)).toEqual([
      { class: 'TORN_LINES', count: 1, message: 'no session wrote ""' },
    ]);
  });

  test('finds a last line without its end, complete as it may look', () => {
    expect(judging(`${lineA}\n${lineB}`)).toEqual([
      { class: 'TORN_LINES', count: 1, message: `no session wrote ${JSON.stringify(lineB)}` },
    ]);
  });

  test('finds a line that looks right and that no session wrote', () => {
    expect(judging(`${lineA}\n{"id":"s7.0"}\n${lineB}\n`)).toEqual([
      { class: 'TORN_LINES', count: 1, message: 'no session wrote "{\\"id\\":\\"s7.0\\"}"' },
    ]);
    const reading = read(2, 0);
    expect(judging(`${lineA}\n${lineOf(reading)}\n`, [a, reading])).toHaveLength(1);
  });

  test('finds an entry that is there twice', () => {
    expect(judging(`${lineA}\n${lineB}\n${lineA}\n`)).toEqual([
      { class: 'DUPLICATE_ENTRY', count: 1, message: 'more than once: s0.0' },
    ]);
  });

  test('finds every acknowledged entry lost where the file is empty or gone, and no other', () => {
    const lost = [{ class: 'LAST_WRITER_WINS', count: 2, message: 'acknowledged, but not there: s0.0, s1.0' }];
    expect(judging('', [a, b, refused(2, 0), unknown(3, 0)])).toEqual(lost);
    expect(oracle(execution({ operations: [a, b] }))).toEqual(lost);
  });

  test('knows the lines of writes that were refused or ended in doubt', () => {
    const operations = [refused(0, 0), unknown(1, 0)];
    expect(judging(operations.map((operation) => `${lineOf(operation)}\n`).join(''), operations)).toEqual([]);
  });

  test('takes a piece of one entry for no piece of another, much as their ids are alike', () => {
    const operations = [write(0, 1), write(0, 10), write(10, 1)];
    expect(judging('{"body":"s0.10\n"s10.1"}\n', operations)).toEqual([
      { class: 'TORN_LINES', count: 2, message: 'no session wrote "{\\"body\\":\\"s0.10"' },
      { class: 'LAST_WRITER_WINS', count: 1, message: 'acknowledged, but not there: s0.1' },
    ]);
  });

  test('reads lines in the way it is told', () => {
    const plain = wholeLines('log', (line) => /^(\S+) done$/.exec(line)?.[1]);
    const final = { log: `s0.0 done\n${lineB}\n` };
    expect(plain(execution({ operations: [a, b], final }))).toEqual([
      { class: 'TORN_LINES', count: 1, message: `no session wrote ${JSON.stringify(lineB)}` },
    ]);
  });

  test('counts exactly the lines that were damaged, by the kind of damage, in any order of lines', () => {
    fc.assert(
      fc.property(anyDamages, fc.boolean(), (parts, unfinished) => {
        const pairs = parts.map(({ outcome }, n) => [write(0, n, { outcome }), write(1, n)] as const);
        const last = write(2, 0);
        const texts = parts.map(({ text }, n) => text(lineOf(pairs[n]![0]), lineOf(pairs[n]![1])));
        const log = texts.join('') + lineOf(last) + (unfinished ? '' : '\n');
        const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
        expect(classesOf(judging(log, [...pairs.flat(), last]))).toEqual(
          found({
            TORN_LINES: sum(parts.map(({ torn = 0 }) => torn)) + (unfinished ? 1 : 0),
            LAST_WRITER_WINS: sum(parts.map(({ lost, outcome }) => (lost && outcome === 'ok' ? 1 : 0))),
            DUPLICATE_ENTRY: sum(parts.map(({ doubled = 0 }) => doubled)),
          }),
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** What can become of two lines: the text that is left, how many torn lines that is, and whether the first entry is lost. */
interface Damage {
  readonly text: (first: string, second: string) => string;
  readonly torn?: number;
  readonly lost?: true;
  readonly doubled?: number;
}

const damages: Readonly<Record<string, Damage>> = {
  none: { text: (a, b) => `${a}\n${b}\n` },
  swapped: { text: (a, b) => `${b}\n${a}\n` },
  dropped: { text: (_, b) => `${b}\n`, lost: true },
  doubled: { text: (a, b) => `${a}\n${b}\n${a}\n`, doubled: 1 },
  'cut in front of its id': { text: (a, b) => `${a.slice(0, 5)}\n${b}\n`, torn: 1, lost: true },
  'cut at its end': { text: (a, b) => `${a.slice(0, -1)}\n${b}\n`, torn: 1 },
  'cut at its beginning': { text: (a, b) => `${a.slice(1)}\n${b}\n`, torn: 1 },
  'a blank line between': { text: (a, b) => `${a}\n\n${b}\n`, torn: 1 },
  merged: { text: (a, b) => `${a}${b}\n`, torn: 1 },
  'merged, newlines behind': { text: (a, b) => `${a}${b}\n\n`, torn: 2 },
  spliced: { text: (a, b) => `${a.slice(0, 15)}${b}\n${a.slice(15)}\n`, torn: 2 },
  overwritten: { text: (a, b) => `${b}\n${a.slice(-3)}\n`, torn: 1, lost: true },
  'beside a line of nobody': { text: (a, b) => `${a}\n{"id":"nobody"}\n${b}\n`, torn: 1 },
};

const anyDamages = fc
  .array(fc.record({ kind: fc.constantFrom(...Object.keys(damages)), outcome: anyOutcome }), { maxLength: 15 })
  .map((parts) => parts.map(({ kind, outcome }) => ({ outcome, ...damages[kind]! })));

describe('idOfJsonLine', () => {
  test.each([
    ['{"id":"s0.1"}', 's0.1'],
    ['{"id":7,"body":"x"}', '7'],
    ['{"body":"x"}', undefined],
    ['{"id":"s0.1"', undefined],
    ['["id"]', undefined],
    ['"id"', undefined],
    ['null', undefined],
    ['', undefined],
  ])('of %s is %s', (line, id) => {
    expect(idOfJsonLine(line)).toBe(id);
  });
});

test('a line that parses and has a known id is torn all the same where it holds a piece of another entry', () => {
  const operations = [write(0, 0), write(1, 0)];
  const spliced = '{"id":"s0.0","body":"s0.0 s0.0 s1.0 s1.0"}\n';
  const found = wholeLines('log')(execution({ operations, final: { log: spliced } }));
  expect(found.map((finding) => [finding.class, finding.count])).toEqual([['TORN_LINES', 1]]);
});
