import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Resource } from '../../harness/gate/resource.ts';

let outside: string;
let root: string;
let resource: Resource;
const at = (...names: string[]): string => join(root, ...names);

beforeEach(() => {
  outside = realpathSync(mkdtempSync(join(tmpdir(), 'collide-test-')));
  root = join(outside, 'resource');
  mkdirSync(root);
  resource = new Resource(root);
});

afterEach(() => rmSync(outside, { recursive: true }));

/** The label of what is at a path now, met there or before. */
const labelAt = (path: string): string => resource.label(statSync(at(path)).ino, path);

test.each([
  ['', ''],
  ['/', ''],
  ['/.', ''],
  ['//', ''],
  ['/a', 'a'],
  ['//a', 'a'],
  ['/./a', 'a'],
  ['/a/', 'a'],
  ['/a/.', 'a'],
  ['/a/b', 'a/b'],
  ['/a//b', 'a/b'],
  ['/a/./b', 'a/b'],
  ['/.hidden', '.hidden'],
  ['/..hidden', '..hidden'],
  ['/a/...', 'a/...'],
  ['/a.b/c.d', 'a.b/c.d'],
  ['/a/../b', 'a/../b'],
  ['-of-another/b', undefined],
])('the root with %j appended is %j below the root', (path, below) => {
  expect(resource.relative(`${root}${path}`)).toBe(below);
});

test('other paths lie outside', () => {
  for (const path of ['/', '/etc/passwd', outside, `${outside}/other`, 'relative', '']) {
    expect([path, resource.relative(path)]).toEqual([path, undefined]);
  }
});

test('the root is known by its real path', () => {
  symlinkSync(root, join(outside, 'link'));
  expect(new Resource(join(outside, 'link')).root).toBe(root);
});

test('a label is the path at which a file was first met, whatever it is called later', () => {
  writeFileSync(at('a'), '');
  expect(labelAt('a')).toBe('a');
  renameSync(at('a'), at('b'));
  linkSync(at('b'), at('c'));
  expect([labelAt('b'), labelAt('c')]).toEqual(['a', 'a']);
});

test('the root is called by a dot', () => {
  expect(resource.label(statSync(root).ino, 'anything')).toBe('.');
});

test('what is created where something was before has a label of its own, though the number of the inode may be the same', () => {
  writeFileSync(at('a'), '');
  const before = labelAt('a');
  unlinkSync(at('a'));
  writeFileSync(at('a'), '');
  resource.relabel(statSync(at('a')).ino, 'a');
  const after = labelAt('a');
  expect([before, after]).toEqual(['a', 'a~1']);
});

test('two files that are met at one path one after the other are told apart', () => {
  writeFileSync(at('a'), '');
  labelAt('a');
  writeFileSync(at('new'), '');
  renameSync(at('new'), at('a'));
  expect(labelAt('a')).toBe('a~1');
});

test('a new execution begins with no labels, except that of the root', () => {
  writeFileSync(at('a'), '');
  labelAt('a');
  renameSync(at('a'), at('b'));
  resource.forget();
  expect(labelAt('b')).toBe('b');
  expect(resource.label(statSync(root).ino, 'anything')).toBe('.');
});

test('a link is looked at, not through', () => {
  symlinkSync('missing', at('link'));
  expect(resource.stat('link')?.isSymbolicLink()).toBe(true);
  expect(resource.stat('missing')).toBeUndefined();
  expect(resource.stat('missing/below')).toBeUndefined();
});

test('what the file system refuses to look up is not there', () => {
  symlinkSync('loop', at('loop'));
  writeFileSync(at('file'), '');
  expect(resource.stat('file/below')).toBeUndefined();
  expect(resource.stat('n'.repeat(300))).toBeUndefined();
  expect(resource.stat('loop/below')).toBeUndefined();
});
