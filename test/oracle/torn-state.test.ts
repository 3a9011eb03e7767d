import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OperationError } from '../../harness/history/execution.ts';
import { isUnreadable, neverTorn, Torn } from '../../harness/oracle/torn-state.ts';
import { execution, read, refused, unknown, write } from '../support/execution.ts';
import { classesOf, found } from '../support/findings.ts';

const parse = ({ state = '' }: Readonly<Record<string, string>>): unknown => JSON.parse(state);

const saw = (name: string, message = `${name} of some kind`): { error: OperationError } => ({
  error: { name, message },
});

describe('neverTorn', () => {
  const oracle = neverTorn(parse);
  const whole = { state: '{"n":1}' };

  test('finds nothing where every read and the final state are whole', () => {
    expect(oracle(execution({ operations: [write(0, 0), read(1, 0)], final: whole }))).toEqual([]);
  });

  test('finds what a reader saw, by the name of its error', () => {
    expect(oracle(execution({ operations: [write(0, 0), read(1, 0, saw('Torn', 'half'))], final: whole }))).toEqual([
      { class: 'TORN_STATE', count: 1, message: 'a reader saw: half' },
    ]);
    expect(oracle(execution({ operations: [read(1, 0, saw('SyntaxError', 'no JSON'))], final: whole }))).toEqual([
      { class: 'TORN_STATE', count: 1, message: 'a reader saw: no JSON' },
    ]);
  });

  test('finds what a writer saw before its own write, shows the first and counts the rest', () => {
    const operations = [unknown(0, 0, saw('SyntaxError', 'empty')), read(1, 1, saw('Torn')), write(0, 2)];
    expect(oracle(execution({ operations, final: whole }))).toEqual([
      { class: 'TORN_STATE', count: 2, message: 's0.0 saw: empty and 1 more' },
    ]);
  });

  test('takes no other error for a torn state', () => {
    const operations = [refused(0, 0), unknown(1, 0), read(2, 0, saw('Error', 'ENOENT'))];
    expect(oracle(execution({ operations, final: whole }))).toEqual([]);
  });

  test('finds a torn state that is left behind, beside what was seen', () => {
    const operations = [write(0, 0), read(1, 0, saw('Torn', 'half'))];
    expect(oracle(execution({ operations, final: { state: '{"n":1}9}' } }))).toEqual([
      { class: 'TORN_STATE', count: 1, message: 'a reader saw: half' },
      {
        class: 'TORN_STATE',
        count: 1,
        message: expect.stringMatching(/^left behind: Unexpected .* JSON/),
      },
    ]);
    expect(oracle(execution({ operations: [write(0, 0)] }))).toHaveLength(1);
  });

  test('looks at no final state where it was not told how', () => {
    const operations = [read(0, 0, saw('Torn', 'half'))];
    expect(neverTorn()(execution({ operations, final: { state: '{' } }))).toEqual([
      { class: 'TORN_STATE', count: 1, message: 'a reader saw: half' },
    ]);
  });

  test('counts exactly the operations that saw it torn', () => {
    const anyName = fc.constantFrom('Torn', 'SyntaxError', 'Error', 'TypeError', 'Refused', 'CommandFailed', undefined);
    fc.assert(
      fc.property(fc.array(fc.record({ name: anyName, reader: fc.boolean() }), { maxLength: 20 }), (cases) => {
        const operations = cases.map(({ name, reader }, n) =>
          (reader ? read : write)(reader ? 1 : 0, n, name === undefined ? {} : saw(name)),
        );
        const seen = cases.filter(({ name }) => name === 'Torn' || name === 'SyntaxError');
        expect(classesOf(oracle(execution({ operations, final: whole })))).toEqual(found({ TORN_STATE: seen.length }));
      }),
    );
  });
});

test('a state that can not be read is told from a bug by its error', () => {
  for (const error of [new Torn('half'), new SyntaxError('no JSON'), new TypeError('no such key')]) {
    expect(isUnreadable(error)).toBe(true);
  }
  for (const error of [new RangeError('a bug'), new Error('Torn'), 'Torn', undefined])
    expect(isUnreadable(error)).toBe(false);
});
