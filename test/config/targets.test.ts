/** From what is written down to scenarios: how many sessions it takes, and what counts. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Target } from '../../harness/config/config.ts';
import { scenarioOf } from '../../harness/config/targets.ts';
import { execution, unknown } from '../support/execution.ts';

const origin = { dir: '/', name: 'a test' };
const scenario = (target: object) => scenarioOf({ id: 't', ...target } as Target, origin);

describe('sessions there are', () => {
  test.each<readonly [string, object, readonly [number, number]]>([
    ['two or more, of one command', { commands: 'a' }, [2, 64]],
    ['two or more, of one that knows its number', { commands: 'a {session}' }, [2, 64]],
    ['all, of commands that differ', { commands: ['a', 'b', 'c'] }, [3, 3]],
    ['at most as many as are listed', { commands: ['a', 'a', 'a'] }, [2, 3]],
    ['as many as is said', { commands: 'a', writers: 5 }, [5, 5]],
    ['two, where the end is told of', { commands: 'a', expect: [{ json: 'f', equals: 2 }] }, [2, 2]],
    [
      'as many as are listed, where the end is told of',
      { commands: ['a', 'a', 'a'], expect: [() => undefined] },
      [3, 3],
    ],
    ['two or more, where each success counts', { commands: 'a', expect: [{ counter: 'n' }] }, [2, 64]],
    ['all, of functions that are listed', { session: [() => {}, () => {}, () => {}] }, [3, 3]],
  ])('%s', async (_, target, [least, most]) => {
    const { writersMin, writersMax } = await scenario(target);
    expect([writersMin, writersMax]).toEqual([least, most]);
  });
});

test.each<readonly [string, object, readonly string[]]>([
  ['of functions: it has seen what it works on torn', { session: () => {} }, ['TORN_STATE']],
  ['of commands: it speaks of itself', { commands: 'a' }, []],
])('an error in a line that is no JSON says, %s', async (_, target, classes) => {
  const { oracles } = await scenario(target);
  const error = { name: 'SyntaxError', message: 'Unexpected end of JSON input' };
  const seen = execution({ operations: [unknown(0, 0, { error })] });
  expect(oracles.flatMap((judge) => judge(seen)).map((finding) => finding.class)).toEqual(classes);
});

test('what is watched counts, and what is expected to be there', async () => {
  const { view } = await scenario({ commands: 'a', watch: ['*.json'], expect: [{ counter: 'n' }] });
  const files = {
    'work/a.json': '1',
    'work/sub/c.json': '2',
    'work/n': '3',
    'work/log': '4',
    'home/x': '5',
    marks: '6',
  };
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  try {
    expect(Object.keys(view!(dir, files))).toEqual(['work/a.json', 'work/n', 'marks']);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
