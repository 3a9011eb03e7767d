import { describe, expect, test } from 'vitest';
import { neverMoreThan, neverToldMoreThan } from '../../harness/oracle/exclusion.ts';
import { execution, write } from '../support/execution.ts';

describe('neverMoreThan', () => {
  const found = (admitted: number, log: string): readonly string[] =>
    neverMoreThan(
      admitted,
      'log',
    )(execution({ final: { log } })).map(({ class: kind, count, message }) => `${kind} ${count}: ${message}`);

  test.each([
    [1, ''],
    [1, '+a\n-a\n+b\n-b\n'],
    [1, '+a\n'],
    [2, '+a\n+b\n-a\n+c\n-c\n-b\n'],
    [1, '-a\n+b\n'],
  ])('says nothing where at most %i are inside: %j', (admitted, log) => expect(found(admitted, log)).toEqual([]));

  test('says who were inside at once', () => {
    expect(found(1, '+a\n+b\n-a\n-b\n')).toEqual(['EXCLUSION_BROKEN 1: inside at once: a and b']);
    expect(found(2, '+a\n+b\n+c\n-c\n+d\n')).toEqual(['EXCLUSION_BROKEN 2: inside at once: a and b and c']);
  });

  test('says nothing where there is no log', () => {
    expect(neverMoreThan(1, 'log')(execution({}))).toEqual([]);
  });
});

test('neverToldMoreThan says who was told of too many', () => {
  const oracle = neverToldMoreThan(2, ({ output }) => Number(output));
  const told = [2, 3, 1].map((output, session) => write(session, 0, { output }));
  expect(oracle(execution({ operations: told }))).toEqual([
    { class: 'EXCLUSION_BROKEN', count: 1, message: 's1.0 was one of 3' },
  ]);
  expect(oracle(execution({ operations: told.slice(0, 1) }))).toEqual([]);
});
