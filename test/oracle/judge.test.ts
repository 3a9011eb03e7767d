/** What a judge of the user's own says, and what is a mistake of its own: that is never held against the writers. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Judge } from '../../harness/oracle/expect.ts';
import { JudgeFailed, judgedBy } from '../../harness/oracle/judge.ts';
import { judge as opinions } from '../../harness/verdict/verdict.ts';
import { execution, write } from '../support/execution.ts';
import { scenario } from '../support/scenario.ts';

const seen = execution({ operations: [write(0, 0), write(1, 0)], final: { state: '{"n":', good: '{"n":1}' } });

/** What a verdict makes of it. */
const found = (judge: unknown, deadlineMs?: number): readonly string[] => {
  const oracles = [judgedBy(judge as Judge, './judge.mjs', deadlineMs)];
  return opinions(scenario({ oracles }), seen).map(({ class: kind, message }) => `${kind}: ${message}`);
};

const throwing = (thrown: unknown) => (): never => {
  throw thrown;
};

const final = seen.final as Record<string, string>;

describe('a verdict is', () => {
  test.each<readonly [string, unknown, readonly string[]]>([
    ['nothing', () => undefined, []],
    ['null', () => null, []],
    ['a text', () => 'too late', ['NOT_SERIALIZABLE: too late']],
    ['no findings', () => [], []],
    ['findings', () => [{ class: 'CONTAMINATED', count: 1, message: 'mixed' }], ['CONTAMINATED: mixed']],
    ['an assertion', () => assert.fail('one is lost'), ['NOT_SERIALIZABLE: one is lost']],
    ['an error of its own', throwing(new Error('2 is not 1')), ['NOT_SERIALIZABLE: 2 is not 1']],
    ['a text that is thrown', throwing('2 is not 1'), ['NOT_SERIALIZABLE: 2 is not 1']],
    [
      'JSON that can not be read',
      () => JSON.parse(final.state!),
      ['TORN_STATE: the state that was left can not be read'],
    ],
    [
      'a state that it says is torn',
      throwing(Object.assign(new Error('half'), { name: 'Torn' })),
      ['TORN_STATE: the state that was left can not be read'],
    ],
  ])('%s', (_, judge, findings) => {
    expect(found(judge)).toEqual(findings);
  });
});

describe('a mistake is', () => {
  test.each<readonly [string, unknown, RegExp]>([
    ['a TypeError', () => JSON.parse(final.good!).list.length, /: TypeError: Cannot read properties of undefined/],
    ['a ReferenceError', () => new Function('return gone')(), /: ReferenceError: gone is not defined/],
    ['a RangeError', () => 'x'.repeat(-1), /: RangeError: Invalid count value: -1/],
    [
      'a SyntaxError of something else',
      () => new RegExp(final.state!.replace(/.*/, '(')),
      /: SyntaxError: Invalid regular expression/,
    ],
    ['a number that is none', () => BigInt('x'), /: SyntaxError: Cannot convert x to a BigInt/],
    ['a file of its own that is not there', () => readFileSync('/gone/for/good'), /: Error: ENOENT: no such file/],
    ['a boolean', () => false, /returned false: expected nothing where all is well, a text/],
    ['a number', () => 3, /returned 3: expected/],
    ['a promise', async () => 'too late', /returned a promise: a judge can't wait/],
    ['a promise that is rejected', async () => throwing(new Error('later'))(), /returned a promise/],
    ['findings of no class', () => [{ class: 'LOST', count: 1, message: 'x' }], /returned .*: expected/],
    ['a list of texts', () => ['too late'], /returned \["too late"\]: expected/],
    ['a finding that says nothing', () => [{ class: 'STUCK' }], /returned .*: expected/],
    ['what is thrown and is no error', throwing(undefined), /threw undefined/],
    ['an object that is thrown', throwing({ a: 1 }), /threw \{"a":1\}/],
  ])('%s', (_, judge, message) => {
    const said = (): unknown => found(judge);
    expect(said).toThrow(JudgeFailed);
    expect(said).toThrow(message);
    expect(said).toThrow(/^the judge \.\/judge\.mjs made a mistake, and has judged nothing/);
  });

  test('with its stack, as far as it is its own', () => {
    let message = '';
    try {
      found(function mine() {
        return (undefined as unknown as { gone: string }).gone;
      });
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/TypeError: .*\n {4}at mine \(.*judge\.test\.ts:\d+:\d+\)$/);
  });

  test('that it never ends', () => {
    expect(() =>
      found(() => {
        for (;;);
      }, 50),
    ).toThrow('the judge ./judge.mjs made a mistake, and has judged nothing: it did not end within 0.05 s');
  });
});

test('what an oracle that is built in can not read is torn, whatever error that is', () => {
  const oracles = [() => JSON.parse(final.good!).list.length as never];
  expect(opinions(scenario({ oracles }), seen)).toMatchObject([{ class: 'TORN_STATE' }]);
});
