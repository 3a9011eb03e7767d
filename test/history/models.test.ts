import { describe, expect, test } from 'vitest';
import { type Json, type Model, nextsOf } from '../../harness/history/model.ts';
import { models } from '../../harness/history/models/index.ts';
import { inOrder } from '../../harness/history/models/set.ts';

/** What a model answers, one operation after another. */
function answers<State, Input, Output>(
  model: Model<State, Input, Output>,
  inputs: readonly Input[],
): readonly Output[] {
  let state = model.init;
  return inputs.map((input) => {
    const [next, ...others] = nextsOf(model, state, input);
    expect(others).toEqual([]);
    state = next!.state;
    return next!.output;
  });
}

const read = { f: 'read' } as const;

describe('register', () => {
  const write = (value: Json) => ({ f: 'write', value }) as const;
  const cas = (from: Json, to: Json) => ({ f: 'cas', value: [from, to] }) as const;

  test('holds null, then what was written last', () => {
    expect(answers(models.register, [read, write(1), read, write(2), read])).toEqual([null, null, 1, null, 2]);
  });

  test('swaps where it holds what is expected, and nowhere else', () => {
    const inputs = [cas(1, 2), cas(null, 1), read, cas(2, 3), read, cas(1, 2), read];
    expect(answers(models.register, inputs)).toEqual([false, true, 1, false, 1, true, 2]);
  });

  test('takes two values for the same that are built alike', () => {
    expect(answers(models.register, [write({ a: [1] }), cas({ a: [1] }, 'swapped'), read])).toEqual([
      null,
      true,
      'swapped',
    ]);
  });
});

test('counter: starts at zero, goes up and down', () => {
  const add = (value: number) => ({ f: 'add', value }) as const;
  expect(answers(models.counter, [read, add(2), read, add(-5), read])).toEqual([0, null, 2, null, -3]);
});

test('log: keeps all that was appended, in order, twice if it came twice', () => {
  const append = (value: Json) => ({ f: 'append', value }) as const;
  expect(answers(models.log, [read, append('b'), append('a'), append('b'), read])).toEqual([
    [],
    null,
    null,
    null,
    ['b', 'a', 'b'],
  ]);
});

describe('set', () => {
  test('holds each element once, until it is removed', () => {
    const add = (value: Json) => ({ f: 'add', value }) as const;
    const remove = (value: Json) => ({ f: 'remove', value }) as const;
    const inputs = [add(2), add(1), add(2), read, remove(2), remove(3), read];
    expect(answers(models.set, inputs)).toEqual([null, null, null, [1, 2], null, null, [1]]);
  });

  test('lists elements of any kind in one order, however they were given', () => {
    const elements = [10, 9, '9', { a: 1 }, null, [1]];
    expect(inOrder(elements.toReversed())).toEqual(inOrder(elements));
    expect(inOrder([1, 1])).toEqual([1, 1]);
  });
});

test('token: granted to the first, refused to the rest', () => {
  const take = { f: 'take' } as const;
  expect(answers(models.token, [take, take, take])).toEqual([true, false, false]);
});

describe('lock', () => {
  const acquire = (owner: string) => ({ f: 'acquire', owner }) as const;
  const release = (owner: string) => ({ f: 'release', owner }) as const;
  const expire = (owner: string) => ({ f: 'expire', owner }) as const;

  test('has one holder at a time, and is not acquired twice by one', () => {
    const inputs = [acquire('a'), acquire('b'), acquire('a'), release('a'), acquire('b')];
    expect(answers(models.lock, inputs)).toEqual([true, false, false, true, true]);
  });

  test('is released by its holder, and by nobody else', () => {
    const inputs = [release('a'), acquire('a'), release('b'), acquire('b'), release('a'), acquire('b')];
    expect(answers(models.lock, inputs)).toEqual([false, true, false, false, true, true]);
  });

  test('as a lease is lost when it expires, and its late release does no harm', () => {
    const inputs = [acquire('a'), expire('a'), acquire('b'), release('a'), acquire('c'), release('b')];
    expect(answers(models.lock, inputs)).toEqual([true, null, true, false, false, true]);
  });

  test('as a lease is not lost when that of another expires', () => {
    expect(answers(models.lock, [acquire('b'), expire('a'), acquire('c')])).toEqual([true, null, false]);
  });
});

test('queue: first in, first out, null when it is empty', () => {
  const enqueue = (value: Json) => ({ f: 'enqueue', value }) as const;
  const dequeue = { f: 'dequeue' } as const;
  expect(answers(models.queue, [dequeue, enqueue(1), enqueue(2), dequeue, dequeue, dequeue])).toEqual([
    null,
    null,
    null,
    1,
    2,
    null,
  ]);
});

test.each(Object.entries(models))('%s: one for each key, and one without', (_, model) => {
  const partition = (input: object) => (model as Model<unknown, unknown, unknown>).partition!(input);
  expect(partition({ key: 'a' })).not.toBe(partition({ key: 'b' }));
  expect(partition({})).not.toBe(partition({ key: 'a' }));
  expect(partition({ f: 'read' })).toBe(partition({ f: 'write', value: 1 }));
});
