import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
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

const scenario: Scenario = {
  ...wellBehaved,
  setup: (dir) => {
    mkdirSync(join(dir, 'd', 'e'), { recursive: true });
    writeFileSync(join(dir, 'a'), 'one');
    writeFileSync(join(dir, 'd', 'b'), 'two');
  },
};

const listing = (): readonly string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path.slice(root.length)} ${entry.isFile() ? readFileSync(path, 'utf8') : entry.isDirectory() ? 'dir' : 'other'}`;
    })
    .sort();

const path = fc.constantFrom('a', 'd', 'd/b', 'd/e', 'd/e/f', 'new', 'd/new', 'link');
const change = fc.record({ kind: fc.constantFrom('write', 'mkdir', 'remove', 'rename', 'symlink'), path, to: path });

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
        else symlinkSync(to, at);
      } catch {
        // It can't be done where things are as they are.
      }
    }
    ground.leftovers();
    ground.restore();
    expect(listing()).toEqual(fresh);
  });
  fc.assert(property, { numRuns: 200 });
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
