import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../harness/history/execution.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { everyUpdateBuiltUpon } from '../harness/oracle/updates.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { readJson } from './recipes/json.ts';

interface Health {
  readonly fire_count: number;
  /** The operation that wrote this state. */
  readonly last: string;
}

const healthIn = (final: Files): Health => JSON.parse(final['health.json'] ?? '');

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
  setup: (dir) => writeFileSync(join(dir, 'health.json'), '{"fire_count":41,"last":"setup"}\n'),
  read: (session) => readJson<Health>(session.path('health.json')).fire_count,
  oracles: [neverTorn(healthIn), everyUpdateBuiltUpon((final) => healthIn(final).last)],

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
      perform: sh('ingest-health/flock.sh'),
    },
    'flock-in-place': {
      does: 'the same lock around read, write in place',
      truth: ['TORN_STATE'],
      why: 'The lock keeps the writers apart; a reader who takes none still finds the file empty.',
      needs: ['flock|lockf'],
      perform: sh('ingest-health/flock-in-place.sh'),
    },
  },
});
