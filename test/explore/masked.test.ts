/** Names without the numbers of processes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutNumbers } from '../../harness/explore/actor.ts';

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
