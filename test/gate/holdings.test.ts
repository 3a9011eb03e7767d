import { describe, expect, test } from 'vitest';
import { Holdings } from '../../harness/gate/holdings.ts';
import type { Range, Request } from '../../harness/gate/request.ts';
import type { Step } from '../../harness/history/step.ts';

const INO = 7;
const [LOCK_SH, LOCK_EX, LOCK_UN] = [1, 2, 8];

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

const byFlock = (call: Request['call'], operation: number): Request => ({
  ...request(call, 'a'),
  lock: { kind: 'flock', operation },
});

const own = { owner: '1', has: true };
const anew = { owner: '1', has: false };

const unlock = (from: number, to = from + 1): Request =>
  request('unlock', 'a.db-shm', { shared: false, range: { from, to } });

describe('locks on ranges of one file', () => {
  test('are given back one by one', () => {
    const holdings = new Holdings();
    holdings.took(index(true, 124), 'a', own);
    holdings.took(index(false, 120, 122), 'a', own);
    holdings.gaveBack(unlock(120), own);
    expect(holdings.locks(INO)).toBe(true);
    expect([holdings.shares(unlock(124)), holdings.shares(unlock(121))]).toEqual([true, false]);
    holdings.gaveBack(unlock(124), own);
    holdings.gaveBack(unlock(121), own);
    expect(holdings.locks(INO)).toBe(false);
    expect(holdings.labels).toEqual([]);
  });

  test('are given back in part', () => {
    const holdings = new Holdings();
    holdings.took(index(false, 0, 1000), 'a', own);
    holdings.took(index(true, 400, 600), 'a', own);
    holdings.gaveBack(unlock(100, 500), own);
    expect(
      [
        [0, 50],
        [100, 400],
        [500, 600],
        [550, 700],
      ].map(([from, to]) => holdings.shares(unlock(from!, to))),
    ).toEqual([...[false, false, true, false]]);
    holdings.gaveBack(unlock(0, 100), own);
    holdings.gaveBack(unlock(500, 2000), own);
    expect(holdings.locks(INO)).toBe(false);
  });

  test('are not given back by another process, or by who only looks', () => {
    const holdings = new Holdings();
    holdings.took(index(true, 0, 10), 'a', own);
    holdings.took(index(true, 0, 10), 'a', { owner: '2', has: false });
    holdings.gaveBack(unlock(0, 10), own);
    expect(holdings.locks(INO)).toBe(true);
    const { lock, ...rest } = unlock(0, 10);
    holdings.gaveBack(
      { ...rest, lock: { ...lock!, command: 36 } as Request['lock'] & object },
      { owner: '2', has: false },
    );
    expect(holdings.locks(INO)).toBe(true);
    holdings.gaveBack(unlock(0, 10), { owner: '2', has: false });
    expect(holdings.locks(INO)).toBe(false);
  });

  test('are gone where another process has them alone', () => {
    const holdings = new Holdings();
    holdings.took(index(false, 0, 10), 'a', own);
    holdings.took(index(false, 0, 10), 'a', { owner: '2', has: false });
    holdings.gaveBack(unlock(0, 10), { owner: '2', has: false });
    expect(holdings.locks(INO)).toBe(false);
  });

  test('stay without the lock of flock(2), and that without them', () => {
    const holdings = new Holdings();
    holdings.took(byFlock('lock', LOCK_EX), 'a', anew);
    expect(holdings.labels).toEqual(['a']);
    holdings.took(index(false, 0, 10), 'a', own);
    holdings.gaveBack(unlock(0, 10), own);
    expect(holdings.labels).toEqual(['a']);
    holdings.took(index(false, 0, 10), 'a', own);
    holdings.gaveBack(byFlock('unlock', LOCK_UN), own);
    expect(holdings.locksAnything).toBe(true);
    holdings.gaveBack(unlock(0, 10), own);
    expect(holdings.locksAnything).toBe(false);
  });
});

describe('locks of flock(2) on one file', () => {
  test('are as many as the open files that share it', () => {
    const holdings = new Holdings();
    holdings.took(byFlock('lock', LOCK_SH), 'a', anew);
    holdings.took(byFlock('lock', LOCK_SH), 'a', own); // once more
    holdings.took(byFlock('lock', LOCK_SH), 'a', anew);
    holdings.gaveBack(byFlock('unlock', LOCK_UN), anew); // had none
    holdings.gaveBack(byFlock('unlock', LOCK_UN), own);
    expect(holdings.locksAnything).toBe(true);
    holdings.gaveBack(byFlock('unlock', LOCK_UN), own);
    expect(holdings.locksAnything).toBe(false);
  });

  test('are one where it is had alone', () => {
    const holdings = new Holdings();
    for (const operation of [LOCK_SH, LOCK_SH, LOCK_EX]) holdings.took(byFlock('lock', operation), 'a', anew);
    holdings.gaveBack(byFlock('unlock', LOCK_UN), own);
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
    holdings.took(index(true, 124), 'a.db-shm', own);
    expect(modes(holdings, stat)).toEqual(['read map a.db-shm']);
    holdings.took(index(false, 120), 'a.db-shm', own);
    expect(modes(holdings, stat)).toEqual(['write map a.db-shm']);
    holdings.gaveBack(unlock(120), own);
    expect(modes(holdings, stat)).toEqual(['read map a.db-shm']);
  });
});
