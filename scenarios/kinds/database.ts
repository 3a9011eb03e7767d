import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Files } from '../../harness/history/execution.ts';
import type { Perform, Session } from '../../harness/scenario/scenario.ts';
import { connection, createDatabase, disconnect } from '../recipes/sqlite.ts';

/** A SQLite database in which every row has a text that names the operations which have added to it: `s0.0 s1.0`. */
const FILE = 'shared.db';
const EXPORT = 'exported.json';

export const databaseOf = (session: Session): DatabaseSync => connection(session.path(FILE));

export const setUpDatabase =
  (schema: string) =>
  (dir: string): void =>
    createDatabase(join(dir, FILE), schema);

/** What a session does when it begins: it connects, and has a look. */
export const connecting: Perform = (session) => {
  databaseOf(session).prepare('SELECT count(*) FROM sqlite_schema').get();
};

/** Oracles read files, not databases. */
export const exporting =
  (select: string): Perform =>
  (session) => {
    const rows = databaseOf(session).prepare(select).all();
    writeFileSync(session.path(EXPORT), JSON.stringify(rows.map(({ text }) => text)));
    disconnect(session.path(FILE));
  };

export const exportedEntries = (final: Files): readonly string[] =>
  (JSON.parse(final[EXPORT] ?? '[]') as readonly string[]).flatMap((text) => text.split(' ').filter(Boolean));
