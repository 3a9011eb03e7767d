/** What users say is right, form by form: what it accepts, and the class of what it does not. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Files, Operation } from '../../harness/history/execution.ts';
import { type Expect, oracleOf } from '../../harness/oracle/expect.ts';
import { execution, refused, unknown, write } from '../support/execution.ts';

const UUIDS = ['one', 'two'];

/** Said of an execution: its classes and messages. Files are named as sessions name them. */
const judged = (
  what: Exclude<Expect, 'serial'>,
  final: Files,
  operations: readonly Operation[],
  before: Files = {},
) => {
  const about = { writers: 2, entryOf: (session: number) => UUIDS[session]!, prefix: 'work/', marks: 'marks', before };
  const placed = Object.fromEntries(
    Object.entries(final).map(([path, text]) => [path === 'marks' ? path : `work/${path}`, text]),
  );
  return oracleOf(
    what,
    about,
  )(execution({ operations, final: placed })).map(({ class: kind, message }) => `${kind}: ${message}`);
};

const both = [write(0, 0), write(1, 0)];

describe('a counter', () => {
  const counter = { counter: 'n' } as const;

  test('counts each success, from what it was at first', () => {
    expect(judged(counter, { n: '9\n' }, both, { n: '7\n' })).toEqual([]);
    expect(judged(counter, { n: '2' }, both)).toEqual([]);
    expect(judged({ ...counter, from: 3 }, { n: '5' }, both, { n: '7' })).toEqual([]);
  });

  test('may or may not count whom nobody knows of, and does not count who was refused', () => {
    const half = [write(0, 0), unknown(1, 0)];
    expect(judged(counter, { n: '1' }, half)).toEqual([]);
    expect(judged(counter, { n: '2' }, half)).toEqual([]);
    expect(judged(counter, { n: '1' }, [write(0, 0), refused(1, 0)])).toEqual([]);
  });

  test('that has lost something, or has too much, is wrong', () => {
    expect(judged(counter, { n: '1' }, both)).toEqual([
      'LAST_WRITER_WINS: n is 1: 0 at first, and 2 sessions were told that they had added one',
    ]);
    expect(judged(counter, { n: '3' }, both)).toEqual([
      'NOT_SERIALIZABLE: n is 3, which is more than all have added to 0',
    ]);
  });

  test('may stand in JSON', () => {
    const inJson = { counter: 's.json', path: '$.a[1].n' } as const;
    expect(judged(inJson, { 's.json': '{"a":[0,{"n":4}]}' }, both, { 's.json': '{"a":[0,{"n":2}]}' })).toEqual([]);
  });

  test.each([[''], ['x'], ['{']])('that is %j can not be read', (text) => {
    expect(() => judged(counter, { n: text }, both)).toThrow(SyntaxError);
  });

  test('whatever it was: it is right exactly where all successes were added', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 4 }), (first, last) => {
        const found = judged(counter, { n: String(first + last) }, both, { n: String(first) });
        expect(found.length === 0).toBe(last === 2);
      }),
    );
  });
});

describe('an entry for each', () => {
  const entries = { entriesOnce: 'log' } as const;

  test.each<readonly [string, string, readonly Operation[], readonly string[]]>([
    ['is there', 'one\ntwo\n', both, []],
    ['is missing', 'one\n', both, ['LAST_WRITER_WINS: log has no entry of s1, told that it is there']],
    ['is missing, as was said', 'one\n', [write(0, 0), refused(1, 0)], []],
    ['is there, though that was not said', 'one\ntwo\n', [write(0, 0), unknown(1, 0)], []],
    ['is there twice', 'one two one\n', both, ['DUPLICATE_ENTRY: log has the entry of s0 more than once']],
  ])('%s', (_, log, operations, found) => {
    expect(judged(entries, { log }, operations)).toEqual(found);
  });

  test('is missing with the file', () => {
    expect(judged(entries, {}, both)).toEqual([
      'LAST_WRITER_WINS: log has no entry of s0 and s1, told that it is there',
    ]);
  });
});

describe('exactly one success', () => {
  test.each<readonly [readonly Operation[], readonly string[]]>([
    [[write(0, 0), refused(1, 0)], []],
    [both, ['DOUBLE_CONSUME: s0 and s1 all succeeded, and only one may']],
    [[refused(0, 0), refused(1, 0)], ['NOT_SERIALIZABLE: nobody succeeded, and one should have']],
  ])('%#', (operations, found) => {
    expect(judged({ oneSuccess: true }, {}, operations)).toEqual(found);
  });
});

describe('a critical section', () => {
  test('is left before the next one enters', () => {
    expect(judged({ exclusion: true }, { marks: '+s0\n-s0\n+s1\n-s1\n' }, both)).toEqual([]);
    expect(judged({ exclusion: true }, { marks: '+s0\n+s1\n-s0\n-s1\n' }, both)).toEqual([
      'EXCLUSION_BROKEN: inside at once: s0 and s1',
    ]);
    expect(judged({ exclusion: 'held' }, { held: '+a\n+b\n' }, both)).toEqual([
      'EXCLUSION_BROKEN: inside at once: a and b',
    ]);
  });
});

describe('a value in JSON', () => {
  const state = { 's.json': '{"jobs":[{"id":1},{"id":2}],"name":"abc"}' };

  test.each<readonly [Exclude<Expect, 'serial'>, string | undefined]>([
    [{ json: 's.json', path: '$.jobs[0].id', equals: 1 }, undefined],
    [{ json: 's.json', path: '$.jobs[0].id', equals: 2 }, 's.json at $.jobs[0].id is 1, and not 2'],
    [{ json: 's.json', path: '$.jobs[7]', equals: 2 }, 's.json at $.jobs[7] is missing, and not 2'],
    [{ json: 's.json', path: '$.jobs', contains: { id: 2 } }, undefined],
    [
      { json: 's.json', path: '$.jobs', contains: { id: 3 } },
      's.json at $.jobs is [{"id":1},{"id":2}], and does not contain {"id":3}',
    ],
    [{ json: 's.json', contains: { name: 'abc' } }, undefined],
    [{ json: 's.json', path: '$.name', contains: 'bc' }, undefined],
    [{ json: 's.json', path: '$.name', contains: 'x' }, 's.json at $.name is "abc", and does not contain "x"'],
    [{ json: 'none.json', equals: {} }, 'none.json is missing, and not {}'],
  ])('%j', (what, message) => {
    expect(judged(what, state, both)).toEqual(message === undefined ? [] : [`NOT_SERIALIZABLE: ${message}`]);
  });

  test('can not be read where it is torn', () => {
    expect(() => judged({ json: 's.json', equals: 1 }, { 's.json': '{"a":' }, both)).toThrow(SyntaxError);
  });

  test('says nothing of fewer sessions than it is about', () => {
    expect(judged({ json: 's.json', path: '$.jobs[0].id', equals: 2 }, state, [write(0, 0)])).toEqual([]);
  });
});

describe('a function', () => {
  test.each<readonly [string, Exclude<Expect, 'serial'>, readonly string[]]>([
    ['that has nothing to say', () => undefined, []],
    ['that says what is wrong', () => 'too late', ['NOT_SERIALIZABLE: too late']],
    ['that names a class', () => [{ class: 'CONTAMINATED', count: 1, message: 'mixed' }], ['CONTAMINATED: mixed']],
    [
      'that throws, as assertions do',
      () => {
        throw new Error('expected 2 to be 1');
      },
      ['NOT_SERIALIZABLE: expected 2 to be 1'],
    ],
  ])('%s', (_, what, found) => {
    expect(judged(what, {}, both)).toEqual(found);
  });
});
