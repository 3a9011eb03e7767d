/** What counts of the files that are left. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { viewOf } from '../../harness/config/view.ts';
import type { Files } from '../../harness/history/execution.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** As sandboxes give it to a view. */
function viewed(): Files {
  const paths = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return viewOf(dir, Object.fromEntries(paths.map((path) => [path.slice(dir.length + 1), readFileSync(path, 'utf8')])));
}

test('besides files, links and empty directories count, and modes that are not as usual', () => {
  writeFileSync(join(dir, 'a'), 'text');
  writeFileSync(join(dir, 'key'), '');
  chmodSync(join(dir, 'key'), 0o600);
  writeFileSync(join(dir, 'run'), '', { mode: 0o755 });
  chmodSync(join(dir, 'run'), 0o755);
  symlinkSync('a', join(dir, 'to-a'));
  mkdirSync(join(dir, 'lock'));
  mkdirSync(join(dir, 'shared'));
  chmodSync(join(dir, 'shared'), 0o1777);
  expect(viewed()).toEqual({
    a: 'text',
    key: '',
    'key (mode)': '0600',
    run: '',
    'run (mode)': '0755',
    'to-a (link)': 'a',
    'lock/': 'an empty directory',
    'shared/': 'an empty directory',
    'shared/ (mode)': '1777',
  });
});

test('what a plain creation gives depends on the umask, and is left out', () => {
  mkdirSync(join(dir, 'd'));
  writeFileSync(join(dir, 'd', 'f'), '');
  const before = process.umask(0o077);
  try {
    expect(viewed()).toEqual({
      'd/f': '',
      'd/ (mode)': (0o777 & ~before).toString(8).padStart(4, '0'),
      'd/f (mode)': (0o666 & ~before).toString(8).padStart(4, '0'),
    });
  } finally {
    process.umask(before);
  }
});

test('of a database, who may read it counts as well, and not that of its journal', () => {
  const db = new DatabaseSync(join(dir, 'db'));
  db.exec('pragma journal_mode = wal; create table t(n)');
  for (const name of ['db', 'db-wal', 'db-shm']) chmodSync(join(dir, name), 0o600);
  expect(viewed()).toEqual({ 'db (SQLite)': 'CREATE TABLE t(n)\n', 'db (mode)': '0600' });
  db.close();
});

test('a database counts by its rows, whatever numbers they hold', () => {
  const db = new DatabaseSync(join(dir, 'db'));
  db.exec('create table t(n); insert into t values (9007199254740993), (1.5), (null)');
  db.close();
  expect(viewed()['db (SQLite)']).toBe('CREATE TABLE t(n)\nt ["9007199254740993"]\nt [1.5]\nt [null]\n');
});

test('and by the numbers that programs keep beside them, where there are any', () => {
  const db = new DatabaseSync(join(dir, 'db'));
  db.exec('create table t(n integer primary key autoincrement); insert into t values (7); delete from t');
  db.exec('pragma user_version = 3; pragma application_id = -4');
  db.close();
  expect(viewed()['db (SQLite)']).toBe(
    'PRAGMA user_version = 3\nPRAGMA application_id = -4\nCREATE TABLE t(n integer primary key autoincrement)\nsqlite_sequence ["t","7"]\n',
  );
});

test.skipIf((await missingNeed(['git'])) !== undefined)(
  'a repository counts by what its refs and its HEAD mean, however long it is',
  () => {
    const git = (...args: readonly string[]): string =>
      execFileSync('git', args, { cwd: dir, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
    git('init', '--quiet', '--initial-branch', 'main');
    const commits = Array.from(
      { length: 12_000 },
      (_, at) => `commit refs/heads/main\ncommitter a <a@b> ${at} +0000\ndata 1\nx\n`,
    );
    execFileSync('git', ['fast-import', '--quiet'], { cwd: dir, input: commits.join('') });
    writeFileSync(join(dir, '.git', 'count'), '1');
    const view = viewed();
    expect(view['.git/HEAD']).toBe('refs/heads/main\n');
    expect(view['.git/count']).toBe('1');
    expect(view['.git/refs/heads/main (history)']).toMatch(/^[0-9a-f]{40}$/);
    expect(Object.keys(view).filter((path) => /objects|logs/.test(path))).toEqual([]);
    git('checkout', '--quiet', '--detach');
    expect(viewed()['.git/HEAD']).toBe(view['.git/refs/heads/main (history)']);
  },
);
