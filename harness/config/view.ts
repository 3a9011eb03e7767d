/** What counts of the files that commands leave: what they mean, where the same can be written in several ways. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { entriesIn } from '../history/entries.ts';
import type { Files } from '../history/execution.ts';
import { textOf } from '../history/text.ts';

/** @param files all files below `dir`, by their paths. */
export function viewOf(dir: string, files: Files): Files {
  const repositories = Object.keys(files)
    .filter((path) => basename(path) === 'HEAD' && files[`${dirname(path)}/config`] !== undefined)
    .map(dirname)
    .filter((path) => Object.keys(files).some((file) => file.startsWith(`${path}/objects/`)));
  const databases = Object.keys(files).filter((path) => files[path]!.startsWith('SQLite format 3\0'));
  const rest = Object.entries({ ...files, ...besidesFiles(dir) }).filter(
    ([path]) =>
      !repositories.some(
        (repository) => path.startsWith(`${repository}/`) && isKept(path.slice(repository.length + 1)),
      ) && !databases.some((database) => isOfDatabase(path.slice(database.length)) && path.startsWith(database)),
  );
  return Object.fromEntries([
    ...rest,
    ...databases.map((path) => [`${path} (SQLite)`, databaseText(join(dir, path))]),
    ...repositories.flatMap((path) => Object.entries(repositoryFiles(dir, path))),
  ]);
}

/** What comes after the name of a database, where it is compared by its rows. Its own mode stands for itself. */
const isOfDatabase = (rest: string): boolean => /^$|^-(wal|shm|journal)( \(mode\))?$/.test(rest);

/** Directories with nothing in them, where links lead, and who may do what, where that is not what a plain creation gives. */
function besidesFiles(dir: string): Files {
  const found: Record<string, string> = {};
  const umask = process.umask(); // sessions have the same
  const noteMode = (path: string, usual: number): void => {
    const mode = statSync(join(dir, path)).mode & 0o7777;
    if (mode !== (usual & ~umask)) found[`${path} (mode)`] = mode.toString(8).padStart(4, '0');
  };
  const walk = (below: string): void => {
    const entries = entriesIn(join(dir, below));
    if (entries.length === 0 && below !== '') found[`${below}/`] = 'an empty directory';
    for (const entry of entries) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isSymbolicLink()) found[`${path} (link)`] = textOf(readlinkSync(join(dir, path), 'buffer'));
      else if (entry.isFile()) noteMode(path, 0o666);
      else if (entry.isDirectory()) {
        noteMode(`${path}/`, 0o777);
        walk(path);
      }
    }
  };
  walk('');
  return found;
}

/** What git keeps for itself, and what is compared by what it means. Everything else in a repository stands for itself. */
const isKept = (path: string): boolean =>
  /^(objects|refs|logs|rr-cache)(\/|$)|^(HEAD|ORIG_HEAD|FETCH_HEAD|COMMIT_EDITMSG|index|packed-refs|gc\.log|gc\.pid)( \(mode\))?$/.test(
    path,
  ) && !path.endsWith('.lock');

/** Every ref with what it leads to, by content: ids of commits depend on the second in which they were made. */
function repositoryFiles(dir: string, repository: string): Files {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['--git-dir', join(dir, repository), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_OPTIONAL_LOCKS: '0' },
      maxBuffer: 2 ** 28,
    });
  try {
    const refs = lines(git('for-each-ref', '--format=%(objecttype) %(objectname) %(refname)')).map((line) =>
      line.split(' '),
    );
    const commits = new Map<string, readonly string[]>();
    if (refs.some(([type]) => type === 'commit')) {
      for (const record of git('log', '--all', '--topo-order', '--format=%H%x00%P%x00%T%x00%an%x00%B%x01')
        .split('\x01\n')
        .filter(Boolean)) {
        const [id, ...about] = record.split('\0');
        commits.set(id!, about);
      }
    }
    const meanings = meaningsOf(commits);
    const meaning = (id: string): string => meanings.get(id) ?? id;
    const named = refs.flatMap(([, id, ref]) => {
      const name = `${repository}/${ref}`;
      const about = commits.get(id!);
      return about === undefined
        ? [[name, id!] as const]
        : [[name, `tree ${about[1]}`] as const, [`${name} (history)`, meaning(id!)] as const];
    });
    return {
      ...Object.fromEntries(named),
      [`${repository}/HEAD`]: headOf(git, meaning),
      [`${repository} (index)`]: git('ls-files', '--stage'),
    };
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    return { [`${repository} (git)`]: `malformed: ${stderr?.trim() || message}` };
  }
}

/** The branch; or, where it is detached, what it leads to. */
function headOf(git: (...args: readonly string[]) => string, meaning: (id: string) => string): string {
  try {
    return git('symbolic-ref', '--quiet', 'HEAD');
  } catch {
    return meaning(git('rev-parse', 'HEAD').trim());
  }
}

/** What commits mean, with their whole history: ids depend on the second in which they were made. @param commits the youngest first. */
function meaningsOf(commits: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, string> {
  const meanings = new Map<string, string>();
  for (const [id, [parents = '', tree, author, message]] of [...commits].reverse()) {
    const before = parents
      .split(' ')
      .filter(Boolean)
      .map((parent) => meanings.get(parent) ?? parent);
    meanings.set(
      id,
      createHash('sha1')
        .update(JSON.stringify([before, tree, author, message]))
        .digest('hex'),
    );
  }
  return meanings;
}

const lines = (text: string): readonly string[] => text.split('\n').filter(Boolean);

/** Schema and rows, or why they can't be read. Read from a copy: to open a database may change it. */
function databaseText(file: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'collide-view-'));
  try {
    for (const suffix of ['', '-wal', '-journal']) {
      if (existsSync(file + suffix)) copyFileSync(file + suffix, join(copy, `db${suffix}`));
    }
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const db = new DatabaseSync(join(copy, 'db'));
    try {
      const [check] = db
        .prepare('PRAGMA integrity_check')
        .all()
        .map((row) => String(Object.values(row)[0]));
      if (check !== 'ok') return `malformed: ${check}`;
      const schema = db
        .prepare("SELECT name, type, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name")
        .all();
      const tables = schema.filter(({ type }) => type === 'table').map(({ name }) => String(name));
      const drawsNumbers = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = '${SEQUENCE}'`).get() !== undefined;
      const rows = [...tables, ...(drawsNumbers ? [SEQUENCE] : [])].flatMap((name) => {
        const order = name === SEQUENCE ? ' ORDER BY name' : ''; // which table was the first to be written to means nothing
        const all = db.prepare(`SELECT * FROM "${name.replaceAll('"', '""')}"${order}`);
        all.setReadBigInts(true); // numbers above 2^53 are an error otherwise
        return all.all().map((row) => `${name} ${JSON.stringify(Object.values(row), asText)}`);
      });
      const numbers = ['user_version', 'application_id'].flatMap((name) => {
        const [value] = Object.values(db.prepare(`PRAGMA ${name}`).get()!);
        return value === 0 ? [] : [`PRAGMA ${name} = ${value}`];
      });
      return [...numbers, ...schema.map(({ sql }) => String(sql)), ...rows].map((line) => `${line}\n`).join('');
    } finally {
      db.close();
    }
  } catch (error) {
    return `malformed: ${(error as Error).message}`;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** The last number that each table with AUTOINCREMENT has given out. */
const SEQUENCE = 'sqlite_sequence';

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
