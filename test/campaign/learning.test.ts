/** Which orders show what is right. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ordersOf } from '../../harness/campaign/learning.ts';
import { limits } from '../../harness/limits.ts';

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
