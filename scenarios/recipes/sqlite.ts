import type { DatabaseSync } from 'node:sqlite';
import { isPromise } from 'node:util/types';
import { Refused } from '../../harness/scenario/scenario.ts';

/** Short: a transaction takes a millisecond or two. */
const BUSY_MS = 100;

const open = new Map<string, DatabaseSync>();

/** A connection to a database file, which the process keeps. Who meets a lock asks again for a while. */
export function connection(file: string): DatabaseSync {
  let db = open.get(file);
  if (db === undefined) {
    db = new (sqlite().DatabaseSync)(file, { timeout: BUSY_MS });
    db.exec('PRAGMA synchronous = NORMAL'); // with a write-ahead log, a power loss takes the last transactions, not the database
    open.set(file, db);
  }
  return db;
}

export function disconnect(file: string): void {
  open.get(file)?.close();
  open.delete(file);
}

/** Makes a database whose readers and writers do not wait for each other: a write-ahead log (WAL). */
export function createDatabase(file: string, schema: string): void {
  const db = connection(file);
  db.exec(`PRAGMA journal_mode = WAL; ${schema}`);
  disconnect(file);
}

/** Some versions of Node warn that the module is experimental, in the middle of what a program prints. */
function sqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * Reads and writes as one step for all others; commits what `work` did, or nothing of it.
 *
 * IMMEDIATE takes the write lock before anything is read, so what was read still holds when it is written: writers queue up.
 * DEFERRED takes it at the first write, and is refused there where another one has written since the first read
 * (SQLITE_BUSY_SNAPSHOT): no update is lost, but the work has to be done again.
 *
 * @throws {TypeError} where `work` returns a promise, which would be settled after the commit.
 */
export const transaction = <Result>(db: DatabaseSync, kind: 'IMMEDIATE' | 'DEFERRED', work: () => Result): Result =>
  unlessBusy(() => {
    try {
      db.exec(`BEGIN ${kind}`);
      const result = work();
      if (isPromise(result)) throw new TypeError('work must be done when it returns');
      db.exec('COMMIT');
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  });

/** Who has waited in vain for a lock, or must not have it any more, is told so, and nothing has happened. */
export function unlessBusy<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const { errcode = 0, message } = error as { readonly errcode?: number; readonly message?: string };
    if (REFUSALS.includes(errcode & 0xff)) throw new Refused(message);
    throw error;
  }
}

/**
 * SQLITE_BUSY, which is the low byte of SQLITE_BUSY_SNAPSHOT, too; and SQLITE_PROTOCOL: others were opening and closing the
 * log at each of so many tries that SQLite gives up before it has begun.
 */
const REFUSALS: readonly number[] = [5, 15];
