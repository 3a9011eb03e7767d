/** What takes seconds each to be searched, most of the time of all: `npm test` names it and leaves it to `npm run test:whole`. */

import { noteSkipped } from './servers.ts';

/** Rows of the catalogue, as `target/strategy`. */
export const costlyRows: readonly string[] = [
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

/** Mutants of fixes, by their ids. */
export const costlyMutants: readonly string[] = [
  'authority-of-a-copy',
  'chain-under-a-shared-lock',
  'commit-including-paths',
  'commit-with-all',
  'fact-inserted-if-new',
  'fact-selected-first',
  'health-locked-in-a-subshell',
  'lead-after-the-release',
  'lease-without-transaction',
  'lockfile-not-awaited',
  'notes-of-the-host',
  'notes-of-the-task',
  'numbered-agents-ignored',
  'numbered-agents-replaced',
  'ready-from-a-shared-temporary',
  'ref-claimed-by-force',
  'ref-shown-then-updated',
  'select-before-deferred',
  'select-before-immediate',
  'slot-taken-over',
  'three-slots',
  'token-compared-then-written',
  'token-shown-only-when-writing',
  'worktree-of-the-first',
  'worktrees-with-one-index',
];

const whole = process.env.COLLIDE_TEST === 'whole';

/** Without those that are left to the other run, which are named at the end of this one. */
export function affordable<T>(all: readonly T[], idOf: (each: T) => string, costly: readonly string[]): readonly T[] {
  const ids = new Set(all.map(idOf));
  const unknown = costly.filter((id) => !ids.has(id));
  if (unknown.length > 0) throw new Error(`costly, but not there: ${unknown.join(', ')}`);
  if (whole) return all;
  for (const id of costly) noteSkipped(id, 'left to npm run test:whole');
  return all.filter((each) => !costly.includes(idOf(each)));
}
