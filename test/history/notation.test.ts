import { describe, expect, test } from 'vitest';
import { notation, objection } from '../../harness/history/notation.ts';
import { fail, info, ok } from '../support/history.ts';

const instant = [0, 0] as const;

test.each([
  [ok('op', { f: 'read' }, 0, instant), 'read → 0'],
  [ok('op', { f: 'dequeue', key: 'mail' }, null, instant), 'dequeue mail → null'],
  [ok('op', { f: 'write', value: 'x' }, null, instant), 'write "x"'],
  [ok('op', { f: 'cas', key: 'k', value: [0, 1] }, true, instant), 'cas k [0,1] → true'],
  [ok('op', { get: 'x' }, 1, instant), '{"get":"x"} → 1'],
  [ok('op', 'read', null, instant), '"read" → null'],
  [info('op', { f: 'write', value: 1 }, 0), 'write 1 (in doubt)'],
  [fail('op', { f: 'take' }, 0), 'take (failed)'],
])('%j is written %s', (operation, text) => {
  expect(notation(operation)).toBe(text);
});

test('of a long value the middle is left out', () => {
  const value = `${'a'.repeat(100)}end`;
  expect(notation(ok('op', { f: 'read' }, value, instant))).toBe(`read → "${'a'.repeat(39)}…${'a'.repeat(35)}end"`);
});

describe('an objection', () => {
  const operation = ok('op', { f: 'read' }, 1, instant);

  test('names each answer that is allowed, once', () => {
    expect(objection({ operation, allowed: [2] })).toBe('read answered 1 where the model allows 2');
    expect(objection({ operation, allowed: [2, [3], 2] })).toBe('read answered 1 where the model allows 2 or [3]');
  });

  test('says where none is', () => {
    expect(objection({ operation, allowed: [] })).toBe('the model allows no read');
  });
});
