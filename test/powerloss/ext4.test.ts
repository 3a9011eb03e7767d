/** The finer rules of ext4. */

import { describe, expect, test } from 'vitest';
import type { Effect } from '../../harness/powerloss/effects.ts';
import { BLOCK } from '../../harness/powerloss/units.ts';
import { afterwards, create, diskOf, ever, link, move, ROOT, remove, resize, sync, write } from './support.ts';

const two = diskOf({ a: '1', b: '2' });
const [A, B, C] = [2, 3, 4];

const left = (...effects: readonly Effect[]): readonly string[] => afterwards(two, effects, 'ext4');
const fdatasync = (file: number): Effect => ({ kind: 'sync', file, dataOnly: true });

/** Runs of ten and more are shown as one. */
const short = (lines: readonly string[]): readonly string[] => lines.map((line) => line.replace(/(.)\1{9,}/g, '$1'));
const page = (fill: string): string => fill.repeat(BLOCK);

describe('fsync', () => {
  test('waits for the journal up to the last change of the file, and not for what came later', () => {
    const mode: Effect = { kind: 'mode', file: B, mode: 0o600 };
    expect(left(remove('a'), write(B, 'x'), mode, remove('c'), sync(B))).toEqual(['b=x']);
    expect(left(write(B, 'x'), remove('a'), sync(B))).toEqual(['a=1 b=x', 'b=x']);
  });

  test('takes a write for a change, since it has a time', () => {
    expect(left(remove('a'), write(B, 'x'), sync(B))).toEqual(['b=x']);
    expect(left(remove('a'), write(B, 'x'), fdatasync(B))).toEqual(['a=1 b=x', 'b=x']);
  });

  test('takes a name that comes or goes for a change', () => {
    expect(left(link('c', B), sync(B))).toEqual(['a=1 b=2 c=2']);
    expect(left(link('c', B), fdatasync(B))).toEqual(['a=1 b=2', 'a=1 b=2 c=2']);
    expect(left(link('c', B), remove('b'), sync(B))).toEqual(['a=1 c=2']);
  });

  test('of a directory waits for all of the journal, but not for data', () => {
    expect(left(create('c', C), write(C, '3'), remove('a'), sync(ROOT))).toEqual(['b=2 c=', 'b=2 c=3']);
  });
});

describe('fdatasync', () => {
  test('waits for the file to be there', () => {
    expect(left(create('c', C), fdatasync(C))).toEqual(['a=1 b=2 c=']);
  });

  test('waits for a size, and with it for the journal before', () => {
    expect(left(remove('a'), resize(B, 0), fdatasync(B))).toEqual(['b=']);
    expect(left(remove('a'), write(B, '3', 1), fdatasync(B))).toEqual(['b=23']);
    expect(left(create('c', C), remove('a'), write(C, '3'), fdatasync(C))).toEqual(['b=2 c=3']);
    expect(left(create('c', C), write(C, '33'), remove('a'), write(C, '4'), fdatasync(C))).toEqual(['b=2 c=43']);
  });
});

describe('a new block', () => {
  test('is not there without what came before it in the journal', () => {
    expect(ever(two, [remove('a'), create('c', C), write(C, '3')], 'ext4')).toEqual([
      'a=1 b=2',
      'b=2',
      'b=2 c=',
      'b=2 c=3',
    ]);
  });

  test('in a hole is not, either', () => {
    const holes = [create('c', C), resize(C, 3), remove('b'), write(C, '3')];
    expect(left(...holes)).toEqual(['a=1 b=2', 'a=1 b=2 c=', 'a=1 b=2 c=000', 'a=1 c=000', 'a=1 c=300']);
  });

  test('holds all that was written to it, or the first of it', () => {
    const rewritten = [create('c', C), write(C, '33'), write(C, '4'), write(C, '5', 2)];
    expect(left(...rewritten)).toEqual(['', ' c=', ' c=33', ' c=43', ' c=435'].map((c) => `a=1 b=2${c}`));
  });

  test('has its place after a sync: then the size of an append may be there without the data', () => {
    expect(left(create('c', C), write(C, '3'), sync(C), write(C, '4', 1))).toEqual(
      ['3', '30', '34'].map((c) => `a=1 b=2 c=${c}`),
    );
  });

  test('has its place after a rename over another file, too', () => {
    const replaced = [create('c', C), write(C, '3'), move(C, 'c', 'b', B)];
    expect(left(...replaced, write(C, '4', 1), sync(ROOT))).toEqual(['a=1 b=30', 'a=1 b=34']);
  });

  test('that was cut off is not needed for those that come after it', () => {
    const cut = [create('c', C), write(C, page('x')), resize(C, 0), write(C, '4')];
    expect(short(left(...cut, sync(ROOT)))).toEqual(['a=1 b=2 c=', 'a=1 b=2 c=4']);
    const half = [create('c', C), write(C, page('x') + page('y')), resize(C, BLOCK), write(C, 'z', BLOCK)];
    expect(short(left(...half, sync(ROOT)))).toEqual(['0', 'x', 'xz'].map((c) => `a=1 b=2 c=${c}`));
  });

  test('is new again after it was cut off', () => {
    const long = diskOf({ f: page('x') + page('y') });
    const cut = [resize(2, BLOCK), write(2, 'z', BLOCK), sync(ROOT)];
    expect(short(afterwards(long, cut, 'ext4'))).toEqual(['f=x', 'f=xz']);
  });

  test('of a file that is overwritten may be there while others of its blocks are old', () => {
    const effects = [write(A, 'x'), write(A, 'y', BLOCK)];
    expect(short(left(...effects))).toEqual(['1', '10y', 'x', 'x0y'].map((a) => `a=${a} b=2`));
  });
});
