/** What takes seconds each to be searched, most of the time of all: `npm test` names it and leaves it to `npm run test:whole`. */

import { noteSkipped } from './servers.ts';

/** Rows of the catalogue, as `target/strategy`. */
const costlyRows: readonly string[] = [
  'build-marker/lease',
  'coordination-fallback/single-authority',
  'coordination-fallback/split-brain',
  'git-notes/append',
  'git-notes/append-retry',
  'git-notes/ref-per-session',
  'hive-db/begin-immediate',
  'hive-db/deferred',
  'hive-db/insert',
  'hive-db/select-then-update',
  'ingest-api/counter-file',
  'ingest-api/slot-mkdir',
  'instruction-history/lockfile-library',
  'instruction-history/version-cas',
  'knowledge-db/upsert',
  'session-ref/read-then-update',
  'session-ref/update-ref-cas',
  'shared-index/add-then-commit',
  'shared-index/commit-only-paths',
  'shared-index/worktree-per-session',
  'state-lock/fencing-token-stalled',
  'state-lock/set-nx-px-stalled',
  'task-list/link-id',
  'verdict-chain/mkdir-timeout',
];

const whole = process.env.COLLIDE_TEST === 'whole';

/** Without those that are left to the other run, which are named at the end of this one. */
export function affordable<T>(all: readonly T[], rowOf: (each: T) => string): readonly T[] {
  const rows = new Set(all.map(rowOf));
  const unknown = costlyRows.filter((row) => !rows.has(row));
  if (unknown.length > 0) throw new Error(`costly, but not there: ${unknown.join(', ')}`);
  if (whole) return all;
  for (const left of [...costlyRows, 'all mutants of the fixes']) noteSkipped(left, 'left to npm run test:whole');
  return all.filter((each) => !costlyRows.includes(rowOf(each)));
}
