/** Which orders show what is right. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brokenAlone, ordersOf } from '../../harness/campaign/learning.ts';
import type { Operation } from '../../harness/history/execution.ts';
import { limits } from '../../harness/limits.ts';
import { execution, refused, unknown, write } from '../support/execution.ts';

describe('sessions are run in', () => {
  test.each<readonly [string, readonly string[], number]>([
    ['every order', ['a', 'b', 'c'], 6],
    ['one order, where they are alike', ['a', 'a', 'a', 'a'], 1],
    ['every order that can be told from the others', ['a', 'b', 'a'], 3],
    ['every order of four', ['a', 'b', 'c', 'd'], 24],
    ['every order of the first four, where there are more', ['a', 'b', 'c', 'd', 'e', 'f'], 24],
  ])('%s', (_, names, orders) => {
    expect(ordersOf(names)).toHaveLength(orders);
  });

  test('orders that have all of them, and differ', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 7 }), (names) => {
        const orders = ordersOf(names);
        expect(orders.length).toBeLessThanOrEqual(limits.serialOrders);
        for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual([...names.keys()]);
        const told = orders.map((order) => order.map((session) => names[session]).join());
        expect(new Set(told).size).toBe(orders.length);
      }),
    );
  });
});

describe('with a command that does not even work alone there is nothing to compare', () => {
  const broken = (commands: readonly string[], ...operations: readonly Operation[]): string | undefined =>
    brokenAlone([{ order: [...commands.keys()], after: [execution({ operations })] }], commands);

  test('which is told in its own last words', () => {
    const said = refused(1, 0, { exitCode: 1, stderr: 'why\nbecause\n' });
    expect(broken(['true', 'false'], write(0, 0), said)).toBe(
      '`false` fails even when it runs alone (exit code 1, because): fix it before testing it for races',
    );
  });

  test('or by its exit code, where it has said nothing', () => {
    expect(broken(['kill -9 $$'], unknown(0, 0, { exitCode: 137 }))).toBe(
      '`kill -9 $$` fails even when it runs alone (exit code 137, no error output): fix it before testing it for races',
    );
  });

  test('or in those of a function', () => {
    const error = { name: 'Error', message: 'database is locked' };
    expect(broken(['add'], unknown(0, 0, { error }))).toMatch(
      /^`add` fails even when it runs alone \(database is locked\)/,
    );
  });

  test('unless it worked once', () => {
    expect(broken(['mkdir x', 'mkdir x'], write(0, 0), refused(1, 0))).toBeUndefined();
  });
});
