import { describe, expect, test } from 'vitest';
import type { PowerModel } from '../../harness/faults/plan.ts';
import { crashStates } from '../../harness/powerloss/crash-states.ts';
import { BLOCK } from '../../harness/powerloss/units.ts';
import {
  acknowledged,
  afterwards,
  create,
  diskOf,
  ever,
  link,
  mkdir,
  move,
  ROOT,
  remove,
  resize,
  shown,
  sync,
  write,
} from './support.ts';

const OLD = '{"n":1}';
const NEW = '{"n":2}';
const STATE = 2;
const TMP = 3;
const initial = diskOf({ 'state.json': OLD });

const both = ['posix', 'ext4'] as const;

/** What state.json may hold. */
const contents = (lines: readonly string[]): readonly string[] => [
  ...new Set(lines.map((line) => /state\.json=(\S*)/.exec(line)?.[1] ?? 'gone')),
];

describe('a file that is updated', () => {
  describe.each(both)('in place, by %s', (model) => {
    const inPlace = [resize(STATE, 0), write(STATE, NEW)];

    test('may be old, new or empty, even when that was acknowledged', () => {
      for (const found of [ever(initial, inPlace, model), afterwards(initial, inPlace, model)]) {
        expect(found).toEqual(expect.arrayContaining(['state.json=', `state.json=${OLD}`, `state.json=${NEW}`]));
      }
    });

    test('is new once it was synced, if not before', () => {
      expect(afterwards(initial, [...inPlace, sync(STATE)], model)).toEqual([`state.json=${NEW}`]);
      expect(ever(initial, [...inPlace, sync(STATE)], model)).toContain('state.json=');
    });
  });

  const replaced = [create('tmp', TMP), write(TMP, NEW), move(TMP, 'tmp', 'state.json', STATE)];

  describe('by rename, without fsync', () => {
    test('may be empty, or zeros, by posix', () => {
      expect(contents(afterwards(initial, replaced, 'posix'))).toEqual(
        expect.arrayContaining(['', '0000000', OLD, NEW]),
      );
    });

    test('is old or new by ext4', () => {
      expect(afterwards(initial, replaced, 'ext4')).toEqual([
        `state.json=${OLD}`,
        `state.json=${OLD} tmp=`,
        `state.json=${OLD} tmp=${NEW}`,
        `state.json=${NEW}`,
      ]);
    });

    test('may be empty by ext4, too, if nothing is replaced', () => {
      const elsewhere = [create('tmp', TMP), write(TMP, NEW), move(TMP, 'tmp', 'other.json')];
      expect(afterwards(initial, elsewhere, 'ext4')).toContain(`other.json= state.json=${OLD}`);
    });
  });

  const synced = [create('tmp', TMP), write(TMP, NEW), sync(TMP), move(TMP, 'tmp', 'state.json', STATE)];

  describe.each(both)('by rename, with fsync of the file, by %s', (model) => {
    test('and of the directory: is new, and before old or new', () => {
      const safe = [...synced, sync(ROOT)];
      expect(afterwards(initial, safe, model)).toEqual([`state.json=${NEW}`]);
      expect(contents(ever(initial, safe, model))).toEqual([OLD, NEW]);
    });

    test('alone: is old or new', () => {
      expect(contents(afterwards(initial, synced, model))).toEqual([OLD, NEW]);
    });
  });

  describe('by rename, with fsync after that', () => {
    const late = [...replaced, sync(TMP)];

    test('may be empty for a while, and old afterwards, by posix', () => {
      expect(contents(ever(initial, late, 'posix'))).toContain('');
      expect(contents(afterwards(initial, late, 'posix')).toSorted()).toEqual([OLD, NEW].toSorted());
    });

    test('is new by ext4, since the rename is in the journal with the last change of the file', () => {
      expect(afterwards(initial, late, 'ext4')).toEqual([`state.json=${NEW}`]);
      expect(contents(ever(initial, late, 'ext4'))).toEqual([OLD, NEW]);
    });

    test('but not with fdatasync, to which a name is no matter', () => {
      const dataOnly = [...replaced, { kind: 'sync', file: TMP, dataOnly: true } as const];
      expect(contents(afterwards(initial, dataOnly, 'ext4'))).toEqual([OLD, NEW]);
    });
  });
});

describe('a file that is appended to', () => {
  const log = diskOf({ log: 'one\n' });
  const LOG = 2;

  test.each(both)('within a block that it has: the data may be missing but not the size, by %s', (model) => {
    expect(afterwards(log, [write(LOG, 'two\n', 4)], model)).toEqual(['log=one\n', 'log=one\n0000', 'log=one\ntwo\n']);
  });

  test.each(both)('is as long as it was when it was synced, by %s', (model) => {
    expect(afterwards(log, [write(LOG, 'two\n', 4), sync(LOG)], model)).toEqual(['log=one\ntwo\n']);
    expect(afterwards(log, [write(LOG, 'two\n', 4), sync(LOG), write(LOG, '3\n', 8)], model)).toEqual([
      'log=one\ntwo\n',
      'log=one\ntwo\n00',
      'log=one\ntwo\n3\n',
    ]);
  });

  const page = (fill: string): string => fill.repeat(BLOCK);
  const full = diskOf({ log: page('a') });
  const short = (lines: readonly string[]): readonly string[] => lines.map((line) => line.replace(/(.)\1{9,}/g, '$1'));

  test('by new blocks: zeros by posix, a front part of the data by ext4', () => {
    const twoBlocks = [write(LOG, page('b') + page('c'), BLOCK)];
    expect(short(afterwards(full, twoBlocks, 'ext4'))).toEqual(['log=a', 'log=ab', 'log=abc']);
    expect(short(afterwards(full, twoBlocks, 'posix'))).toEqual([
      'log=a',
      'log=a0', // of one block and of two
      'log=a0',
      'log=a0c',
      'log=ab',
      'log=ab0',
      'log=abc',
    ]);
  });

  test('beyond its end: the size comes without the data by posix, not by ext4', () => {
    const beyond = [write(LOG, 'end', 2 * BLOCK)];
    expect(short(afterwards(full, beyond, 'ext4'))).toEqual(['log=a', 'log=a0end']);
    expect(short(afterwards(full, beyond, 'posix'))).toEqual(['log=a', 'log=a0', 'log=a0end']);
  });

  test('block by block, each overwritten one may be old', () => {
    const three = diskOf({ log: page('a') + page('b') + page('c') });
    for (const model of both) {
      expect(short(afterwards(three, [write(LOG, page('X') + page('Y') + page('Z'))], model))).toEqual(
        ['abc', 'Xbc', 'aYc', 'abZ', 'XYc', 'XbZ', 'aYZ', 'XYZ'].map((text) => `log=${text}`).sort(),
      );
    }
  });
});

describe('of two writes to one place', () => {
  const twice = [write(STATE, '{"n":2}'), write(STATE, '{"n":3}')];

  test('the later wins, where it is there', () => {
    for (const model of both) {
      expect(afterwards(initial, twice, model)).toEqual([1, 2, 3].map((n) => `state.json={"n":${n}}`));
    }
  });

  test('the earlier may be missing by posix, but not by ext4: the block holds both', () => {
    const apart = [write(STATE, '[', 0), write(STATE, ']', 6)];
    expect(afterwards(initial, apart, 'posix')).toContain('state.json={"n":1]');
    expect(afterwards(initial, apart, 'ext4')).toEqual(['["n":1]', '["n":1}', OLD].map((text) => `state.json=${text}`));
  });
});

test('data beyond the end of a file are seen once it is longer, by posix', () => {
  const effects = [write(STATE, 'abc', 7), resize(STATE, 7), write(STATE, 'X', 8)];
  const found = afterwards(initial, effects, 'posix');
  expect(found).toContain(`state.json=${OLD}0X`);
  expect(found).toContain(`state.json=${OLD}ab`); // neither the first size nor the second, but the third
});

describe('a file that is created', () => {
  const created = [create('new', 3), write(3, 'x'), sync(3)];

  test('and synced may not be there by posix, as long as its directory was not', () => {
    expect(afterwards(diskOf({}), created, 'posix')).toEqual(['', 'new=x']);
    expect(afterwards(diskOf({}), [...created, sync(ROOT)], 'posix')).toEqual(['new=x']);
  });

  test('and synced is there by ext4', () => {
    expect(afterwards(diskOf({}), created, 'ext4')).toEqual(['new=x']);
  });

  test.each(both)('may be there without its data, by %s', (model) => {
    expect(ever(diskOf({}), created, model)).toContain('new=');
    expect(afterwards(diskOf({}), [create('new', 3), write(3, 'x'), sync(ROOT)], model)).toContain('new=');
  });

  test('in a new directory is not seen without that', () => {
    const within = [mkdir('d', 3), create('f', 4, 3), write(4, 'x'), sync(4), sync(3)];
    expect(afterwards(diskOf({}), within, 'posix')).toEqual(['', 'd/ d/f=x']);
    expect(afterwards(diskOf({}), within, 'ext4')).toEqual(['d/ d/f=x']);
    expect(ever(diskOf({}), within, 'posix')).toEqual(['', 'd/', 'd/ d/f=', 'd/ d/f=0', 'd/ d/f=x']);
    expect(ever(diskOf({}), within, 'ext4')).toEqual(['', 'd/', 'd/ d/f=', 'd/ d/f=x']);
  });
});

describe('several changes of entries', () => {
  const two = diskOf({ a: '1', b: '2' });

  test('arrive in any order by posix, and in theirs by ext4', () => {
    const removals = [remove('a'), remove('b')];
    expect(afterwards(two, removals, 'posix')).toEqual(['', 'a=1', 'a=1 b=2', 'b=2']);
    expect(afterwards(two, removals, 'ext4')).toEqual(['', 'a=1 b=2', 'b=2']);
  });

  test('in two directories: each is durable by the sync of its own, by posix; by ext4, all by that of any', () => {
    const apart = [mkdir('d', 4), create('f', 5, 4), remove('a'), sync(4)];
    expect(afterwards(two, apart, 'posix')).toEqual(['a=1 b=2', 'a=1 b=2 d/ d/f=', 'b=2', 'b=2 d/ d/f=']);
    expect(afterwards(two, apart, 'ext4')).toEqual(['b=2 d/ d/f=']);
  });

  test('a rename to another directory is durable by the sync of both, by posix', () => {
    const rename = {
      kind: 'move',
      file: 2,
      from: { directory: ROOT, name: 'a' },
      to: { directory: 4, name: 'a' },
    } as const;
    const made = [mkdir('d', 4), sync(ROOT), rename];
    const moved = ['a=1 b=2 d/', 'b=2 d/ d/a=1'];
    expect(afterwards(two, made, 'posix')).toEqual(moved);
    expect(afterwards(two, [...made, sync(ROOT)], 'posix')).toEqual(moved);
    expect(afterwards(two, [...made, sync(4)], 'posix')).toEqual(moved);
    expect(afterwards(two, [...made, sync(4), sync(ROOT)], 'posix')).toEqual(moved.slice(1));
    expect(afterwards(two, [...made, sync(4)], 'ext4')).toEqual(moved.slice(1));
  });

  test('a directory that is moved twice is in one place', () => {
    const moves = [mkdir('d', 4), move(4, 'd', 'e'), move(4, 'e', 'f')];
    for (const model of both) expect(afterwards(diskOf({}), moves, model)).toEqual(['', 'd/', 'e/', 'f/']);
  });

  test('a name may stay when a link to the same file is there', () => {
    const renamed = [link('c', 2), remove('a')];
    expect(afterwards(diskOf({ a: '1' }), renamed, 'posix')).toEqual(['', 'a=1', 'a=1 c=1', 'c=1']);
    expect(afterwards(diskOf({ a: '1' }), renamed, 'ext4')).toEqual(['a=1', 'a=1 c=1', 'c=1']);
  });
});

describe('a mode', () => {
  const modes = (effects: Parameters<typeof crashStates>[1], model: PowerModel): readonly number[] => {
    const { states } = crashStates(initial, effects, model);
    return states.map(({ disk }) => {
      const file = disk.inodes.get(STATE)!;
      return file.kind === 'file' ? file.mode : 0;
    });
  };
  const chmod = { kind: 'mode', file: STATE, mode: 0o600 } as const;

  test.each(both)('is lost or there, by %s', (model) => {
    expect(modes([chmod], model).toSorted()).toEqual([0o600, 0o644]);
  });

  test.each(both)('is there after fsync but maybe not after fdatasync, by %s', (model) => {
    const last = (dataOnly: boolean): number =>
      crashStates(
        initial,
        [chmod, { kind: 'sync', file: STATE, ...(dataOnly && { dataOnly }) }, acknowledged()],
        model,
      ).states.filter((state) => state.acknowledged.length === 1).length;
    expect(last(false)).toBe(1);
    expect(last(true)).toBe(2);
  });
});

describe('a state', () => {
  const replaced = [create('tmp', TMP), write(TMP, NEW), move(TMP, 'tmp', 'state.json', STATE), acknowledged('set 2')];

  test('comes with what was lost, when, and what had been acknowledged', () => {
    const { states, exhaustive } = crashStates(initial, replaced, 'posix');
    expect(exhaustive).toBe(true);
    const all = 'all of it had reached the disk';
    const not = 'had not reached the disk';
    const renaming = 'the renaming of tmp to state.json';
    const rows = [
      [`state.json=${OLD}`, 0, [], 'power lost before the first effect'],
      [`state.json=${OLD} tmp=`, 1, [], `power lost after effect 1: ${all}`],
      [`state.json=${OLD} tmp=${NEW}`, 2, [], `power lost after effect 2: ${all}`],
      [`state.json=${NEW}`, 3, [], `power lost after effect 3: ${all}`],
      [`state.json=${NEW}`, 4, [], `power lost after effect 4: ${all}`],
      [`state.json=${OLD} tmp=0000000`, 2, [1], `power lost after effect 2: 7 bytes of tmp (zeros instead) ${not}`],
      ['state.json=', 3, [1], `power lost after effect 3: 7 bytes of tmp ${not}; ${renaming} had`],
      [
        'state.json=0000000',
        3,
        [1],
        `power lost after effect 3: 7 bytes of tmp (zeros instead) ${not}; ${renaming} had`,
      ],
      ['state.json=', 4, [1], `power lost after effect 4: 7 bytes of tmp ${not}; ${renaming} had`],
      [
        'state.json=0000000',
        4,
        [1],
        `power lost after effect 4: 7 bytes of tmp (zeros instead) ${not}; ${renaming} had`,
      ],
      [`state.json=${OLD} tmp=${NEW}`, 4, [2], `power lost after effect 4: ${renaming} ${not}`],
      [
        `state.json=${OLD}`,
        4,
        [0, 2],
        `power lost after effect 4: the entry tmp and ${renaming} ${not}; 7 bytes of tmp had`,
      ],
      [`state.json=${OLD} tmp=`, 4, [1, 2], `power lost after effect 4: 7 bytes of tmp and ${renaming} ${not}`],
      [
        `state.json=${OLD} tmp=0000000`,
        4,
        [1, 2],
        `power lost after effect 4: 7 bytes of tmp (zeros instead) and ${renaming} ${not}`,
      ],
    ];
    expect(states.map(({ disk, after, lost, words }) => [shown(disk), after, lost, words])).toEqual(rows);
    for (const { after, acknowledged } of states) expect(acknowledged).toEqual(after === 4 ? ['set 2'] : []);
  });

  test('is named by the paths of its time, and only some of many lost effects are', () => {
    const effects = [
      mkdir('d', 3),
      create('f', 4, 3),
      write(4, 'x'.repeat(BLOCK + 1)),
      move(3, 'd', 'e'),
      resize(4, 1),
      remove('f', 3),
    ];
    const words = (model: PowerModel): readonly string[] =>
      crashStates(diskOf({}), [...effects, acknowledged()], model).states.map((state) => state.words);
    expect(words('ext4')).toContain(
      'power lost after effect 7: the directory d, the entry d/f, 4097 bytes of d/f and 3 more had not ' +
        'reached the disk',
    );
    expect(words('ext4')).toContain(
      'power lost after effect 4: 1 of 4097 bytes of d/f had not reached the disk; the renaming of d to e had',
    );
    expect(words('posix')).toContain(
      'power lost after effect 5: 4097 bytes of d/f had not reached the disk; the renaming of d to e had',
    );
  });

  test('is refused where an effect is on a file that there is not', () => {
    for (const model of both) {
      expect(() => crashStates(initial, [write(9, 'x')], model)).toThrow(
        new RangeError('inode 9 is no file on this disk'),
      );
      expect(() => crashStates(initial, [create('x', 10, 9)], model)).toThrow(
        new RangeError('inode 9 is no directory on this disk'),
      );
    }
  });

  test('there are no more of than allowed, and then it is said that there are others', () => {
    const { states, exhaustive } = crashStates(initial, replaced, 'posix', 5);
    expect(states.length).toBe(5);
    expect(exhaustive).toBe(false);
    expect(crashStates(initial, replaced, 'posix', 14).exhaustive).toBe(true);
  });
});
