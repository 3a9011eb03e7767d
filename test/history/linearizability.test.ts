import { describe, expect, test } from 'vitest';
import { checkLinearizability } from '../../harness/history/linearizability.ts';
import type { History, Json, Model } from '../../harness/history/model.ts';
import type { CounterInput } from '../../harness/history/models/counter.ts';
import { models } from '../../harness/history/models/index.ts';
import { type RegisterInput, register } from '../../harness/history/models/register.ts';
import { fail, info, ok } from '../support/history.ts';

const write = (value: Json): RegisterInput => ({ f: 'write', value });
const read: RegisterInput = { f: 'read' };

describe('a verdict, as a whole', () => {
  test('linearizable, with the order', () => {
    const w1 = ok('w1', write(1), null, [0, 10]);
    const r = ok('r', read, 1, [5, 20]);
    const w2 = ok('w2', write(2), null, [0, 30]);
    expect(checkLinearizability(register, [r, w1, w2])).toEqual({ kind: 'linearizable', order: [w1, r, w2] });
  });

  test('a violation, with the longest order and what the blocked operations should have answered', () => {
    const w1 = ok('w1', write(1), null, [0, 10]);
    const w2 = fail('w2', write(2), 0);
    const early = ok('early', read, 1, [20, 30]);
    const late = ok('late', read, null, [31, 40]);
    const cas = ok<RegisterInput, Json>('cas', { f: 'cas', value: [1, 3] }, false, [35, 50]);
    expect(checkLinearizability(register, [cas, late, early, w2, w1])).toEqual({
      kind: 'violation',
      history: [w1, early, late, cas],
      longest: [w1, early],
      blocked: [
        { operation: late, allowed: [1] },
        { operation: cas, allowed: [true] },
      ],
    });
  });

  test('an operation that the model does not allow at all is blocked with no answer allowed', () => {
    const never: Model<null, string, string> = { init: null, step: () => [] };
    const operation = ok('op', 'anything', 'done', [0, 1]);
    expect(checkLinearizability(never, [operation])).toEqual({
      kind: 'violation',
      history: [operation],
      longest: [],
      blocked: [{ operation, allowed: [] }],
    });
  });

  test('of several partitions, that which can not be explained, and no other', () => {
    const fine = ok('fine', { ...write(1), key: 'a' }, null, [0, 1]);
    const stale = ok('stale', { ...read, key: 'b' }, 1, [2, 3]);
    expect(checkLinearizability(register, [fine, stale])).toEqual({
      kind: 'violation',
      history: [stale],
      longest: [],
      blocked: [{ operation: stale, allowed: [null] }],
    });
  });

  test('the order across partitions respects time', () => {
    const at = (key: string, from: number, to: number) => ok(key + from, { ...write(from), key }, null, [from, to]);
    const history = [at('a', 0, 1), at('b', 2, 3), at('a', 4, 5), at('b', 6, 7)];
    expect(checkLinearizability(register, history)).toEqual({ kind: 'linearizable', order: history });
  });

  test('states are told apart by the key of the model', () => {
    /** As JSON, every state of this is the same. */
    const register: Model<ReadonlyMap<string, number>, number | 'read', number | null> = {
      init: new Map(),
      step: (held, input) =>
        input === 'read'
          ? { output: held.get('value') ?? null, state: held }
          : { output: null, state: new Map([['value', input]]) },
      key: (held) => String(held.get('value')),
    };
    const writes = [1, 2].map((value) => ok(`w${value}`, value, null, [0, 10]));
    const reads = [1, 2].map((value) => ok<'read', number>(`r${value}`, 'read', value, [11, 20]));
    for (const read of reads) expect(checkLinearizability(register, [...writes, read]).kind).toBe('linearizable');
  });

  test('nothing happened: any order explains that', () => {
    expect(checkLinearizability(register, [])).toEqual({ kind: 'linearizable', order: [] });
    expect(checkLinearizability(register, [fail('w', write(1), 0)])).toEqual({ kind: 'linearizable', order: [] });
  });
});

describe('time', () => {
  const w = ok('w', write(1), null, [0, 10]);

  test('operations that touch at an instant are concurrent', () => {
    expect(checkLinearizability(register, [w, ok('r', read, null, [10, 20])]).kind).toBe('linearizable');
    expect(checkLinearizability(register, [w, ok('r', read, null, [11, 20])]).kind).toBe('violation');
  });

  test('an operation may take no time at all', () => {
    expect(checkLinearizability(register, [w, ok('r', read, null, [10, 10])]).kind).toBe('linearizable');
    expect(checkLinearizability(register, [ok('r', read, 1, [0, 0]), w]).kind).toBe('linearizable');
  });

  test('an operation that returns before it is invoked is no history', () => {
    expect(() => checkLinearizability(register, [ok('r', read, null, [2, 1])])).toThrow(
      new RangeError('r returns at 1, before it is invoked at 2'),
    );
  });
});

describe('operations in doubt', () => {
  const w = info('w', write(1), 0);
  const sees = (value: Json, at: number) => ok(`r${at}`, read, value, [at, at]);

  test('may have happened, may happen late, and may never', () => {
    expect(checkLinearizability(register, [w, sees(1, 1)]).kind).toBe('linearizable');
    expect(checkLinearizability(register, [w, sees(null, 1), sees(1, 1000)]).kind).toBe('linearizable');
    expect(checkLinearizability(register, [w, sees(null, 1)])).toEqual({
      kind: 'linearizable',
      order: [sees(null, 1)],
    });
  });

  test('do not happen before they are invoked, nor twice', () => {
    expect(checkLinearizability(register, [info('w', write(1), 2), sees(1, 1)]).kind).toBe('violation');
    const back = ok('back', write(0), null, [2, 2]);
    expect(checkLinearizability(register, [w, sees(1, 1), back, sees(1, 3)]).kind).toBe('violation');
    const again = info('again', write(1), 0);
    expect(checkLinearizability(register, [w, again, sees(1, 1), back, sees(1, 3)]).kind).toBe('linearizable');
  });

  test('are in the longest order where they help, and never among the blocked', () => {
    expect(checkLinearizability(register, [w, info('v', write(2), 0), sees(1, 1), sees(3, 2)])).toMatchObject({
      longest: [w, sees(1, 1)],
      blocked: [{ operation: sees(3, 2) }],
    });
  });

  test('that ask the same cost no more than one after the other', () => {
    const adds = Array.from({ length: 60 }, (_, at) => info<CounterInput>(`add${at}`, { f: 'add', value: 1 }, 0));
    const impossible = ok<CounterInput, number>('r', { f: 'read' }, 61, [1, 2]);
    expect(checkLinearizability(models.counter, [...adds, impossible], { stepsMax: 100 }).kind).toBe('violation');
  });

  test('that change nothing cost nothing', () => {
    const reads = Array.from({ length: 60 }, (_, at) => info(`r${at}`, read, at));
    expect(checkLinearizability(register, [...reads, sees(1, 100)], { stepsMax: 0 }).kind).toBe('violation');
  });
});

describe('a search that gives up', () => {
  /** No order explains these, and many have to be tried. */
  const hard = (key: string) => [
    ...Array.from({ length: 8 }, (_, at) => ok(`${key}${at}`, { ...write(at), key }, null, [0, 10])),
    ok(`${key}r`, { ...read, key }, 'never', [0, 10]),
  ];

  test('is unknown, and says why', () => {
    const reason = 'the search gave up after 100 steps';
    expect(checkLinearizability(register, hard('a'), { stepsMax: 100 })).toEqual({ kind: 'unknown', reason });
    expect(checkLinearizability(register, hard('a')).kind).toBe('violation');
  });

  test('had all the steps that it was allowed', () => {
    const one = [ok('w', write(1), null, [0, 1])];
    expect(checkLinearizability(register, one, { stepsMax: 0 }).kind).toBe('unknown');
    expect(checkLinearizability(register, one, { stepsMax: 1 }).kind).toBe('linearizable');
  });

  test('does not hide the violation of another partition', () => {
    const stale = ok('stale', { ...read, key: 'b' }, 1, [20, 21]);
    expect(checkLinearizability(register, [...hard('a'), stale], { stepsMax: 100 })).toMatchObject({
      kind: 'violation',
      history: [stale],
    });
  });

  test('never comes twice to the same operations with the same state', () => {
    // 8 writes in any order: 2 ** 8 sets, each with one of its writes as the last, and at most 8 steps from each of those.
    const configurations = 1 + 8 * 2 ** 7;
    expect(checkLinearizability(register, hard('a'), { stepsMax: 8 * configurations }).kind).toBe('violation');
  });
});

describe('long histories', () => {
  /** Operation n lasts from n to n + 4.5 and takes effect at n + 2, so five run at any time. */
  const long = (length: number): History<RegisterInput, Json> => {
    const held = (n: number): Json => (n < 0 ? null : n - (n % 3));
    return Array.from({ length }, (_, n) =>
      n % 3 === 0 ? ok(`op${n}`, write(n), null, [n, n + 4.5]) : ok(`op${n}`, read, held(n), [n, n + 4.5]),
    );
  };

  test('of 10 000 operations, five at a time, are checked within a few steps for each', () => {
    const verdict = checkLinearizability(register, long(10_000), { stepsMax: 100_000 });
    expect(verdict.kind).toBe('linearizable');
  });

  test('are refused for one wrong answer at the end', () => {
    const history = [...long(10_000), ok('stale', read, 0, [20_000, 20_001])];
    const verdict = checkLinearizability(register, history);
    expect(verdict).toMatchObject({ kind: 'violation', blocked: [{ operation: { id: 'stale' } }] });
  });

  test('are not slowed down by operations in doubt at their beginning', () => {
    const doubts = Array.from({ length: 20 }, (_, at) => info(`doubt${at}`, write(-at), -1));
    expect(checkLinearizability(register, [...doubts, ...long(10_000)], { stepsMax: 100_000 }).kind).toBe(
      'linearizable',
    );
  });
});
