import { expect, test } from 'vitest';
import { LoopWatch } from '../../harness/explore/loops.ts';
import type { Access, Call, Step } from '../../harness/history/step.ts';

const step = (session: number, call: Call, path: string, mode: Access['mode'] = 'read'): Step => ({
  session,
  operation: 0,
  call,
  path,
  accesses: call === 'sleep' ? [] : [{ object: `entry ./${path}`, mode }],
});

const stat = step(0, 'stat', 'done');
const sleep = step(0, 'sleep', '');
const watching = (...steps: readonly Step[]): LoopWatch => {
  const watch = new LoopWatch();
  for (const each of steps) watch.did(each);
  return watch;
};

test('a loop that sleeps is known after two rounds, one that does not after three', () => {
  expect(watching(stat, sleep).roundBefore(stat)).toBeUndefined();
  expect(watching(stat, sleep, stat, sleep).roundBefore(stat)?.length).toBe(2);
  expect(watching(stat, stat).roundBefore(stat)).toBeUndefined();
  expect(watching(stat, stat, stat).roundBefore(stat)?.length).toBe(1);
});

test('it is the same loop whichever step it is met at, and all that it looks at counts', () => {
  const other = step(0, 'stat', 'other');
  const at = (...steps: readonly [Step, ...Step[]]): ReturnType<LoopWatch['roundBefore']> =>
    watching(...steps, ...steps).roundBefore(steps[0]);
  const rounds = [at(stat, other, sleep), at(other, sleep, stat), at(sleep, stat, other)];
  expect(new Set(rounds.map((round) => round?.signature)).size).toBe(1);
  expect(rounds[0]?.accesses.map(({ object }) => object)).toEqual(['entry ./done', 'entry ./other']);
});

test('what is about to happen must be the beginning of another round', () => {
  expect(watching(stat, sleep, stat, sleep).roundBefore(step(0, 'stat', 'another'))).toBeUndefined();
});

test('who changes anything does not wait', () => {
  const write = step(0, 'write', 'own', 'write');
  expect(watching(stat, write, sleep, stat, write, sleep).roundBefore(stat)).toBeUndefined();
  expect(watching(write, stat, sleep, stat, sleep).roundBefore(stat)).toBeDefined();
});

test('reading a long file is no loop', () => {
  const read = step(0, 'read', 'long');
  expect(watching(read, read, read, read).roundBefore(read)).toBeUndefined();
});

test('a round that another session may have changed is not counted', () => {
  const watch = watching(stat, sleep, stat, sleep);
  watch.saw(step(1, 'open', 'elsewhere', 'write'));
  expect(watch.roundBefore(stat)).toBeDefined();
  watch.saw(step(1, 'open', 'done', 'write'));
  expect(watch.roundBefore(stat)).toBeUndefined();
  watch.did(stat);
  watch.did(sleep);
  expect(watch.roundBefore(stat)).toBeUndefined();
});

test('what was looked at before the loop does not matter to it', () => {
  const before = step(0, 'stat', 'before');
  const watch = watching(before, stat, sleep, stat, sleep);
  watch.saw(step(1, 'open', 'before', 'write'));
  expect(watch.roundBefore(stat)).toBeDefined();
});
