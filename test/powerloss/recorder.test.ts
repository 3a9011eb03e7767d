import {
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { effectsBetween } from '../../harness/powerloss/difference.ts';
import { diskAt, diskKey, materialise } from '../../harness/powerloss/disk.ts';
import type { Effect } from '../../harness/powerloss/effects.ts';
import { Recorder } from '../../harness/powerloss/recorder.ts';
import { everything, shown } from './support.ts';

let outside: string;
let dir: string;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'collide-test-'));
  dir = join(outside, 'shared');
  mkdirSync(dir);
});

afterEach(() => rmSync(outside, { recursive: true }));

const at = (path: string): string => join(dir, path);

const setUp = (): void => {
  mkdirSync(at('d'));
  writeFileSync(at('d/f'), 'in d');
  writeFileSync(at('a'), 'one');
  linkSync(at('a'), at('b'));
  symlinkSync('a', at('l'));
};

describe('a disk', () => {
  test('is read from a directory, and can be made again', () => {
    setUp();
    chmodSync(at('a'), 0o400);
    const disk = diskAt(dir);
    expect(shown(disk)).toBe('a=one b=one d/ d/f=in d l');
    const copy = join(outside, 'copy');
    mkdirSync(copy);
    materialise(disk, copy);
    expect(diskKey(diskAt(copy))).toBe(diskKey(disk));
    expect(statSync(join(copy, 'a')).ino).toBe(statSync(join(copy, 'b')).ino);
    expect(statSync(join(copy, 'a')).mode & 0o7777).toBe(0o400);
    expect(readFileSync(join(copy, 'l'), 'utf8')).toBe('one');
  });

  test('is made in an empty directory only', () => {
    setUp();
    expect(() => materialise(diskAt(dir), dir)).toThrow('EEXIST');
  });

  test.each<[string, () => void]>([
    ['a content', () => writeFileSync(at('d/f'), 'in D')],
    ['a mode', () => chmodSync(at('a'), 0o600)],
    ['a name', () => renameSync(at('d/f'), at('d/g'))],
    ['where a link leads', () => [unlinkSync(at('l')), symlinkSync('b', at('l'))]],
    ['what is the same file', () => [unlinkSync(at('b')), writeFileSync(at('b'), 'one')]],
    ['an empty directory', () => mkdirSync(at('e'))],
  ])('has another key if another is %s', (_, change) => {
    setUp();
    const before = diskKey(diskAt(dir));
    expect(diskKey(diskAt(dir))).toBe(before);
    change();
    expect(diskKey(diskAt(dir))).not.toBe(before);
  });

  test('is that of a directory', () => {
    setUp();
    expect(() => diskAt(at('a'))).toThrow(new TypeError(`${at('a')} is no directory`));
  });
});

describe('a call', () => {
  let recorder: Recorder;
  let file: (path: string) => number;

  beforeEach(() => {
    setUp();
    recorder = new Recorder(dir);
    file = (path) => recorder.numberOf(statSync(at(path)).ino)!;
  });

  const effectOf = (call: () => void): readonly Effect[] => {
    call();
    return recorder.changes();
  };

  const text = (effects: readonly Effect[]): readonly unknown[] =>
    effects.map((effect) => (effect.kind === 'write' ? { ...effect, bytes: effect.bytes.toString() } : effect));

  test('that changes nothing has no effect', () => {
    expect(effectOf(() => readFileSync(at('a')))).toEqual([]);
  });

  test('that creates a file is an entry that begins', () => {
    const effects = effectOf(() => closeSync(openSync(at('d/new'), 'w', 0o600)));
    const begins = { kind: 'file', mode: 0o600 };
    expect(effects).toEqual([{ kind: 'enter', directory: file('d'), name: 'new', file: file('d/new'), begins }]);
  });

  test('that makes a directory or a link as well', () => {
    const begins = { kind: 'directory' };
    const made = effectOf(() => mkdirSync(at('d/e')));
    expect(made).toEqual([{ kind: 'enter', directory: file('d'), name: 'e', file: file('d/e'), begins }]);
    const [linked] = effectOf(() => symlinkSync('a', at('m')));
    expect(linked).toMatchObject({ kind: 'enter', name: 'm', begins: { kind: 'link', target: 'a' } });
    const [hard] = effectOf(() => linkSync(at('a'), at('c')));
    expect(hard).toEqual({ kind: 'enter', directory: recorder.disk.root, name: 'c', file: file('a') });
  });

  test('that writes is a write of what is different', () => {
    expect(text(effectOf(() => writeFileSync(at('a'), 'oxe')))).toEqual([
      { kind: 'write', file: file('a'), from: 1, bytes: 'x' },
    ]);
    expect(text(effectOf(() => writeFileSync(at('a'), 'oxen')))).toEqual([
      { kind: 'write', file: file('a'), from: 3, bytes: 'n' },
    ]);
  });

  test('that writes beyond the end of a file leaves zeros that nobody wrote', () => {
    const effects = effectOf(() => {
      const fd = openSync(at('a'), 'r+');
      writeSync(fd, 'far', 10);
      closeSync(fd);
    });
    expect(text(effects)).toEqual([{ kind: 'write', file: file('a'), from: 10, bytes: 'far' }]);
  });

  test('that truncates is that, either way', () => {
    expect(effectOf(() => truncateSync(at('a'), 1))).toEqual([{ kind: 'resize', file: file('a'), size: 1 }]);
    expect(effectOf(() => truncateSync(at('a'), 5))).toEqual([{ kind: 'resize', file: file('a'), size: 5 }]);
    expect(effectOf(() => closeSync(openSync(at('a'), 'w')))).toEqual([{ kind: 'resize', file: file('a'), size: 0 }]);
  });

  test('that changes the mode is that', () => {
    expect(effectOf(() => chmodSync(at('a'), 0o600))).toEqual([{ kind: 'mode', file: file('a'), mode: 0o600 }]);
  });

  test('that renames is one move, whatever is replaced', () => {
    const root = recorder.disk.root;
    const from = { directory: file('d'), name: 'f' };
    const number = file('d/f');
    const a = file('a');
    expect(effectOf(() => renameSync(at('d/f'), at('a')))).toEqual([
      { kind: 'move', file: number, from, to: { directory: root, name: 'a' }, replaces: a },
    ]);
    const d = file('d');
    expect(effectOf(() => renameSync(at('d'), at('e')))).toEqual([
      { kind: 'move', file: d, from: { directory: root, name: 'd' }, to: { directory: root, name: 'e' } },
    ]);
  });

  test('may be one of several at once', () => {
    const kinds = (effects: readonly Effect[]): readonly string[] => effects.map(({ kind }) => kind);
    expect(kinds(effectOf(() => [renameSync(at('d/f'), at('d/g')), linkSync(at('d/g'), at('h'))]))).toEqual([
      'move',
      'enter',
    ]);
    expect(kinds(effectOf(() => rmSync(at('d'), { recursive: true })))).toEqual(['remove']);
  });

  test('that removes is that', () => {
    expect(effectOf(() => unlinkSync(at('b')))).toEqual([{ kind: 'remove', directory: recorder.disk.root, name: 'b' }]);
  });

  test('that brings a file in from outside, or out, is an entry and a write, or a removal', () => {
    writeFileSync(join(outside, 'x'), 'from outside');
    expect(effectOf(() => renameSync(join(outside, 'x'), at('x')))).toMatchObject([
      { kind: 'enter', name: 'x' },
      { kind: 'write', from: 0 },
    ]);
    expect(effectOf(() => renameSync(at('x'), join(outside, 'x')))).toMatchObject([{ kind: 'remove', name: 'x' }]);
  });

  test('that writes to a file without a name has no effect', () => {
    const fd = openSync(at('d/f'), 'r+');
    unlinkSync(at('d/f'));
    expect(recorder.changes()).toHaveLength(1);
    ftruncateSync(fd, 0);
    expect(recorder.changes()).toEqual([]);
    closeSync(fd);
  });

  test('that makes a file where the file system uses a number again makes another file', () => {
    const numbers = new Set<number>();
    for (let round = 0; round < 10; round++) {
      writeFileSync(at('again'), `round ${round}`);
      expect(recorder.changes()).toMatchObject([
        { kind: 'enter', begins: { kind: 'file' } },
        { kind: 'write', from: 0 },
      ]);
      numbers.add(file('again'));
      unlinkSync(at('again'));
      recorder.changes();
    }
    expect(numbers.size).toBe(10);
  });

  test('is not missed if it follows another at once', () => {
    for (let round = 0; round < 200; round++) {
      writeFileSync(at('a'), String(1000 + round));
      expect(recorder.changes()).not.toEqual([]);
    }
  });

  test('keeps what it did not change', () => {
    const before = recorder.disk;
    effectOf(() => writeFileSync(at('d/f'), 'x'));
    expect(recorder.disk.inodes.get(file('a'))).toEqual(before.inodes.get(file('a')));
    const [then, now] = [before, recorder.disk].map((disk) => disk.inodes.get(file('a'))!);
    expect(then!.kind === 'file' && now!.kind === 'file' && then!.content === now!.content).toBe(true);
  });
});

describe('whatever is done', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
  const size = fc.constantFrom(0, 1, 3, 5000, 9000);
  const call = fc.oneof(
    fc.record({ call: fc.constant('write' as const), path, from: size, text: fc.constantFrom('x', 'yy', '\0z\0', '') }),
    fc.record({ call: fc.constant('truncate' as const), path, size }),
    fc.record({ call: fc.constantFrom('create', 'mkdir', 'unlink', 'rmdir', 'chmod'), path }),
    fc.record({ call: fc.constantFrom('rename', 'link', 'symlink'), path, to: path }),
  );
  type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

  /** If it is possible; otherwise it fails, and changes nothing. */
  const perform = (call: Call): void => {
    const one = at(call.path);
    try {
      if ('text' in call) {
        const fd = openSync(one, 'r+');
        writeSync(fd, call.text, call.from);
        closeSync(fd);
      } else if ('size' in call) truncateSync(one, call.size);
      else if ('to' in call) {
        if (call.call === 'rename') renameSync(one, at(call.to));
        else if (call.call === 'link') linkSync(one, at(call.to));
        else symlinkSync(call.to, one);
      } else if (call.call === 'create') closeSync(openSync(one, 'w'));
      else if (call.call === 'mkdir') mkdirSync(one);
      else if (call.call === 'unlink') unlinkSync(one);
      else if (call.call === 'rmdir') rmdirSync(one);
      else if (statSync(one).isFile()) chmodSync(one, 0o600);
    } catch {}
  };

  const afresh = (): void => {
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
  };

  test('the effects of the calls lead from the first disk to the last, and one call has few', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        afresh();
        const recorder = new Recorder(dir);
        const effects: Effect[] = [];
        for (const call of calls) {
          perform(call);
          const changes = recorder.changes();
          expect(changes.length).toBeLessThanOrEqual(1);
          effects.push(...changes);
          expect(diskKey(everything(recorder.initial, effects))).toBe(diskKey(diskAt(dir)));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the effects of many calls at once lead there, too', () => {
    fc.assert(
      fc.property(fc.array(fc.array(call, { maxLength: 12 }), { maxLength: 4 }), (rounds) => {
        afresh();
        const recorder = new Recorder(dir);
        const effects: Effect[] = [];
        for (const calls of rounds) {
          for (const call of calls) perform(call);
          effects.push(...recorder.changes());
        }
        expect(diskKey(everything(recorder.initial, effects))).toBe(diskKey(diskAt(dir)));
      }),
      { numRuns: 300 },
    );
  });

  test('what is made of a disk is that disk', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        afresh();
        for (const call of calls) perform(call);
        const copy = mkdtempSync(join(outside, 'copy-'));
        const disk = diskAt(dir);
        materialise(disk, copy);
        expect(diskKey(diskAt(copy))).toBe(diskKey(disk));
        expect(effectsBetween(disk, disk)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
