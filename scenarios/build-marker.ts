import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { grantedOnce } from '../harness/oracle/grants.ts';
import { defineScenario, Refused, type Session } from '../harness/scenario/scenario.ts';
import { marked } from './kinds/under-faults.ts';
import { createExclusively } from './recipes/exclusive.ts';
import { LEASES, takeLease } from './recipes/lease.ts';
import { connection, createDatabase, disconnect } from './recipes/sqlite.ts';

/** Operation k of every session wants to start task k. */
const taskOf = (session: Session): string => `task-${session.operation}`;
const markerOf = (session: Session): string => session.path(`${taskOf(session)}.started`);

const DATABASE = 'leases.db';
const leases = (session: Session): DatabaseSync => connection(session.path(DATABASE));
const HOUR_MS = 3_600_000;

const forgotten =
  'The write-ahead log is flushed at checkpoints only (synchronous = NORMAL): a lease that was taken may be gone, and is given again.';

export default defineScenario({
  id: 'build-marker',
  priority: 'P1',
  source: 'P1-7',
  resource: '"build started" marker: a file for each task, which must start once',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'every session that dispatches the task (Node)',
  audit: 'fix deferred',
  fix: 'exclusive-create',
  operations: 20,
  setup: (dir) => createDatabase(join(dir, DATABASE), LEASES),
  oracles: [grantedOnce(({ output }) => String(output))],
  isolated: ['DOUBLE_CONSUME'],

  strategies: {
    'check-then-write': {
      does: 'write the marker where there is none',
      truth: ['DOUBLE_CONSUME'],
      why: "B looks between A's look and A's write: neither finds a marker, both start the task.",
      perform: (session) => {
        if (existsSync(markerOf(session))) throw new Refused(`${taskOf(session)} has been started`);
        writeFileSync(markerOf(session), session.id);
        return taskOf(session);
      },
    },
    'exclusive-create': {
      does: 'create the marker with O_EXCL',
      truth: 'SAFE',
      why: 'open(2) with O_EXCL looks and creates in one step: it succeeds for one caller.',
      cost: 'The file is there before its content is, and one left behind by a session that died says the same for ever.',
      underFaults: marked,
      perform: (session) => {
        if (!createExclusively(markerOf(session), session.id)) throw new Refused(`${taskOf(session)} has been started`);
        return taskOf(session);
      },
    },
    lease: {
      does: 'take a lease in a SQLite database: BEGIN IMMEDIATE, look, take, COMMIT',
      truth: 'SAFE',
      why: 'Nobody else writes between the look at the lease and the taking of it.',
      cost: 'A database where a file would do; in return a task whose starter has died can be started again. So can one whose starter is only slow: the lease must last longer than any start takes. Who waits too long for the database is refused.',
      operations: 6,
      underFaults: {
        crash: {
          truth: ['STUCK'],
          why: 'Who has taken the lease, and dies before saying so, keeps the task from all others until the lease runs out: here for an hour.',
        },
        stall: {
          truth: ['DOUBLE_CONSUME'],
          why: 'A starter that stands still for longer than the lease lasts starts the task all the same, and so does the next one.',
        },
        'power-posix': { truth: ['DOUBLE_CONSUME'], may: ['STUCK'], why: forgotten },
        'power-ext4': { truth: ['DOUBLE_CONSUME'], may: ['STUCK'], why: forgotten },
      },
      open: (session) => void leases(session).prepare('SELECT count(*) FROM lease').get(),
      perform: (session) => {
        const [task, now] = [taskOf(session), performance.timeOrigin + performance.now()];
        if (!takeLease(leases(session), task, session.id, now, now + HOUR_MS))
          throw new Refused(`${task} has been started`);
        return task;
      },
      finally: (session) => disconnect(session.path(DATABASE)),
    },
  },
});
