import type { DatabaseSync } from 'node:sqlite';
import { transaction } from './sqlite.ts';

export const LEASES = 'CREATE TABLE lease (task TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL)';

/**
 * Takes the lease on a task until a time, in milliseconds: true for the one who got it. One that has run out can be taken over.
 *
 * Works because BEGIN IMMEDIATE admits one writer at a time: between the look at the lease and the taking of it, nobody writes.
 * Who is late after its lease has run out must not finish what it began: only the database knows who holds it by now.
 */
export function takeLease(db: DatabaseSync, task: string, holder: string, now: number, until: number): boolean {
  return transaction(db, 'IMMEDIATE', () => {
    const held = db.prepare('SELECT until FROM lease WHERE task = ?').get(task) as { until: number } | undefined;
    if (held !== undefined && held.until > now) return false;
    db.prepare('INSERT OR REPLACE INTO lease VALUES (?, ?, ?)').run(task, holder, until);
    return true;
  });
}
