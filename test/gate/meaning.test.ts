/** What calls mean, against what the file system does when they are made. */

import { mkdirSync, mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Holdings } from '../../harness/gate/holdings.ts';
import { type Meaning, meaningOf } from '../../harness/gate/meaning.ts';
import { OUTSIDE, type Request } from '../../harness/gate/request.ts';
import { Resource } from '../../harness/gate/resource.ts';
import { dependent, type Step } from '../../harness/history/step.ts';
import { type Ending, type Entry, furnish, listing, type Ready, ready, type SmallCall } from '../support/gate-calls.ts';

const unmasked = (path: string): string => path;

let outside: string;
let root: string;
let resource: Resource;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'collide-test-'));
  root = join(outside, 'resource');
  mkdirSync(root);
  resource = new Resource(root);
});

afterEach(() => rmSync(outside, { recursive: true }));

const meaning = (request: Request, holdings = new Holdings()): Meaning =>
  meaningOf(request, resource, unmasked, holdings);

const meaningOfCall = (call: SmallCall): Meaning => {
  const { request, close } = ready(call, root)!;
  const found = meaning(request);
  close();
  return found;
};

/** `r:entry ./a`, `w:inode a 0-5` */
const inWords = ({ error, accesses, creates }: Meaning): readonly string[] => [
  ...(error === undefined ? [] : [error]),
  ...accesses.map(({ mode, object, from, to }) => `${mode[0]}:${object}${from === undefined ? '' : ` ${from}-${to}`}`),
  ...(creates === undefined ? [] : [`creates ${creates}`]),
];

/** A file with two names, one below a directory, a directory in it and one beside it, and links to a file and to a directory. */
const furniture: readonly Entry[] = [
  ['a', 'f', 'hello'],
  ['d', 'd'],
  ['d/f', 'f', 'deep'],
  ['d/e', 'd'],
  ['to-a', 'l', 'a'],
  ['to-d', 'l', 'd'],
  ['b', 'h', 'a'],
  ['g', 'd'],
  ['empty', 'f', ''],
];

describe('where all is there', () => {
  beforeEach(() => furnish(root, furniture));

  test.each<readonly [SmallCall, readonly string[]]>([
    [{ do: 'open', path: 'a', flags: [] }, ['r:entry ./a', 'r:mode a']],
    [{ do: 'open', path: 'd/f', flags: [] }, ['r:entry ./d', 'r:entry d/f', 'r:mode d/f']],
    [{ do: 'open', path: 'a', flags: ['CREAT'] }, ['r:entry ./a', 'r:mode a']],
    [{ do: 'open', path: 'a', flags: ['CREAT', 'EXCL'] }, ['EEXIST', 'r:entry ./a']],
    [{ do: 'open', path: 'a', flags: ['CREAT', 'TRUNC'] }, ['r:entry ./a', 'r:mode a', 'w:inode a', 'a:status a']],
    [{ do: 'open', path: 'a', flags: ['TRUNC'] }, ['r:entry ./a', 'r:mode a', 'w:inode a', 'a:status a']],
    [
      { do: 'open', path: 'empty', flags: ['TRUNC'] },
      ['r:entry ./empty', 'r:mode empty', 'r:inode empty', 'a:status empty'],
    ],
    [
      { do: 'open', path: 'to-a', flags: ['TRUNC'] },
      ['r:entry ./to-a', 'r:entry ./a', 'r:mode a', 'w:inode a', 'a:status a'],
    ],
    [{ do: 'open', path: 'to-a', flags: ['CREAT', 'EXCL'] }, ['EEXIST', 'r:entry ./to-a']],
    [{ do: 'stat', path: 'a' }, ['r:entry ./a', 'r:inode a', 'r:status a', 'r:mode a', 'r:times a']],
    [
      { do: 'stat', path: 'd/e' },
      ['r:entry ./d', 'r:entry d/e', 'r:names d/e', 'r:status d/e', 'r:mode d/e', 'r:times d/e'],
    ],
    [
      { do: 'stat', path: 'to-a' },
      ['r:entry ./to-a', 'r:entry ./a', 'r:inode a', 'r:status a', 'r:mode a', 'r:times a'],
    ],
    [
      { do: 'stat', path: 'to-d' },
      ['r:entry ./to-d', 'r:entry ./d', 'r:names d', 'r:status d', 'r:mode d', 'r:times d'],
    ],
    [{ do: 'lstat', path: 'to-a' }, ['r:entry ./to-a', 'r:inode to-a', 'r:status to-a', 'r:mode to-a', 'r:times to-a']],
    [{ do: 'access', path: 'a' }, ['r:entry ./a']],
    [{ do: 'executable', path: 'a' }, ['r:entry ./a', 'r:mode a']],
    [{ do: 'readlink', path: 'to-a' }, ['r:entry ./to-a']],
    [{ do: 'unlink', path: 'a' }, ['w:entry ./a', 'a:names .', 'a:status a']],
    [{ do: 'unlink', path: 'to-a' }, ['w:entry ./to-a', 'a:names .', 'a:status to-a']],
    [{ do: 'unlink', path: 'd/f' }, ['r:entry ./d', 'w:entry d/f', 'a:names d', 'a:status d/f']],
    [{ do: 'unlink', path: 'd' }, ['EISDIR', 'r:entry ./d']],
    [{ do: 'mkdir', path: 'd' }, ['EEXIST', 'r:entry ./d']],
    [{ do: 'mkdir', path: 'd/new' }, ['r:entry ./d', 'w:entry d/new', 'a:names d', 'creates d/new']],
    [{ do: 'rmdir', path: 'd/e' }, ['r:entry ./d', 'w:entry d/e', 'a:names d', 'w:names d/e']],
    [{ do: 'rmdir', path: 'd' }, ['ENOTEMPTY', 'r:entry ./d', 'r:names d']],
    [{ do: 'rmdir', path: 'a' }, ['ENOTDIR', 'r:entry ./a']],
    [{ do: 'symlink', path: 'a', target: 'x' }, ['EEXIST', 'r:entry ./a']],
    [
      { do: 'rename', path: 'a', to: 'd/f' },
      ['w:entry ./a', 'a:names .', 'r:entry ./d', 'w:entry d/f', 'a:names d', 'a:status a', 'a:status d/f'],
    ],
    [{ do: 'rename', path: 'a', to: 'd' }, ['EISDIR', 'r:entry ./a', 'r:entry ./d']],
    [{ do: 'rename', path: 'd', to: 'a' }, ['ENOTDIR', 'r:entry ./d', 'r:entry ./a']],
    [{ do: 'rename', path: 'g', to: 'd' }, ['ENOTEMPTY', 'r:entry ./g', 'r:entry ./d', 'r:names d']],
    [
      { do: 'rename', path: 'g', to: 'd/e' },
      [
        'w:entry ./g',
        'a:names .',
        'r:entry ./d',
        'w:entry d/e',
        'a:names d',
        'a:status g',
        'a:status d/e',
        'w:names d/e',
      ],
    ],
    [{ do: 'rename', path: 'a', to: 'b' }, ['r:entry ./a', 'r:entry ./b']],
    [{ do: 'link', path: 'a', to: 'c' }, ['r:entry ./a', 'a:status a', 'w:entry ./c', 'a:names .']],
    [{ do: 'link', path: 'd', to: 'c' }, ['EPERM', 'r:entry ./d', 'r:entry ./c']],
    [{ do: 'link', path: 'a', to: 'd' }, ['EEXIST', 'r:entry ./a', 'r:entry ./d']],
    [{ do: 'truncate', path: 'a', value: 0 }, ['r:entry ./a', 'r:mode a', 'w:inode a', 'a:status a']],
    [{ do: 'chmod', path: 'a', value: 0o600 }, ['r:entry ./a', 'w:mode a', 'a:status a']],
    [{ do: 'chmod', path: 'd', value: 0o700 }, ['r:entry ./d', 'w:mode d', 'a:status d', 'w:entry ./d']],
    [{ do: 'touch', path: 'a' }, ['r:entry ./a', 'r:mode a', 'a:status a']],
    [{ do: 'date', path: 'a', value: 1 }, ['r:entry ./a', 'r:mode a', 'w:status a']],
    [{ do: 'date', path: 'd', value: 1 }, ['r:entry ./d', 'r:mode d', 'w:status d', 'w:names d']],
    [{ do: 'fstat', at: 'a' }, ['r:inode a', 'r:status a', 'r:mode a', 'r:times a']],
    [{ do: 'read', at: 'a' }, ['r:inode a']],
    [{ do: 'pread', at: 'a', from: 1, bytes: 2 }, ['r:inode a 1-3']],
    [{ do: 'write', at: 'a', text: 'x' }, ['w:inode a', 'a:status a']],
    [{ do: 'pwrite', at: 'a', from: 3, text: 'xy' }, ['w:inode a 3-5', 'a:status a']],
    [{ do: 'pwrite', at: 'a', from: 4, text: 'xy' }, ['w:inode a', 'a:status a']],
    [{ do: 'ftruncate', at: 'a', value: 0 }, ['w:inode a', 'a:status a']],
    [{ do: 'fchmod', at: 'a', value: 0o600 }, ['w:mode a', 'a:status a']],
    [{ do: 'list', at: '' }, ['r:names .']],
    [{ do: 'list', at: 'd' }, ['r:names d']],
    [{ do: 'list', at: 'to-d' }, ['r:names to-d']],
  ])('%j', (call, expected) => {
    expect(inWords(meaningOfCall(call))).toEqual(expected);
  });

  test('through a link to a directory, the entry is that of the directory, under the name it was first met by', () => {
    expect(inWords(meaningOfCall({ do: 'stat', path: 'd/f' }))).toContain('r:entry d/f');
    expect(inWords(meaningOfCall({ do: 'unlink', path: 'to-d/f' }))).toEqual(
      expect.arrayContaining(['r:entry ./to-d', 'w:entry d/f', 'a:names d']),
    );
    const { make } = ready({ do: 'rename', path: 'd', to: 'moved' }, root)!;
    make();
    expect(inWords(meaningOfCall({ do: 'stat', path: 'moved/f' }))).toContain('r:entry d/f');
  });

  test('who goes through a link to a directory depends on where the directory is', () => {
    expect(inWords(meaningOfCall({ do: 'stat', path: 'to-d/f' }))).toContain('r:entry ./d');
  });

  test('all links of a chain are read', () => {
    furnish(root, [['twice', 'l', 'to-a']]);
    expect(inWords(meaningOfCall({ do: 'open', path: 'twice', flags: [] }))).toEqual([
      'r:entry ./twice',
      'r:entry ./to-a',
      'r:entry ./a',
      'r:mode a',
    ]);
  });

  test('a link that leads outside is read, and no more is known', () => {
    writeFileSync(join(outside, 'other'), '');
    furnish(root, [['away', 'l', join(outside, 'other')]]);
    const { error, accesses } = meaningOfCall({ do: 'open', path: 'away', flags: [] });
    expect({ error, accesses }).toEqual({ error: undefined, accesses: [{ object: 'entry ./away', mode: 'read' }] });
  });

  test('a path that goes on below a file, or round in circles, leads nowhere', () => {
    furnish(root, [['loop', 'l', 'loop']]);
    for (const path of ['a/below', 'loop/below', 'loop']) {
      const all: readonly SmallCall[] = [
        { do: 'open', path, flags: ['CREAT'] },
        { do: 'stat', path },
        { do: 'unlink', path: `${path}/x` },
        { do: 'mkdir', path: `${path}/x` },
        { do: 'rename', path: 'd', to: `${path}/x` },
      ];
      for (const call of all) {
        const { accesses } = meaningOfCall(call);
        expect(accesses.map(({ object }) => object)).toContain(path.startsWith('a') ? 'entry ./a' : 'entry ./loop');
      }
    }
  });

  test('a directory that is met under a name that differs from execution to execution is labelled by its mask', () => {
    mkdirSync(join(root, 'tmp.4711'));
    const request: Request = { call: 'stat', path: 'tmp.4711/file', flags: [], follows: true };
    const { accesses } = meaningOf(request, resource, (path) => path.replace('4711', '%'), new Holdings());
    expect(accesses.at(-1)?.object).toBe('entry tmp.%/file');
  });

  test('all names of a file are one inode', () => {
    expect(inWords(meaningOfCall({ do: 'write', at: 'a', text: 'x' }))).toEqual(['w:inode a', 'a:status a']);
    expect(inWords(meaningOfCall({ do: 'read', at: 'b' }))).toEqual(['r:inode a']);
  });

  test('a file keeps its identity when it is renamed', () => {
    meaningOfCall({ do: 'read', at: 'a' });
    const { make } = ready({ do: 'rename', path: 'a', to: 'd/moved' }, root)!;
    make();
    expect(inWords(meaningOfCall({ do: 'read', at: 'd/moved' }))).toEqual(['r:inode a']);
  });

  test('a file that was replaced has another identity', () => {
    meaningOfCall({ do: 'read', at: 'a' });
    unlinkSync(join(root, 'a'));
    writeFileSync(join(root, 'a'), '');
    resource.relabel(statSync(join(root, 'a')).ino, 'a');
    expect(inWords(meaningOfCall({ do: 'read', at: 'a' }))).toEqual(['r:inode a~1']);
  });
});

describe('where nothing is', () => {
  beforeEach(() => furnish(root, [['nowhere', 'l', 'missing']]));

  test.each<readonly [SmallCall, readonly string[]]>([
    [{ do: 'open', path: 'a', flags: [] }, ['ENOENT', 'r:entry ./a']],
    [{ do: 'open', path: 'a', flags: ['CREAT'] }, ['w:entry ./a', 'a:names .', 'creates a']],
    [{ do: 'open', path: 'a', flags: ['CREAT', 'EXCL'] }, ['w:entry ./a', 'a:names .', 'creates a']],
    [{ do: 'stat', path: 'a' }, ['ENOENT', 'r:entry ./a']],
    [{ do: 'access', path: 'a' }, ['ENOENT', 'r:entry ./a']],
    [{ do: 'readlink', path: 'a' }, ['ENOENT', 'r:entry ./a']],
    [{ do: 'unlink', path: 'a' }, ['ENOENT', 'r:entry ./a']],
    [{ do: 'mkdir', path: 'a' }, ['w:entry ./a', 'a:names .', 'creates a']],
    [{ do: 'rmdir', path: 'a' }, ['ENOENT', 'r:entry ./a']],
    [{ do: 'symlink', path: 'a', target: 'x' }, ['w:entry ./a', 'a:names .', 'creates a']],
    [{ do: 'truncate', path: 'a', value: 0 }, ['ENOENT', 'r:entry ./a']],
    [{ do: 'chmod', path: 'a', value: 0o600 }, ['ENOENT', 'r:entry ./a']],
    [{ do: 'unlink', path: 'nowhere' }, ['w:entry ./nowhere', 'a:names .', 'a:status nowhere']],
    [
      { do: 'lstat', path: 'nowhere' },
      ['r:entry ./nowhere', 'r:inode nowhere', 'r:status nowhere', 'r:mode nowhere', 'r:times nowhere'],
    ],
    [{ do: 'open', path: 'nowhere', flags: ['CREAT', 'EXCL'] }, ['EEXIST', 'r:entry ./nowhere']],
  ])('%j', (call, expected) => {
    expect(inWords(meaningOfCall(call))).toEqual(expected);
  });

  test.each<SmallCall>([
    { do: 'open', path: 'd/a', flags: ['CREAT'] },
    { do: 'lstat', path: 'd/a' },
    { do: 'mkdir', path: 'd/a' },
    { do: 'rename', path: 'd', to: 'b' },
    { do: 'rename', path: 'd/a', to: 'b' },
    { do: 'link', path: 'd', to: 'b' },
  ])('%j looks for what is not there, and changes nothing', (call) => {
    const { error, accesses, creates } = meaningOfCall(call);
    expect({ error, creates }).toEqual({ error: 'ENOENT', creates: undefined });
    expect(accesses.every((access) => access.mode === 'read')).toBe(true);
    expect(accesses).toContainEqual({ object: 'entry ./d', mode: 'read' });
  });

  test('a link that leads nowhere is followed to where it would lead', () => {
    expect(inWords(meaningOfCall({ do: 'stat', path: 'nowhere' }))).toEqual([
      'ENOENT',
      'r:entry ./nowhere',
      'r:entry ./missing',
    ]);
    expect(inWords(meaningOfCall({ do: 'open', path: 'nowhere', flags: ['CREAT'] }))).toEqual([
      'r:entry ./nowhere',
      'w:entry ./missing',
      'a:names .',
      'creates missing',
    ]);
  });
});

describe('what is no matter of a single path', () => {
  const bare = (call: Request['call'], extras: Partial<Request> = {}): readonly string[] =>
    inWords(meaning({ call, path: '', flags: [], follows: false, ...extras }));

  test('syncing and sleeping touch nothing', () => {
    expect([bare('sync'), bare('sleep')]).toEqual([[], []]);
  });

  test('locks belong to the inode; an exit gives all back that its session holds', () => {
    furnish(root, [['a', 'f', '']]);
    const { request, close } = ready({ do: 'fstat', at: 'a' }, root)!;
    for (const call of ['lock', 'trylock', 'unlock', 'close'] as const) {
      expect(inWords(meaning({ ...request, call }))).toEqual(['w:lock a']);
    }
    close();
    const exit: Request = { call: 'exit', path: '', flags: [], follows: false };
    const holdings = new Holdings();
    for (const [ino, label] of [
      [1, 'a'],
      [2, 'b'],
    ] as const) {
      const file = { path: label, ino, sizeNow: () => 0 };
      holdings.took({ call: 'lock', path: label, flags: [], follows: true, file }, label, { owner: '1', has: false });
    }
    expect(inWords(meaning(exit, holdings))).toEqual(['w:lock a', 'w:lock b']);
    expect(inWords(meaning(exit))).toEqual([]);
  });

  test('a copy reads one file and writes the other; what lies outside is not looked at', () => {
    furnish(root, [
      ['a', 'f', ''],
      ['b', 'f', ''],
    ]);
    const [from, to] = ['a', 'b'].map((at) => ready({ do: 'fstat', at }, root)!) as [Ready, Ready];
    const file = from.request.file!;
    const copiesTo = to.request.file!;
    expect(bare('copy', { path: 'a', to: 'b', file, copiesTo })).toEqual(['r:inode a', 'w:inode b', 'a:status b']);
    expect(bare('copy', { path: 'a', to: OUTSIDE, file })).toEqual(['r:inode a']);
    expect(bare('copy', { path: OUTSIDE, to: 'b', copiesTo })).toEqual(['w:inode b', 'a:status b']);
    for (const { close } of [from, to]) close();
  });

  test('what is moved in or out changes one entry', () => {
    furnish(root, [['a', 'f', '']]);
    expect(bare('rename', { path: 'a', to: OUTSIDE })).toEqual(['w:entry ./a', 'a:names .', 'a:status a']);
    expect(bare('rename', { path: OUTSIDE, to: 'b' })).toEqual(['w:entry ./b', 'a:names .']);
    expect(bare('link', { path: 'a', to: OUTSIDE })).toEqual(['r:entry ./a', 'a:status a']);
    expect(bare('link', { path: OUTSIDE, to: 'b' })).toEqual(['w:entry ./b', 'a:names .']);
  });

  test('a rename that must not replace only looks where there is something', () => {
    furnish(root, [
      ['a', 'f', ''],
      ['b', 'f', ''],
    ]);
    const flags = ['NOREPLACE'];
    expect(bare('rename', { path: 'a', to: 'b', flags })).toEqual(['EEXIST', 'r:entry ./a', 'r:entry ./b']);
    expect(bare('rename', { path: 'a', to: 'c', flags })).toEqual([
      'w:entry ./a',
      'a:names .',
      'w:entry ./c',
      'a:names .',
      'a:status a',
    ]);
  });
});

/** Few names, so that calls meet. */
const path = fc.constantFrom('a', 'b', 'd', 'e', 'd/a', 'd/b', 'd/e', 'd/e/a', 'l', 'l/a', 'm');
const target = fc.constantFrom('a', 'd', 'd/a', 'e', 'l', 'm', 'missing', 'd/../a');
const text = fc.constantFrom('', 'x', 'one', 'a longer one');
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.tuple(path, fc.constant('f' as const), text),
  fc.tuple(path, fc.constant('f' as const), text),
  fc.tuple(path, fc.constant('d' as const)),
  fc.tuple(path, fc.constant('l' as const), target),
  fc.tuple(path, fc.constant('h' as const), path),
);
const mode = fc.constantFrom(0o600, 0o644, 0o755);
const smallCall: fc.Arbitrary<SmallCall> = fc.oneof(
  fc.record({
    do: fc.constant('open' as const),
    path,
    flags: fc.constantFrom<('CREAT' | 'EXCL' | 'TRUNC')[]>(
      [],
      ['CREAT'],
      ['CREAT', 'EXCL'],
      ['CREAT', 'TRUNC'],
      ['TRUNC'],
    ),
  }),
  fc.record({ do: fc.constantFrom('stat' as const, 'lstat' as const, 'access' as const, 'executable' as const), path }),
  fc.record({ do: fc.constantFrom('readlink' as const, 'touch' as const), path }),
  fc.record({ do: fc.constant('date' as const), path, value: fc.constantFrom(1, 2) }),
  fc.record({ do: fc.constantFrom('unlink' as const, 'mkdir' as const, 'rmdir' as const), path }),
  fc.record({ do: fc.constantFrom('rename' as const, 'link' as const), path, to: path }),
  fc.record({ do: fc.constant('symlink' as const), path, target }),
  fc.record({ do: fc.constant('truncate' as const), path, value: fc.nat(8) }),
  fc.record({ do: fc.constant('chmod' as const), path, value: mode }),
  fc.record({ do: fc.constantFrom('fstat' as const, 'list' as const, 'read' as const), at: path }),
  fc.record({ do: fc.constant('pread' as const), at: path, from: fc.nat(4), bytes: fc.nat(4) }),
  fc.record({ do: fc.constant('pwrite' as const), at: path, from: fc.nat(4), text }),
  fc.record({ do: fc.constant('write' as const), at: path, text }),
  fc.record({ do: fc.constant('ftruncate' as const), at: path, value: fc.nat(8) }),
  fc.record({ do: fc.constant('fchmod' as const), at: path, value: mode }),
);
const state = fc.array(entry, { maxLength: 8 });

/** A fresh directory with these entries, and the calls about to be made on it. Undefined where a call can't be. */
function stageOf(
  name: string,
  entries: readonly Entry[],
  calls: readonly SmallCall[],
): { readonly root: string; readonly calls: readonly Ready[] } | undefined {
  const stage = join(outside, name);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage);
  furnish(stage, entries);
  const made = calls.map((call) => ready(call, stage));
  if (made.every((one) => one !== undefined)) return { root: stage, calls: made };
  for (const one of made) one?.close();
  return undefined;
}

const stepOf = (session: number, { request }: Ready, in_: Resource): Step => ({
  session,
  operation: 0,
  call: request.call,
  path: request.path,
  accesses: meaningOf(request, in_, unmasked, new Holdings()).accesses,
});

describe('in any small directory', () => {
  test('a call that means an error ends with it; one that means none finds what it needs', () => {
    fc.assert(
      fc.property(state, smallCall, (entries, call) => {
        const stage = stageOf('one', entries, [call]);
        fc.pre(stage !== undefined);
        const [only] = stage.calls as readonly [Ready];
        const { error } = meaningOf(only.request, new Resource(stage.root), unmasked, new Holdings());
        const end = only.make();
        only.close();
        const code = 'error' in end ? end.error : undefined;
        // Others, such as EISDIR, are not foreseen: who gets them has looked at the same things all the same.
        const foreseen = code === 'ENOENT' || code === 'EEXIST' ? code : undefined;
        if (error !== undefined || foreseen !== undefined) expect(code).toBe(error);
      }),
      { numRuns: 400 },
    );
  });

  test('two calls that touch nothing in common, or only look, can change places', () => {
    fc.assert(
      fc.property(state, smallCall, smallCall, (entries, first, second) => {
        const run = (name: string, order: readonly [0 | 1, 0 | 1]): unknown => {
          const stage = stageOf(name, entries, [first, second]);
          fc.pre(stage !== undefined);
          const [one, two] = stage.calls as readonly [Ready, Ready];
          const in_ = new Resource(stage.root);
          const independent = !dependent(stepOf(0, one, in_), stepOf(1, two, in_));
          const ends: Ending[] = [];
          if (independent) for (const at of order) ends[at] = stage.calls[at]!.make();
          for (const { close } of stage.calls) close();
          fc.pre(independent);
          return { ends, listing: listing(stage.root) };
        };
        expect(run('one', [0, 1])).toEqual(run('other', [1, 0]));
      }),
      { numRuns: 600 },
    );
  });
});
