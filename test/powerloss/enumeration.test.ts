import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PowerModel } from '../../harness/faults/plan.ts';
import { crashStates, models } from '../../harness/powerloss/crash-states.ts';
import { type Disk, diskKey } from '../../harness/powerloss/disk.ts';
import type { Effect } from '../../harness/powerloss/effects.ts';
import { EVERY_MAX, everySet, rounds } from '../../harness/powerloss/survivors.ts';
import { bruteForce, ext4Allows, posixAllows, trials } from './brute-force.ts';
import { sequences, start } from './sequences.ts';
import {
  acknowledged,
  create,
  diskOf,
  everything,
  keysOf,
  mkdir,
  move,
  ROOT,
  remove,
  shown,
  sync,
  write,
} from './support.ts';

const both = ['posix', 'ext4'] as const;

describe.each(both)('whatever happens, by %s', (model) => {
  test('the states are those of brute force', () => {
    const allows = model === 'posix' ? posixAllows : ext4Allows;
    fc.assert(
      fc.property(sequences(6), fc.nat(6), (sequence, at) => {
        const effects = sequence.toSpliced(at, 0, acknowledged());
        const { states, exhaustive } = crashStates(start, effects, model);
        fc.pre(exhaustive && trials(start, effects) <= 5000);
        expect(keysOf(states)).toEqual(bruteForce(start, effects, allows));
      }),
      { numRuns: 200 },
    );
  });

  test('all may be there, and if nothing was synced, nothing', () => {
    fc.assert(
      fc.property(sequences(30, false), (effects) => {
        const keys = keysOf(crashStates(start, effects, model).states);
        expect(keys).toContain(`0 ${diskKey(start)}`);
        expect(keys).toContain(`0 ${diskKey(everything(start, effects))}`);
      }),
    );
  });

  test('where nothing was lost, the disk is as it was for the sessions', () => {
    fc.assert(
      fc.property(sequences(30), (effects) => {
        for (const { disk, lost, after } of crashStates(start, effects, model).states) {
          if (lost.length > 0) break;
          expect(diskKey(disk)).toBe(diskKey(everything(start, effects.slice(0, after))));
        }
      }),
    );
  });

  test('a sync of everything leaves one state', () => {
    fc.assert(
      fc.property(sequences(30), (effects) => {
        const last = everything(start, effects);
        const syncs = [...last.inodes.keys()].map(sync);
        const all = [...effects, ...syncs, acknowledged()];
        const states = crashStates(start, all, model).states.filter(({ acknowledged }) => acknowledged.length === 1);
        expect(states.map(({ disk }) => diskKey(disk))).toEqual([diskKey(last)]);
      }),
    );
  });

  test('no state comes twice, and the enumeration is the same each time', () => {
    fc.assert(
      fc.property(sequences(20), (effects) => {
        const once = crashStates(start, effects, model);
        expect(new Set(keysOf(once.states)).size).toBe(once.states.length);
        const again = crashStates(start, effects, model);
        expect(again.exhaustive).toBe(once.exhaustive);
        expect(again.states.map(({ words }) => words)).toEqual(once.states.map(({ words }) => words));
      }),
      { numRuns: 30 },
    );
  });

  test('where there are too many, all that are tried are possible', () => {
    fc.assert(
      fc.property(sequences(12), (effects) => {
        const units = models[model](start, effects);
        const moment = { issued: effects.length, units: units.length, since: 0 };
        const every = new Set(everySet(units, moment)?.map((set) => set.join('')));
        fc.pre(every.size > 0);
        for (const round of rounds) for (const set of round(units, moment)) expect(every).toContain(set.join(''));
      }),
    );
  });
});

test('what ext4 may leave, POSIX allows', () => {
  fc.assert(
    fc.property(sequences(8), fc.nat(8), (sequence, at) => {
      const effects = sequence.toSpliced(at, 0, acknowledged());
      const allowed = crashStates(start, effects, 'posix', 100_000);
      fc.pre(allowed.exhaustive);
      const keys = new Set(keysOf(allowed.states));
      for (const key of keysOf(crashStates(start, effects, 'ext4').states)) expect(keys).toContain(key);
    }),
    { numRuns: 200 },
  );
});

describe('many effects', () => {
  const page = (fill: number): string => String.fromCharCode(97 + (fill % 26)).repeat(4096);

  /** Twenty frames are appended to a log of a database, each a header and a page; then the log is synced. */
  const wal = (): { readonly initial: Disk; readonly effects: readonly Effect[] } => {
    const initial = diskOf({ db: page(0).repeat(20), wal: 'h'.repeat(32) });
    const effects = Array.from({ length: 20 }, (_, frame) => [
      write(3, 'f'.repeat(24), 32 + frame * 4120),
      write(3, page(frame), 56 + frame * 4120),
    ]).flat();
    return { initial, effects: [...effects, sync(3), acknowledged('commit')] };
  };

  /** Objects are written under another name and renamed, then the index and a reference are replaced. */
  const commit = (withSync: boolean): { readonly initial: Disk; readonly effects: readonly Effect[] } => {
    const initial = diskOf({ index: 'index 1', master: 'commit 1', HEAD: 'ref: master' });
    const effects: Effect[] = [];
    for (let object = 0; object < 8; object++) {
      const [directory, file] = [100 + object, 200 + object];
      const to = { directory, name: 'object' };
      effects.push(mkdir(`0${object}`, directory), create(`tmp_${object}`, file, directory));
      effects.push(write(file, `object ${object}`), ...(withSync ? [sync(file)] : []));
      effects.push({ kind: 'move', file, from: { directory, name: `tmp_${object}` }, to });
    }
    for (const [file, name, old] of [
      [300, 'index', 2],
      [301, 'master', 3],
    ] as const) {
      effects.push(create(`${name}.lock`, file), write(file, `${name} 2`), ...(withSync ? [sync(file)] : []));
      effects.push(move(file, `${name}.lock`, name, old));
    }
    effects.push(create('COMMIT_EDITMSG', 302), write(302, 'message'), remove('HEAD'), acknowledged('commit'));
    return { initial, effects };
  };

  const large: readonly [string, { readonly initial: Disk; readonly effects: readonly Effect[] }][] = [
    ['a log of a database', wal()],
    ['a commit', commit(false)],
    ['a commit with fsync of files', commit(true)],
  ];

  test.each(
    large.flatMap(([name, { initial, effects }]) => both.map((model) => [name, model, initial, effects] as const)),
  )('of %s leave by %s no more states than can be tried', (name, model, initial, effects) => {
    const { states, exhaustive } = crashStates(initial, effects, model);
    expect(states.length).toBeGreaterThan(20);
    expect(states.length).toBeLessThanOrEqual(4000);
    expect(exhaustive).toBe(model === 'ext4' && name !== 'a commit');
  });

  test('by posix include the worst: names without data', () => {
    const { initial, effects } = commit(false);
    const { states } = crashStates(initial, effects, 'posix');
    const worst = states.map(({ disk }) => shown(disk)).find((line) => / index= master=$/.test(line));
    expect(worst).toMatch(/00\/object= /);
  });

  test('by posix include that all is there but what was written to one file', () => {
    const others = Array.from({ length: 12 }, (_, file) => [
      create(`f${file}`, 10 + file),
      write(10 + file, 'x'),
    ]).flat();
    const lines = [create('log', 30), write(30, 'one'), write(30, 'two', 3), write(30, 'three', 6), ...others];
    const { states } = crashStates(diskOf({}), lines, 'posix');
    expect(states.map(({ disk }) => shown(disk))).toContain(`${shown(everything(diskOf({}), others))} log=`);
  });

  test('as many as are tried in full are, and no more', () => {
    const independent = (count: number): readonly Effect[] =>
      Array.from({ length: count }, (_, file) => create(`f${file}`, 10 + file));
    const states = (count: number, model: PowerModel) => crashStates(diskOf({}), independent(count), model);
    expect(states(10, 'posix').exhaustive).toBe(true);
    expect(states(10, 'posix').states.length).toBe(EVERY_MAX);
    expect(states(11, 'posix').exhaustive).toBe(false);
    expect(states(11, 'posix').states.length).toBeGreaterThan(50);
    expect(states(50, 'ext4').exhaustive).toBe(true);
    expect(states(50, 'ext4').states.length).toBe(51);
  });

  test('that are synced one by one can be many', () => {
    const effects = Array.from({ length: 100 }, (_, file) => [
      create(`f${file}`, 10 + file),
      write(10 + file, 'x'),
      sync(10 + file),
      sync(ROOT),
    ]).flat();
    const count = (model: PowerModel): number => crashStates(diskOf({}), effects, model).states.length;
    expect(count('posix')).toBe(1 + 3 * 100); // empty, a zero, or with its data
    expect(count('ext4')).toBe(1 + 2 * 100);
  });
});
