/** Names without the numbers of processes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Numbers } from '../../harness/explore/numbers.ts';

const withoutNumbers = (path: string, processes: readonly number[]): string => new Numbers().masked(path, processes);

describe('of process 944, a name', () => {
  test.each([
    ['state.json.tmp.944', 'state.json.tmp.%'],
    ['tmp944x', 'tmp%x'],
    ['944/944', '%/%'],
    ['9440', '9440'],
    ['ab944', 'ab%'],
    // A hash, and a UUID: digits among others are chance.
    [
      '.git/objects/0b/ce944b21d08095367b2f6cdb58b2fe1a1e2b51',
      '.git/objects/0b/ce944b21d08095367b2f6cdb58b2fe1a1e2b51',
    ],
    ['d944b210-944a-4944-8944-944b21d08095', 'd944b210-944a-4944-8944-944b21d08095'],
  ])('%s is %s', (path, masked) => {
    expect(withoutNumbers(path, [944])).toBe(masked);
  });
});

test('a name of a process is the same whatever its number is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4_194_304 }), fc.integer({ min: 1, max: 4_194_304 }), (one, other) => {
      const name = (pid: number): string => withoutNumbers(`lock.${pid}-of-${pid}`, [pid]);
      expect(name(one)).toBe(name(other));
    }),
  );
});

test('a name that has the number already, before there is such a process, is not called after it', () => {
  const numbers = new Numbers();
  expect(numbers.masked('task-1234/1233.tmp', [1233])).toBe('task-1234/%.tmp');
  expect(numbers.masked('task-1234/1235.tmp', [1234, 1235])).toBe('task-1234/%.tmp');
  numbers.forget();
  expect(numbers.masked('task-1234', [1234])).toBe('task-%');
});
