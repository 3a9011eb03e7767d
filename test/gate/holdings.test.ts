import { describe, expect, test } from 'vitest';
import { Holdings } from '../../harness/gate/holdings.ts';
import type { Range, Request } from '../../harness/gate/request.ts';
import type { Step } from '../../harness/history/step.ts';

const INO = 7;

const request = (
  call: Request['call'],
  path: string,
  lock?: { readonly shared: boolean; readonly range: Range },
): Request => ({
  call,
  path,
  flags: [],
  follows: true,
  file: { path, ino: INO, sizeNow: () => 0 },
  ...(lock === undefined ? {} : { lock: { kind: 'fcntl', command: 6, description: Buffer.alloc(0), ...lock } }),
});

const index = (shared: boolean, from: number, to = from + 1): Request =>
  request('trylock', 'a.db-shm', { shared, range: { from, to } });

const unlock = (from: number, to = from + 1): Request =>
  request('unlock', 'a.db-shm', { shared: false, range: { from, to } });

describe('locks on ranges of one file', () => {
  test('are given back one by one', () => {
    const holdings = new Holdings();
    holdings.took(index(true, 124), 'a');
    holdings.took(index(false, 120, 122), 'a');
    holdings.gaveBack(unlock(120));
    expect(holdings.locks(INO)).toBe(true);
    expect([holdings.shares(unlock(124)), holdings.shares(unlock(121))]).toEqual([true, false]);
    holdings.gaveBack(unlock(124));
    holdings.gaveBack(unlock(121));
    expect(holdings.locks(INO)).toBe(false);
    expect(holdings.labels).toEqual([]);
  });

  test('are all gone with the lock of flock(2), which has none', () => {
    const holdings = new Holdings();
    holdings.took(request('lock', 'a'), 'a');
    expect(holdings.labels).toEqual(['a']);
    holdings.gaveBack(request('unlock', 'a'));
    expect(holdings.locksAnything).toBe(false);
  });
});

describe('what is done through a map of a file, unseen', () => {
  const modes = (holdings: Holdings, step: Request): readonly string[] =>
    holdings.unseen(step).map(({ object, mode }) => `${mode} ${object}`);
  const stat = request('stat', 'a.db');

  test('could be anything, where it may write there', () => {
    const holdings = new Holdings();
    expect(modes(holdings, stat)).toEqual([]);
    holdings.mapped(INO, 'lock.mdb', 'lock.mdb', true);
    expect(modes(holdings, stat)).toEqual(['write inode lock.mdb']);
    expect(holdings.shared).toEqual(['lock.mdb']);
    holdings.clear();
    expect(modes(holdings, stat)).toEqual([]);
  });

  test('is to read, where it may not: until it may', () => {
    const holdings = new Holdings();
    holdings.mapped(INO, 'refs', 'packed-refs', false);
    expect(modes(holdings, stat)).toEqual(['read inode refs']);
    expect(holdings.shared).toEqual([]);
    holdings.mapped(INO, 'refs', 'packed-refs', true);
    holdings.mapped(INO, 'refs', 'packed-refs', false);
    expect(modes(holdings, stat)).toEqual(['write inode refs']);
    expect(holdings.shared).toEqual(['packed-refs']);
  });

  test('is not to be told apart from what others write meanwhile', () => {
    const holdings = new Holdings();
    holdings.mapped(INO, 'refs', 'packed-refs', false);
    const step = (object: string, mode: 'read' | 'write'): Step => ({
      ...{ session: 1, operation: 0, call: 'write', path: 'packed-refs' },
      accesses: [{ object, mode }],
    });
    const changes = [step('inode refs', 'write'), step('inode refs', 'read'), step('inode other', 'write')];
    expect(changes.map((each) => holdings.changedUnder(each))).toEqual(['packed-refs', undefined, undefined]);
  });

  test("is to read SQLite's index, unless the session has an exclusive lock on it, or is about to", () => {
    const holdings = new Holdings();
    holdings.mapped(INO, 'a.db-shm', 'a.db-shm', true);
    expect(modes(holdings, stat)).toEqual(['read map a.db-shm']);
    expect(modes(holdings, index(true, 124))).toEqual(['read map a.db-shm']);
    expect(modes(holdings, index(false, 120))).toEqual(['write map a.db-shm']);
    const elsewhere = { ...index(false, 120), file: { path: 'b.db-shm', ino: INO + 1, sizeNow: () => 0 } };
    expect(modes(holdings, elsewhere)).toEqual(['read map a.db-shm']);
    holdings.took(index(true, 124), 'a.db-shm');
    expect(modes(holdings, stat)).toEqual(['read map a.db-shm']);
    holdings.took(index(false, 120), 'a.db-shm');
    expect(modes(holdings, stat)).toEqual(['write map a.db-shm']);
    holdings.gaveBack(unlock(120));
    expect(modes(holdings, stat)).toEqual(['read map a.db-shm']);
  });
});
