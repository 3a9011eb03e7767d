/** Who fails because of the others: what no serial order of the same sessions explains, and nothing else. */

import { describe, expect, test } from 'vitest';
import type { Operation } from '../../harness/history/execution.ts';
import { allSucceed, type Contends, contentionIn } from '../../harness/oracle/contention.ts';
import type { SerialRun } from '../../harness/oracle/serial.ts';
import { execution, refused, unknown, write } from '../support/execution.ts';

/** Who succeeds and who fails when they go one after another: `01` is session 0 and then session 1, `-` stands behind who fails. */
function run(text: string): SerialRun {
  const turns = [...text.matchAll(/(\d)(-?)/g)].map(([, session, fails]) => ({
    session: Number(session),
    operation: fails === '-' ? refused(Number(session), 0) : write(Number(session), 0),
  }));
  const operations = turns.map(({ operation }) => operation);
  return {
    order: turns.map(({ session }) => session),
    after: Array.from({ length: turns.length + 1 }, (_, count) =>
      execution({ operations: operations.slice(0, count) }),
    ),
  };
}

const failing = (session: number): Operation =>
  refused(session, 0, { exitCode: 255, stderr: 'error: could not lock config file\nhint: try again\n' });

const said = (contends: Contends, ...operations: Operation[]): string | undefined =>
  contends(execution({ operations }))?.finding.message;

const LOCKED = 'ended with exit code 255, though one after another no session fails: error: could not lock config file';

describe('a failure is contention', () => {
  const same = ['bump', 'bump'];

  test('where nobody fails one after another', () => {
    const contends = contentionIn([run('01')], same);
    expect(said(contends, write(0, 0), failing(1))).toBe(`s1 ${LOCKED}`);
    expect(said(contends, failing(0), write(1, 0))).toBe(`s0 ${LOCKED}`);
    expect(said(contends, write(0, 0), write(1, 0))).toBeUndefined();
  });

  test('with the operation, for its exit code and what it printed', () => {
    const found = contentionIn([run('01')], same)(execution({ operations: [write(0, 0), failing(1)] }));
    expect(found?.operation).toStrictEqual(failing(1));
    expect(found?.finding).toMatchObject({ class: 'FAILS_UNDER_CONTENTION', count: 1 });
  });

  test('where more fail than in any order', () => {
    const contends = contentionIn([run('01-')], ['take', 'take']);
    expect(said(contends, write(0, 0), failing(1))).toBeUndefined();
    expect(said(contends, failing(0), write(1, 0))).toBeUndefined();
    expect(said(contends, failing(0), failing(1))).toBe(
      's0 and s1 failed, though one after another no more than 1 does: error: could not lock config file',
    );
  });

  test('of who fails in no order, though another one does', () => {
    const contends = contentionIn([run('01-'), run('1-0')], ['put', 'take']);
    expect(said(contends, write(0, 0), failing(1))).toBeUndefined();
    expect(said(contends, failing(0), write(1, 0))).toMatch(/^s0 ended with exit code 255, though one after another/);
  });

  test('not of a failure that some order has: whoever comes second', () => {
    const contends = contentionIn([run('01-'), run('10-')], ['make d', 'mkdir d']);
    expect(said(contends, failing(0), write(1, 0))).toBeUndefined();
    expect(said(contends, write(0, 0), failing(1))).toBeUndefined();
    expect(said(contends, failing(0), failing(1))).toMatch(
      /^s0 and s1 failed, though one after another no more than 1/,
    );
  });

  test('also of a function that throws', () => {
    const contends = contentionIn([run('01')], ['add', 'add']);
    const locked = unknown(1, 0, { error: { name: 'Error', message: 'database is locked' } });
    expect(said(contends, write(0, 0), locked)).toBe(
      's1 threw Error, though one after another no session fails: database is locked',
    );
  });

  test('of fewer sessions than there are, where these were run before the others', () => {
    const contends = contentionIn([run('012')], ['bump', 'bump', 'bump']);
    expect(said(contends, write(1, 0), failing(2))).toMatch(/^s2 ended with exit code 255/);
  });
});

describe('nothing is said', () => {
  test('where not all orders of these sessions were run', () => {
    expect(said(contentionIn([run('01')], ['a', 'b']), write(0, 0), failing(1))).toBeUndefined();
  });

  test('of a fault that was injected', () => {
    const contends = contentionIn([run('01')], ['bump', 'bump']);
    const faulty = execution({ operations: [write(0, 0), failing(1)], faults: '1@open:config=EIO' });
    expect(contends(faulty)).toBeUndefined();
    expect(allSucceed(faulty)).toEqual([]);
  });
});

test('where all have to succeed, each that does not is a finding', () => {
  expect(allSucceed(execution({ operations: [write(0, 0), failing(1)] }))).toStrictEqual([
    {
      class: 'FAILS_UNDER_CONTENTION',
      count: 1,
      message: 's1 ended with exit code 255, and all should succeed: error: could not lock config file',
    },
  ]);
  expect(allSucceed(execution({ operations: [write(0, 0), write(1, 0)] }))).toEqual([]);
});
