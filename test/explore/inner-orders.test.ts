import { describe, expect, test } from 'vitest';
import { InnerOrders } from '../../harness/explore/inner-orders.ts';
import type { Access, Call, Step } from '../../harness/history/step.ts';

const step = (session: number, call: Call, path: string, mode: Access['mode'] = 'write', operation = 0): Step => ({
  session,
  operation,
  call,
  path,
  accesses: [{ object: path, mode }],
});

/** Each step with the thread that makes it, and those that wait meanwhile. */
function untried(...made: readonly (readonly [Step, number, ...number[]])[]): string | undefined {
  const orders = new InnerOrders();
  for (const [one, tid, ...waiting] of made) orders.made(one, tid, waiting);
  return orders.untried;
}

const [A, B, OTHER] = [1, 2, 9];

describe('another order could lead elsewhere', () => {
  test('of steps on one file', () => {
    expect(untried([step(0, 'write', 'a'), A, B], [step(0, 'read', 'a', 'read'), B])).toBe('write a / read a');
  });

  test('of steps on two files, where another session can see one without the other', () => {
    const both = [step(1, 'read', 'b', 'read'), step(1, 'read', 'a', 'read')] as const;
    const between = both.map((one) => [one, OTHER] as const);
    expect(untried([step(0, 'write', 'a'), A, B], ...between, [step(0, 'write', 'b'), B])).toBe('write a / write b');
  });

  test('of a later step of who was passed over', () => {
    expect(untried([step(0, 'write', 'a'), A, B], [step(0, 'stat', 'x'), B], [step(0, 'write', 'a'), B])).toBe(
      'write a / write a',
    );
  });
});

describe('no other order could', () => {
  test.each<[string, ReturnType<typeof step>[]]>([['before all', [step(1, 'write', 'a'), step(1, 'write', 'b')]]])(
    'where other sessions are there %s',
    (_, others) => {
      const theirs = others.map((one) => [one, OTHER] as const);
      const ours = [
        [step(0, 'write', 'a'), A, B],
        [step(0, 'write', 'b'), B],
      ] as const;
      expect(untried(...theirs, ...ours)).toBeUndefined();
      expect(untried(...ours, ...theirs)).toBeUndefined();
    },
  );

  test('where nobody else cares for one of them', () => {
    const theirs = [step(1, 'write', 'b'), OTHER] as const;
    expect(untried([step(0, 'read', 'a', 'read'), A, B], theirs, [step(0, 'write', 'b'), B], theirs)).toBeUndefined();
  });

  test('where the later one was not there yet', () => {
    expect(untried([step(0, 'write', 'a'), A], [step(0, 'write', 'a'), B])).toBeUndefined();
  });

  test('of who only ends', () => {
    expect(untried([step(0, 'exit', 'lock l'), A, B], [step(0, 'exit', 'lock l'), B])).toBeUndefined();
  });

  test('of another operation, whose threads bear the same numbers', () => {
    expect(untried([step(0, 'write', 'a'), A, B], [step(0, 'write', 'a', 'write', 1), B])).toBeUndefined();
  });
});
