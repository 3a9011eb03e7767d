import { describe, expect, test } from 'vitest';
import type { Operation } from '../../harness/history/execution.ts';
import { type CounterInput, counter } from '../../harness/history/models/counter.ts';
import { type RegisterInput, register } from '../../harness/history/models/register.ts';
import { linearizable } from '../../harness/oracle/linearizable.ts';
import { concluding, execution, read, refused, unknown, write } from '../support/execution.ts';

/** Writers add one each, readers and the end read. */
const counted = linearizable<number, CounterInput, number | null>(counter, ({ kind }) =>
  kind === 'write' ? { input: { f: 'add', value: 1 }, output: null } : { input: { f: 'read' } },
);

const judging = (...operations: readonly Operation[]) => counted(execution({ operations, writers: 2 }));

describe('linearizable', () => {
  test('finds nothing where an order explains every answer', () => {
    expect(judging(write(0, 0), write(1, 0), read(2, 0, { output: 1 }), concluding(0, { output: 2 }))).toEqual([]);
    expect(judging()).toEqual([]);
  });

  test('says after what an answer can not be explained, and which the model allows', () => {
    expect(judging(write(0, 0), write(1, 0), concluding(0, { output: 1 }))).toEqual([
      {
        class: 'NOT_SERIALIZABLE',
        count: 1,
        message: 'no order explains: after s1.0 add 1, s0.end read answered 1 where the model allows 2',
      },
    ]);
  });

  test('counts the answers that even the best order leaves unexplained', () => {
    const once = { invokedUs: 0, respondedUs: 10 };
    const operations = [read(2, 0, { ...once, output: 7 }), read(3, 0, { ...once, output: 8 })];
    expect(judging(...operations)).toEqual([
      {
        class: 'NOT_SERIALIZABLE',
        count: 2,
        message: "no order explains: r2.0 read answered 7 where the model allows 0; 1 more can't come next either",
      },
    ]);
  });

  test('takes what was refused for not done, and what ended in doubt for done or not', () => {
    expect(judging(refused(0, 0), concluding(0, { output: 1 }))).toHaveLength(1);
    expect(judging(refused(0, 0), concluding(0, { output: 0 }))).toEqual([]);
    expect(judging(unknown(0, 0), concluding(0, { output: 1 }))).toEqual([]);
    expect(judging(unknown(0, 0), concluding(0, { output: 0 }))).toEqual([]);
    expect(judging(unknown(0, 0), concluding(0, { output: 2 }))).toHaveLength(1);
  });

  test('goes by the times of the operations', () => {
    const one = write(0, 0, { invokedUs: 0, respondedUs: 10 });
    const missing = (invokedUs: number) => read(2, 0, { invokedUs, respondedUs: 20, output: 0 });
    expect(judging(one, missing(10))).toEqual([]);
    expect(judging(one, missing(11))).toHaveLength(1);
  });

  test('takes a refusal for an answer where the model knows of refusals', () => {
    const oracle = linearizable<unknown, RegisterInput, unknown>(register, ({ session }) => ({
      input: { f: 'cas', value: [null, session] },
      output: true,
      refusal: false,
    }));
    expect(oracle(execution({ operations: [refused(0, 0), refused(1, 0)] }))).toHaveLength(1);
    expect(oracle(execution({ operations: [write(0, 0), refused(1, 0)] }))).toEqual([]);
  });
  test('leaves out what the model knows nothing of, and takes a session at its word unless told otherwise', () => {
    const oracle = linearizable<unknown, RegisterInput, unknown>(
      register,
      ({ kind, output }, { sessions }) =>
        kind === 'write'
          ? { input: { f: 'write', value: sessions.length }, output: null }
          : output === 'skip'
            ? undefined
            : { input: { f: 'read' } },
      'LAST_WRITER_WINS',
    );
    const operations = [
      write(0, 0, { output: 'as asked' }),
      concluding(0, { output: 'skip' }),
      concluding(1, { output: 'other' }),
    ];
    expect(oracle(execution({ operations }))).toMatchObject([{ class: 'LAST_WRITER_WINS', count: 1 }]);
    expect(oracle(execution({ operations: operations.slice(0, 2) }))).toEqual([]);
  });

  test('never keeps quiet about an execution that is too large to judge', () => {
    const once = { invokedUs: 0, respondedUs: 10 };
    const oracle = linearizable<unknown, RegisterInput, unknown>(register, ({ kind, session }) =>
      kind === 'write' ? { input: { f: 'write', value: session }, output: null } : { input: { f: 'read' } },
    );
    const operations = [
      ...Array.from({ length: 30 }, (_, session) => write(session, 0, once)),
      read(30, 0, { ...once, output: 'never' }),
    ];
    expect(() => oracle(execution({ operations, round: 3 }))).toThrow(
      'ledger/rewrite, round 3: the search gave up after 20000 steps; use fewer --writers',
    );
  });
});
