/** The step after which acknowledged data are gone, from what a file held after each step. */

import { describe, expect, test } from 'vitest';
import { type Contents, destructiveStep } from '../../harness/explore/destructive.ts';
import type { Files } from '../../harness/history/execution.ts';
import type { Step } from '../../harness/history/step.ts';
import { oracleOf } from '../../harness/oracle/expect.ts';
import type { CollisionClass, Oracle } from '../../harness/oracle/finding.ts';
import { execution, write } from '../support/execution.ts';
import { scenario } from '../support/scenario.ts';

const about = { writers: 2, entryOf: (session: number) => `e${session}`, prefix: '', marks: 'marks', before: {} };
const counted = oracleOf({ counter: 'n' }, about);
const listed = oracleOf({ entriesOnce: 'log' }, about);

/** `1 rename t n`: session 1 renames t to n. Each step with what the file holds after it; undefined where it is not there. */
type Made = readonly [string, string | undefined];

function told(
  oracle: Oracle,
  path: string,
  before: string,
  made: readonly Made[],
  right: string,
  kind?: CollisionClass,
) {
  const steps = made.map(([text]): Step => {
    const [session, call, from, to] = text.split(' ') as [string, Step['call'], string, string | undefined];
    return { session: Number(session), operation: 0, call, path: from, ...(to === undefined ? {} : { to }) };
  });
  const contents: Contents = new Map([
    [
      path,
      [{ from: -1, content: before }, ...made.map(([, content], from) => ({ from, content }))].filter(
        ({ content }, at, all) => at === 0 || content !== all[at - 1]!.content,
      ),
    ],
  ]);
  const left = made.at(-1)![1];
  const final: Files = left === undefined ? {} : { [path]: left };
  const seen = execution({ operations: [write(0, 0), write(1, 0)], final, steps });
  const at = destructiveStep(scenario({ oracles: [oracle] }), kind ?? 'LAST_WRITER_WINS', seen, contents, {
    [path]: right,
  });
  return at === undefined ? undefined : made[at]![0];
}

describe('what destroys an update is', () => {
  test.each<readonly [string, Oracle, string, string, readonly Made[], string, string]>([
    [
      'the rename, and not the unlock behind it',
      counted,
      'n',
      '0',
      [
        ['0 read n', '0'],
        ['1 read n', '0'],
        ['1 rename t n', '1'],
        ['1 unlock l', '1'],
        ['0 rename t n', '1'],
        ['0 unlock l', '1'],
      ],
      '2',
      '0 rename t n',
    ],
    [
      'the truncation, where nothing is put back that was there',
      listed,
      'log',
      '',
      [
        ['0 write log', 'e0\n'],
        ['1 open log', ''],
        ['1 write log', 'e1\n'],
      ],
      'e0\ne1\n',
      '1 open log',
    ],
    [
      'the write over it',
      listed,
      'log',
      '',
      [
        ['0 write log', 'e0\n'],
        ['1 write log', 'e1\n'],
      ],
      'e0\ne1\n',
      '1 write log',
    ],
    [
      'the removal',
      listed,
      'log',
      '',
      [
        ['0 write log', 'e0\n'],
        ['1 unlink log', undefined],
      ],
      'e0\ne1\n',
      '1 unlink log',
    ],
  ])('%s', (_, oracle, path, before, made, right, step) => {
    expect(told(oracle, path, before, made, right)).toBe(step);
  });
});

describe('nothing is said', () => {
  const lost: readonly Made[] = [
    ['0 write log', 'e0\n'],
    ['1 write log', 'e1\n'],
  ];

  test('where the file is as it should be', () => {
    expect(told(listed, 'log', '', lost, 'e1\n')).toBeUndefined();
  });

  test('of a class in which nothing has to be gone', () => {
    expect(told(listed, 'log', '', lost, 'e0\ne1\n', 'DOUBLE_CONSUME')).toBeUndefined();
  });

  test('where nobody else had written anything', () => {
    expect(
      told(
        listed,
        'log',
        '',
        [
          ['0 write log', 'e0\n'],
          ['0 unlink log', undefined],
        ],
        'e0\ne1\n',
      ),
    ).toBeUndefined();
  });

  test('where a judge can not tell of what is half done', () => {
    const judge: Oracle = ({ operations }) => {
      if (operations.length < 2) throw new Error('both, please');
      return [{ class: 'LAST_WRITER_WINS', count: 1, message: 'gone' }];
    };
    expect(told(judge, 'log', '', lost, 'e0\ne1\n')).toBeUndefined();
  });
});
