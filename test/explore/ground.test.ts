import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ground } from '../../harness/explore/ground.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import { wellBehaved } from '../support/catalogue.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'collide-test-'));
});

afterEach(() => rmSync(root, { recursive: true }));

/** Stale locks are known by their age: a set-up may choose it. */
const LONG_AGO = new Date('2020-02-02T00:00:00Z');

const scenario: Scenario = {
  ...wellBehaved,
  setup: (dir) => {
    mkdirSync(join(dir, 'd', 'e'), { recursive: true });
    writeFileSync(join(dir, 'a'), 'one');
    writeFileSync(join(dir, 'd', 'b'), 'two', { mode: 0o600 });
    utimesSync(join(dir, 'd', 'b'), LONG_AGO, LONG_AGO);
  },
};

const listing = (): readonly string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mode, nlink, mtime } = lstatSync(path);
      const age = mtime.getTime() === LONG_AGO.getTime() ? 'old' : 'new';
      if (entry.isFile()) return `${path.slice(root.length)} ${age} ${mode} ${nlink} ${readFileSync(path, 'latin1')}`;
      return `${path.slice(root.length)} ${entry.isDirectory() ? 'dir' : 'other'}`;
    })
    .sort();

const path = fc.constantFrom('a', 'd', 'd/b', 'd/e', 'd/e/f', 'new', 'd/new', 'link', 'constructor');
const change = fc.record({
  kind: fc.constantFrom('write', 'mkdir', 'remove', 'rename', 'symlink', 'link', 'bytes', 'chmod', 'touch'),
  path,
  to: path,
});

test('whatever an execution has left, the next one begins as the first', () => {
  const ground = new Ground(root);
  ground.prepare(scenario);
  ground.restore();
  const fresh = listing();
  const property = fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
    for (const { kind, path, to } of changes) {
      const [at, other] = [join(root, path), join(root, to)];
      try {
        if (kind === 'write') writeFileSync(at, `changed ${to}`);
        else if (kind === 'mkdir') mkdirSync(at);
        else if (kind === 'remove') rmSync(at, { recursive: true });
        else if (kind === 'rename') renameSync(at, other);
        else if (kind === 'link') linkSync(at, other);
        else if (kind === 'bytes') writeFileSync(at, Buffer.from([0xff, to.length]));
        else if (kind === 'chmod') chmodSync(at, 0o640);
        else if (kind === 'touch') utimesSync(at, new Date(), new Date());
        else symlinkSync(to, at);
      } catch {
        // It can't be done where things are as they are.
      }
    }
    ground.leftovers();
    ground.restore();
    expect(listing()).toEqual(fresh);
  });
  fc.assert(property, { numRuns: 300 });
});

test('what was left is told, by path', () => {
  const ground = new Ground(root);
  ground.prepare(scenario);
  ground.restore();
  writeFileSync(join(root, 'd', 'new'), 'three');
  expect(ground.leftovers()).toEqual({ a: 'one', 'd/b': 'two', 'd/new': 'three' });
});

test('another scenario finds its own set-up and nothing else', () => {
  const ground = new Ground(root);
  ground.prepare(scenario);
  ground.restore();
  ground.leftovers();
  ground.prepare(wellBehaved);
  ground.restore();
  expect(ground.leftovers()).toEqual({ log: '' });
});
