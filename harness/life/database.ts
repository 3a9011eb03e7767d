/** What SQLite itself says of a database: sqlite.org/pragma.html#pragma_integrity_check. */

import { copyFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SQLITE_MAGIC } from '../damage/formats.ts';
import type { Damage, DamageKind } from '../damage/kinds.ts';
import { limits } from '../limits.ts';
import { createSandbox } from '../schedule/sandbox.ts';
import { withSandboxes } from '../schedule/sandboxes.ts';
import { NotExaminable } from './not-examinable.ts';

/** The database with its write-ahead log and its rollback journal: each alone would be another database. */
const PARTS = ['', '-wal', '-journal'] as const;

/** Of what SQLite lists, the first. */
const PROBLEMS = 10;

/**
 * Asks a copy: to look at a database with a log or a journal is to write to it.
 *
 * @param head how it begins, some KiB.
 */
export async function databaseDamage(file: string, head: Uint8Array): Promise<readonly Damage[]> {
  if (head.length === 0) return []; // a database without tables: sqlite.org/fileformat2.html
  if (head.every((byte) => byte === 0)) return [damage('nul-run', 'NULs where a database should begin')];
  if (!Buffer.from(head).toString('latin1').startsWith(SQLITE_MAGIC)) {
    return [damage('malformed', 'it does not begin as a SQLite database does')];
  }
  return await withSandboxes({ copy: () => createSandbox() }, async ({ copy }) => {
    copyOf(file, join(copy, 'db'));
    return problemsOf(join(copy, 'db')).map((problem) => damage('malformed', problem));
  });
}

const damage = (kind: DamageKind, what: string): Damage => ({
  kind,
  shape: 'document',
  offset: 0,
  line: 1,
  excerpt: '',
  what,
});

/** Copied while nobody has written: a copy that was made meanwhile is malformed, and says nothing of the database. */
function copyOf(file: string, to: string): void {
  const stamp = (): string =>
    PARTS.map((part) => {
      const found = statSync(file + part, { throwIfNoEntry: false });
      return found === undefined ? '-' : `${found.size}@${found.mtimeMs}`;
    }).join();
  for (let attempt = 0; attempt < limits.copyAttempts; attempt++) {
    const before = stamp();
    for (const part of PARTS) if (existsSync(file + part)) copyFileSync(file + part, to + part);
    if (stamp() === before) return;
  }
  throw new NotExaminable(`${file}: somebody keeps writing to it; try again when it is at rest`);
}

function problemsOf(copy: string): readonly string[] {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  try {
    const database = new DatabaseSync(copy);
    try {
      const rows = database.prepare(`PRAGMA integrity_check(${PROBLEMS})`).all() as {
        readonly integrity_check: string;
      }[];
      return rows.map((row) => row.integrity_check).filter((problem) => problem !== 'ok');
    } finally {
      database.close();
    }
  } catch (error) {
    const { errcode, message } = error as Error & { readonly errcode?: number };
    if (errcode === CORRUPT || errcode === NOT_A_DATABASE) return [message];
    throw new NotExaminable(`SQLite can't look into it: ${message}`);
  }
}

/** sqlite.org/rescode.html */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
