/** Properties of the code itself that no type can state. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../harness/scenario/command.ts';

const root = packageRoot();

const sources = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

const text = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Imports run one way: a folder may import from itself and from those before it. */
const layers = [
  'history',
  'oracle',
  'damage',
  'scenario',
  'gate',
  'session',
  'schedule',
  'faults',
  'powerloss',
  'probe',
  'verdict',
  'explore',
  'campaign',
  'config',
  'life',
  'baseline',
  'report',
  'schema',
  'library',
  'cli',
];

test('imports run one way through the folders of harness/', () => {
  const wrong = sources('harness').flatMap((path) => {
    const own = layers.indexOf(path.split('/')[1]!);
    const imported = [...text(path).matchAll(/from '\.\.\/([a-z]+)\//g)].map((match) => match[1]!);
    return imported
      .filter((layer) => layers.indexOf(layer) > own || !layers.includes(layer))
      .map((layer) => `${path} → ${layer}`);
  });
  expect(wrong).toEqual([]);
});

test('scenarios import nothing but what describes and judges: no sessions, no schedules', () => {
  const wrong = sources('scenarios').filter((path) => /harness\/(?!history|oracle|scenario|limits)/.test(text(path)));
  expect(wrong).toEqual([]);
});

/** What makes a run depend on luck or on the wall clock, and where it is allowed all the same. */
const banned: readonly { readonly pattern: RegExp; readonly instead: string; readonly allowed?: RegExp }[] = [
  { pattern: /Math\.random\(/, instead: 'draws(seed)' },
  { pattern: /Date\.now\(|new Date\(\)/, instead: 'nowUs() or performance.now()' },
  { pattern: /\bsetInterval\(/, instead: 'waiting for the condition' },
  { pattern: /\bTODO\b|\bFIXME\b|\bXXX\b/, instead: 'doing it' },
];

test('nothing in harness/ and scenarios/ depends on luck or is left undone', () => {
  const found = [...sources('harness'), ...sources('scenarios')].flatMap((path) =>
    banned
      .filter(({ pattern, allowed }) => pattern.test(text(path)) && !allowed?.test(path))
      .map(({ instead }) => `${path}: use ${instead}`),
  );
  expect(found).toEqual([]);
});

test('a file can be read in one sitting', () => {
  const long = [...sources('harness'), ...sources('scenarios')].filter((path) => text(path).split('\n').length > 360);
  expect(long).toEqual([]);
});
