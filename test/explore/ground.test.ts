import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ground } from '../../harness/explore/ground.ts';
import { scenario } from '../support/scenario.ts';

let outside: string;
let root: string;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'collide-test-'));
  root = join(outside, 'resource');
  mkdirSync(root);
});

afterEach(() => rmSync(outside, { recursive: true }));

/** All that is below the root, with its kind and content. */
function listing(): Record<string, string> {
  const entries = readdirSync(root, { withFileTypes: true, recursive: true }).map((entry): [string, string] => {
    const path = join(entry.parentPath, entry.name);
    const what = entry.isSymbolicLink()
      ? `link to ${readlinkSync(path)}`
      : entry.isDirectory()
        ? 'directory'
        : `file ${readFileSync(path, 'utf8')}`;
    return [path.slice(root.length + 1), what];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const setup = (dir: string): void => {
  mkdirSync(join(dir, 'logs', 'old'), { recursive: true });
  writeFileSync(join(dir, 'state.json'), '{}');
  writeFileSync(join(dir, 'logs', 'a.log'), 'one\n');
};

const fresh = { logs: 'directory', 'logs/a.log': 'file one\n', 'logs/old': 'directory', 'state.json': 'file {}' };

/** A ground on which one execution is about to begin. */
function ready(prepare = setup): Ground {
  const ground = new Ground(root);
  ground.prepare(scenario({ setup: prepare }));
  ground.restore();
  return ground;
}

describe('before the first execution', () => {
  test('all that was there is lost', () => {
    mkdirSync(join(root, 'directory'));
    writeFileSync(join(root, 'directory', 'file'), 'old');
    symlinkSync('directory', join(root, 'link'));
    ready();
    expect(listing()).toEqual(fresh);
  });

  test('what a link points to is not', () => {
    writeFileSync(join(outside, 'precious'), '');
    mkdirSync(join(outside, 'directory'));
    symlinkSync('../precious', join(root, 'file'));
    symlinkSync('../directory', join(root, 'directory'));
    ready();
    expect(readdirSync(outside).sort()).toEqual(['directory', 'precious', 'resource']);
  });
});

test('the leftovers are the files, by their path, with their content', () => {
  const ground = ready();
  writeFileSync(join(root, 'logs', 'old', 'b.log'), 'zwölf');
  unlinkSync(join(root, 'state.json'));
  expect(ground.leftovers()).toEqual({ 'logs/a.log': 'one\n', 'logs/old/b.log': 'zwölf' });
});

describe('after an execution, all is as it was before', () => {
  test.each<[string, (at: (path: string) => string) => void]>([
    ['nothing was done', () => {}],
    ['a file was written', (at) => writeFileSync(at('state.json'), '{"a":1}')],
    ['a file was emptied', (at) => writeFileSync(at('state.json'), '')],
    ['a file was added', (at) => writeFileSync(at('logs/b.log'), '')],
    ['a file was removed', (at) => unlinkSync(at('logs/a.log'))],
    ['a file was renamed over another one', (at) => renameSync(at('logs/a.log'), at('state.json'))],
    ['everything was removed', (at) => readdirSync(root).forEach((name) => void rmSync(at(name), { recursive: true }))],
    ['a directory was added', (at) => mkdirSync(at('new/deep/deeper'), { recursive: true })],
    ['a directory was renamed', (at) => renameSync(at('logs'), at('moved'))],
    ['a directory was moved down', (at) => [mkdirSync(at('new')), renameSync(at('logs'), at('new/logs'))]],
    ['a file became a directory', (at) => [unlinkSync(at('state.json')), mkdirSync(at('state.json'))]],
    ['a directory became a file', (at) => [rmSync(at('logs'), { recursive: true }), writeFileSync(at('logs'), 'x')]],
    ['a link was added', (at) => symlinkSync('logs', at('link'))],
    ['a file became a link', (at) => [renameSync(at('state.json'), at('x')), symlinkSync('x', at('state.json'))]],
    ['a directory became a link', (at) => [renameSync(at('logs'), at('x')), symlinkSync('x', at('logs'))]],
  ])('where %s', (_, change) => {
    const ground = ready();
    for (let execution = 0; execution < 2; execution++) {
      change((path) => join(root, path));
      ground.leftovers();
      ground.restore();
      expect(listing()).toEqual(fresh);
    }
  });
});

describe('whatever is changed', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
  const text = fc.constantFrom('', 'x', 'y', 'ü\0\n');
  const downwards = fc.constantFrom('a', 'b/c', 'missing');
  const change = fc.oneof(
    fc.tuple(fc.constant('write' as const), path, text),
    fc.tuple(fc.constant('mkdir' as const), path, path),
    fc.tuple(fc.constant('unlink' as const), path, path),
    fc.tuple(fc.constant('remove' as const), path, path),
    fc.tuple(fc.constant('rename' as const), path, path),
  );
  const link = fc.tuple(fc.constant('symlink' as const), path, downwards);
  type Change = typeof change | typeof link extends fc.Arbitrary<infer T> ? T : never;

  const perform = ([call, one, other]: Change): void => {
    const at = join(root, one);
    if (call === 'write') writeFileSync(at, other);
    else if (call === 'mkdir') mkdirSync(at);
    else if (call === 'unlink') unlinkSync(at);
    else if (call === 'remove') rmSync(at, { recursive: true });
    else if (call === 'rename') renameSync(at, join(root, other));
    else symlinkSync(other, at);
  };

  /** Those that are possible; the others fail, and change nothing. */
  const performAll = (changes: readonly Change[]): void => {
    for (const change of changes) {
      try {
        perform(change);
      } catch {}
    }
  };

  const changes = (one: fc.Arbitrary<Change>) => fc.array(one, { maxLength: 12 });
  const anything = fc.oneof({ arbitrary: change, weight: 5 }, { arbitrary: link, weight: 1 });

  test.each([
    ['files and directories', change],
    ['and links', anything],
  ])('it is put back: %s', (_, arbitrary) => {
    fc.assert(
      fc.property(changes(arbitrary), fc.array(changes(anything), { maxLength: 4 }), (made, executions) => {
        const ground = ready(() => performAll(made));
        const before = listing();
        for (const execution of executions) {
          performAll(execution);
          ground.leftovers();
          ground.restore();
          expect(listing()).toEqual(before);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('what was not changed is left alone', () => {
  let setups = 0;
  const ground = ready((dir) => {
    setups++;
    setup(dir);
  });
  const numbers = (): readonly number[] => ['logs', 'logs/a.log'].map((path) => statSync(join(root, path)).ino);
  const before = numbers();
  writeFileSync(join(root, 'state.json'), 'changed');
  ground.leftovers();
  ground.restore();
  expect(numbers()).toEqual(before);
  expect(setups).toBe(1);
});

test('a resource with a link in it is set up each time', () => {
  const ground = ready((dir) => {
    writeFileSync(join(dir, 'v1'), '1');
    symlinkSync('v1', join(dir, 'current'));
  });
  for (let execution = 0; execution < 3; execution++) {
    expect(listing()).toEqual({ current: 'link to v1', v1: 'file 1' });
    unlinkSync(join(root, 'current'));
    writeFileSync(join(root, 'v2'), '2');
    symlinkSync('v2', join(root, 'current'));
    ground.leftovers();
    ground.restore();
  }
});

test('another scenario begins with what it sets up, and so does the first one if it comes again', () => {
  const ground = ready();
  const other = (dir: string): void => writeFileSync(join(dir, 'logs'), 'a file');
  for (const [prepare, contents] of [
    [other, { logs: 'file a file' }],
    [setup, fresh],
    [() => {}, {}],
    [setup, fresh],
  ] as const) {
    ground.leftovers();
    ground.prepare(scenario({ setup: prepare }));
    for (let execution = 0; execution < 2; execution++) {
      ground.restore();
      expect(listing()).toEqual(contents);
      writeFileSync(join(root, 'left'), 'over');
      ground.leftovers();
    }
  }
});

test('another scenario can be prepared before anything has been restored', () => {
  const ground = new Ground(root);
  ground.prepare(scenario({ setup: () => expect.fail() }));
  ground.prepare(scenario({ setup }));
  ground.restore();
  expect(listing()).toEqual(fresh);
});
