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

  type Change = (at: (path: string) => string) => void;
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
  const change: fc.Arbitrary<readonly [string, Change]> = fc.oneof(
    fc
      .tuple(path, fc.constantFrom('', 'x', 'y', 'ü\0\n'))
      .map(([file, text]) => [`write ${file}`, (at: (path: string) => string) => writeFileSync(at(file), text)] as const),
    path.map((made) => [`mkdir ${made}`, (at: (path: string) => string) => void mkdirSync(at(made))] as const),
    path.map((file) => [`unlink ${file}`, (at: (path: string) => string) => unlinkSync(at(file))] as const),
    path.map((gone) => [`rm ${gone}`, (at: (path: string) => string) => rmSync(at(gone), { recursive: true })] as const),
    fc
      .tuple(path, path)
      .map(([from, to]) => [`rename ${from} ${to}`, (at: (path: string) => string) => renameSync(at(from), at(to))] as const),
    fc
      .tuple(fc.constantFrom('a', 'b/c', '..', 'missing'), path)
      .map(([to, link]) => [`symlink ${to} ${link}`, (at: (path: string) => string) => symlinkSync(to, at(link))] as const),
  );
  const changes = fc.array(change, { maxLength: 12 });
