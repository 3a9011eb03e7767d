import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../harness/history/execution.ts';
import { grantedOnce, onlyItsOwn } from '../../harness/oracle/grants.ts';
import { anyOutcome, concluding, execution, read, refused, unknown, write } from '../support/execution.ts';
import { classesOf, found } from '../support/findings.ts';

const took = (session: number, n: number, output: string | null): Operation => write(session, n, { output });

/** What an operation got is what it says; null is nothing. */
const granted = ({ output }: Operation): string | undefined => (output === null ? undefined : String(output));

describe('grantedOnce', () => {
  const oracle = grantedOnce(granted);

  test('finds nothing where every token went to one operation', () => {
    expect(oracle(execution({ operations: [took(0, 0, 'a'), took(1, 0, 'b'), took(0, 1, 'c')] }))).toEqual([]);
  });

  test('names a token that went to several, and all of those, and counts it once', () => {
    const operations = [took(0, 0, 'a'), took(1, 0, 'a'), took(2, 0, 'a'), took(0, 1, 'b'), took(1, 1, 'c')];
    expect(oracle(execution({ operations }))).toEqual([
      { class: 'DOUBLE_CONSUME', count: 1, message: 'a was granted to s0.0 and s1.0 and s2.0' },
    ]);
  });

  test('names every token that went to several', () => {
    const operations = [took(0, 0, 'a'), took(1, 0, 'a'), took(0, 1, 'b'), took(0, 2, 'b')];
    expect(oracle(execution({ operations }))).toEqual([
      { class: 'DOUBLE_CONSUME', count: 2, message: 'a was granted to s0.0 and s1.0, b was granted to s0.1 and s0.2' },
    ]);
  });

  test('takes a refusal, and an operation that ended in doubt, for no grant', () => {
    const operations = [took(0, 0, 'a'), refused(1, 0, { output: 'a' }), unknown(2, 0, { output: 'a' })];
    expect(oracle(execution({ operations }))).toEqual([]);
  });

  test('takes an acknowledged operation that got nothing for no grant', () => {
    expect(oracle(execution({ operations: [took(0, 0, null), took(1, 0, null)] }))).toEqual([]);
  });

  test('takes what readers and final operations say for no grant', () => {
    const operations = [took(0, 0, 'a'), read(1, 0, { output: 'a' }), concluding(0, { output: 'a' })];
    expect(oracle(execution({ operations, writers: 1 }))).toEqual([]);
  });

  test('reports the class that it was told', () => {
    const operations = [took(0, 0, '7'), took(1, 0, '7')];
    expect(grantedOnce(granted, 'DUPLICATE_KEY')(execution({ operations }))).toEqual([
      { class: 'DUPLICATE_KEY', count: 1, message: '7 was granted to s0.0 and s1.0' },
    ]);
  });

  test('counts exactly the tokens that were granted twice or more', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyOutcome, { maxLength: 4 }), { maxLength: 10 }), (tokens) => {
        const operations = tokens.flatMap((outcomes, token) =>
          outcomes.map((outcome, session) => write(session, token, { outcome, output: token })),
        );
        const contested = tokens.filter((outcomes) => outcomes.filter((outcome) => outcome === 'ok').length > 1);
        expect(classesOf(oracle(execution({ operations })))).toEqual(found({ DOUBLE_CONSUME: contested.length }));
      }),
    );
  });
});

describe('onlyItsOwn', () => {
  /** An operation says whose state it acted on, and is found out by its session's UUID. */
  const oracle = onlyItsOwn(({ id, session, output }, { sessions }) =>
    output === null || output === sessions[session]?.uuid ? undefined : `${id} used ${output}`,
  );

  test('finds nothing where every operation acted on its own', () => {
    const operations = [write(0, 0, { output: 'uuid-0' }), write(1, 0, { output: 'uuid-1' }), write(1, 1)];
    expect(oracle(execution({ operations }))).toEqual([]);
  });

  test('shows the first operation that acted on what is not its own, and counts the rest', () => {
    const operations = [
      write(0, 0, { output: 'uuid-1' }),
      write(1, 0, { output: 'uuid-1' }),
      write(1, 1, { output: '' }),
    ];
    expect(oracle(execution({ operations }))).toEqual([
      { class: 'CONTAMINATED', count: 2, message: 's0.0 used uuid-1 and 1 more' },
    ]);
  });

  test('asks of every operation: what is read at the end counts as well', () => {
    const operations = [write(0, 0), write(1, 0), concluding(0, { output: 'uuid-1' })];
    expect(oracle(execution({ operations }))).toEqual([
      { class: 'CONTAMINATED', count: 1, message: 's0.end used uuid-1' },
    ]);
  });
});
