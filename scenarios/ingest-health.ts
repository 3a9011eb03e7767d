import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../harness/history/execution.ts';
import { findingIf, type Oracle } from '../harness/oracle/finding.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { everyUpdateBuiltUpon } from '../harness/oracle/updates.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario, type UnderFault } from '../harness/scenario/scenario.ts';
import { renamed } from './kinds/under-faults.ts';
import { readJson } from './recipes/json.ts';

interface Health {
  readonly fire_count: number;
  /** The operation that wrote this state. */
  readonly last: string;
}

const FIRST_COUNT = 41;

const healthIn = (final: Files): Health => JSON.parse(final['health.json'] ?? '');

const COUNTS_ANEW =
  'Where the state can not be read, the script takes it for empty: it counts from 0, and what others have counted is gone.';

const emptied: UnderFault = {
  truth: ['LOST_ON_CRASH'],
  may: ['CORRUPT_ON_CRASH'],
  why: 'The truncation can be on the disk without the data; the next script takes what is empty for the beginning, and counts from 0.',
};

/** Every count builds on the one before, and the first one on what was there (LAST_WRITER_WINS). */
const countedOn: Oracle = (execution) => {
  const overwritten = everyUpdateBuiltUpon((final) => healthIn(final).last)(execution);
  if (overwritten.length > 0) return overwritten;
  const { fire_count: count, last } = healthIn(execution.final);
  return findingIf(
    'LAST_WRITER_WINS',
    count < FIRST_COUNT ? [last] : [],
    () => `${last} counts ${count} after ${FIRST_COUNT}`,
  );
};

export default defineScenario({
  id: 'ingest-health',
  priority: 'P1',
  source: 'P1-1',
  resource: 'JSON health file; every ingest adds one to `fire_count`',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'a shell script, once for each ingest',
  audit: 'fix applied',
  fix: 'flock',
  operations: 4,
  setup: (dir) => writeFileSync(join(dir, 'health.json'), `{"fire_count":${FIRST_COUNT},"last":"setup"}\n`),
  read: (session) => readJson<Health>(session.path('health.json')).fire_count,
  oracles: [neverTorn(healthIn), countedOn],

  strategies: {
    rmw: {
      does: 'read, parse, write in place',
      truth: ['LAST_WRITER_WINS', 'TORN_STATE'],
      why: "B reads 41 between A's read and A's write: both write 42. `>` empties the file before the new text is written, and a reader in between finds nothing.",
      perform: sh('ingest-health/rmw.sh'),
    },
    rename: {
      does: 'read, parse, write a temporary file, rename it',
      truth: ['LAST_WRITER_WINS'],
      why: "Every state is whole, but B still reads 41 between A's read and A's rename.",
      perform: sh('ingest-health/rename.sh'),
    },
    flock: {
      does: 'advisory lock on a sidecar around read, write, rename',
      truth: 'SAFE',
      why: 'The kernel lets one holder into the cycle at a time; readers see whole files because of the rename.',
      cost: 'Writers wait for each other, for 10 s at most, and are then refused; a crash releases the lock. It takes flock or lockf, and a local file system, or NFSv4. The rename drops hard links and the old owner and mode.',
      needs: ['flock|lockf'],
      underFaults: {
        ...renamed,
        errno: { truth: ['LAST_WRITER_WINS'], why: COUNTS_ANEW },
        'power-posix': {
          truth: ['LOST_ON_CRASH'],
          may: ['CORRUPT_ON_CRASH'],
          why: 'The new name can reach the disk before the data: an empty file, which the next script takes for the beginning; it counts from 0.',
        },
      },
      perform: sh('ingest-health/flock.sh'),
    },
    'flock-in-place': {
      does: 'the same lock around read, write in place',
      truth: ['TORN_STATE'],
      why: 'The lock keeps the writers apart; a reader who takes none still finds the file empty.',
      needs: ['flock|lockf'],
      underFaults: {
        crash: {
          truth: ['LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
          why: 'A writer that is killed after the truncation leaves an empty file, or a part of the text; the next script takes what is empty for the beginning, and counts from 0.',
        },
        errno: { truth: ['LAST_WRITER_WINS'], why: COUNTS_ANEW },
        full: {
          truth: ['LAST_WRITER_WINS'],
          why: 'There is no room for the new text, and the old one is gone already; the next script takes what is empty for the beginning, and counts from 0.',
        },
        'power-posix': emptied,
        'power-ext4': emptied,
      },
      perform: sh('ingest-health/flock-in-place.sh'),
    },
  },
});
