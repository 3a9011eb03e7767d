import { expect, test } from 'vitest';
import { agesIn } from '../../harness/explore/ages.ts';
import type { Access, Step } from '../../harness/history/step.ts';

const step = (session: number, call: Step['call'], path: string, ...accesses: readonly Access[]): Step => ({
  ...{ session, operation: 0, call, path, accesses },
});
const write = (session: number, path: string): Step =>
  step(session, 'write', path, { object: `inode ${path}`, mode: 'write' }, { object: `status ${path}`, mode: 'add' });
const look = (session: number, path: string): Step =>
  step(
    session,
    'stat',
    path,
    ...['entry ./', 'status ', 'times '].map((of) => ({ object: `${of}${path}`, mode: 'read' as const })),
  );
const lookThroughDescriptor = (session: number, path: string): Step =>
  step(session, 'stat', path, { object: `status ${path}`, mode: 'read' });
const lock = (session: number): Step => step(session, 'lock', 'l', { object: 'lock l', mode: 'write' });
const sleep = (session: number): Step => step(session, 'sleep', '');

test.each<[string, readonly Step[], string | undefined]>([
  [
    'two files that two sessions have changed are compared',
    [write(0, 'a'), write(1, 'b'), look(0, 'a'), look(0, 'b')],
    'a or b',
  ],
  [
    'the directory itself is one of them',
    [write(0, 'a'), write(1, ''), look(0, 'a'), look(0, '')],
    'a or the directory',
  ],
  ['a third session compares them', [write(0, 'a'), write(1, 'b'), look(2, 'b'), look(2, 'a')], 'b or a'],
  ['one session has changed both', [write(0, 'a'), write(0, 'b'), look(1, 'a'), look(1, 'b')], undefined],
  ['only one has been changed', [write(0, 'a'), look(1, 'a'), look(1, 'b')], undefined],
  ['two sessions look at one each', [write(0, 'a'), write(1, 'b'), look(0, 'a'), look(1, 'b')], undefined],
  [
    'a lock orders the changes',
    [lock(0), write(0, 'a'), lock(0), lock(1), write(1, 'b'), look(1, 'a'), look(1, 'b')],
    undefined,
  ],
  [
    'they are looked at for reasons of their own',
    [write(0, 'a'), write(1, 'b'), look(0, 'a'), write(0, 'c'), look(0, 'b')],
    undefined,
  ],
  [
    'they have been opened, and it is the size that is asked for',
    [write(0, 'a'), write(1, 'b'), lookThroughDescriptor(0, 'a'), lookThroughDescriptor(0, 'b')],
    undefined,
  ],
  ['somebody sleeps after the change', [write(0, 'a'), look(1, 'a'), sleep(0)], 'how old a is after a sleep'],
  ['whoever looks sleeps himself', [write(0, 'a'), sleep(1), look(1, 'a')], 'how old a is after a sleep'],
  ['somebody slept before the change', [sleep(0), write(0, 'a'), look(1, 'a')], undefined],
  [
    'a directory is made, and somebody sleeps',
    [step(0, 'mkdir', 'l', { object: 'entry ./l', mode: 'write' }), look(1, 'l'), sleep(0)],
    'how old l is after a sleep',
  ],
  ['it is his own change', [write(0, 'a'), look(0, 'a'), sleep(0)], undefined],
])('%s', (_, steps, what) => {
  expect(agesIn(steps)?.what).toBe(what);
});
