/** Fixes in SQLite, with what must be one transaction taken apart. */

import { Refused, type Session } from '../../harness/scenario/scenario.ts';
import buildMarker from '../../scenarios/build-marker.ts';
import hiveDb from '../../scenarios/hive-db.ts';
import { databaseOf } from '../../scenarios/kinds/database.ts';
import knowledgeDb from '../../scenarios/knowledge-db.ts';
import { connection, transaction, unlessBusy } from '../../scenarios/recipes/sqlite.ts';
import type { Mutants } from './mutant.ts';

const count = (session: Session): number =>
  (databaseOf(session).prepare('SELECT count(*) AS n FROM agent').get() as { n: number }).n;

const insertNumbered = (session: Session, or: 'REPLACE' | 'IGNORE'): void => {
  const name = `agent-${count(session)}`;
  databaseOf(session).prepare(`INSERT OR ${or} INTO agent VALUES (?, ?)`).run(name, session.id);
};

const tasks = (session: Session): string =>
  (databaseOf(session).prepare("SELECT tasks FROM agent WHERE name = 'swarm'").get() as { tasks: string }).tasks;

const setTasks = (session: Session, before: string): void => {
  const update = databaseOf(session).prepare("UPDATE agent SET tasks = ? WHERE name = 'swarm'");
  update.run(`${before} ${session.id}`);
};

const sources = (session: Session): string | undefined =>
  (
    databaseOf(session).prepare("SELECT sources FROM fact WHERE topic = 'sqlite'").get() as
      | { sources: string }
      | undefined
  )?.sources;

const taskOf = (session: Session): string => `task-${session.operation}`;
const leases = (session: Session) => connection(session.path('leases.db'));
const leaseOf = (session: Session): unknown =>
  leases(session).prepare('SELECT until FROM lease WHERE task = ?').get(taskOf(session));

function take(session: Session): string {
  leases(session)
    .prepare('INSERT OR REPLACE INTO lease VALUES (?, ?, ?)')
    .run(taskOf(session), session.id, 2 ** 48);
  return taskOf(session);
}

function refuseTaken(session: Session): void {
  if (leaseOf(session) !== undefined) throw new Refused(`${taskOf(session)} has been started`);
}

export const sqlite: Mutants = {
  'numbered-agents-replaced': {
    of: hiveDb,
    fix: 'insert',
    does: 'numbers the new row by how many there are, and replaces the one that has that number',
    why: "B counts before A's insert: both insert the same number, and the second replaces the first.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => unlessBusy(() => insertNumbered(session, 'REPLACE')),
  },
  'numbered-agents-ignored': {
    of: hiveDb,
    fix: 'insert',
    does: 'numbers the new row by how many there are, and ignores it where that number is taken',
    why: "B counts before A's insert: B's row is ignored, and B is not told.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => unlessBusy(() => insertNumbered(session, 'IGNORE')),
  },
  'select-before-deferred': {
    of: hiveDb,
    fix: 'deferred',
    does: 'selects before the transaction begins',
    why: "B's update comes between A's select and A's BEGIN: there is no snapshot that it could contradict.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) =>
      unlessBusy(() => {
        const before = tasks(session);
        transaction(databaseOf(session), 'DEFERRED', () => setTasks(session, before));
      }),
  },
  'refusal-overruled': {
    of: hiveDb,
    fix: 'deferred',
    does: 'updates with what it has read before, where the transaction was refused',
    why: 'The refusal says that what was read does not hold any more.',
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      let before = '';
      try {
        transaction(databaseOf(session), 'DEFERRED', () => {
          before = tasks(session);
          setTasks(session, before);
        });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        unlessBusy(() => setTasks(session, before));
      }
    },
  },
  'select-before-immediate': {
    of: hiveDb,
    fix: 'begin-immediate',
    does: 'selects before the write lock is taken',
    why: "B's transaction comes between A's select and A's BEGIN IMMEDIATE.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) =>
      unlessBusy(() => {
        const before = tasks(session);
        transaction(databaseOf(session), 'IMMEDIATE', () => setTasks(session, before));
      }),
  },
  'commit-after-select': {
    of: hiveDb,
    fix: 'begin-immediate',
    does: 'commits after the select, and updates in a transaction of its own',
    why: "B's transactions come between A's two.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const before = transaction(databaseOf(session), 'IMMEDIATE', () => tasks(session));
      transaction(databaseOf(session), 'IMMEDIATE', () => setTasks(session, before));
    },
  },
  'fact-selected-first': {
    of: knowledgeDb,
    fix: 'upsert',
    does: 'selects the fact, and replaces it with what was read and its own',
    why: "B's statement comes between A's select and A's replace.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) =>
      unlessBusy(() => {
        const before = sources(session) ?? '';
        const replace = databaseOf(session).prepare("INSERT OR REPLACE INTO fact VALUES ('sqlite', ?)");
        replace.run(`${before} ${session.id}`);
      }),
  },
  'fact-inserted-if-new': {
    of: knowledgeDb,
    fix: 'upsert',
    does: 'inserts the fact where there is none, and does nothing on conflict',
    why: "B looks before A's insert: B's insert meets a conflict, does nothing, and B is not told.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) =>
      unlessBusy(() => {
        const statement =
          sources(session) === undefined
            ? "INSERT INTO fact VALUES ('sqlite', ?) ON CONFLICT DO NOTHING"
            : "UPDATE fact SET sources = sources || ' ' || ?";
        databaseOf(session).prepare(statement).run(session.id);
      }),
  },
  'lease-looked-at-before': {
    of: buildMarker,
    fix: 'lease',
    does: 'looks at the lease before the transaction in which it takes it',
    why: "B takes the lease between A's look and A's BEGIN IMMEDIATE.",
    shows: ['DOUBLE_CONSUME'],
    perform: (session) =>
      unlessBusy(() => {
        refuseTaken(session);
        return transaction(leases(session), 'IMMEDIATE', () => take(session));
      }),
  },
  'lease-without-transaction': {
    of: buildMarker,
    fix: 'lease',
    does: 'looks at the lease and takes it in statements that are transactions of their own',
    why: "B's look comes between A's look and A's taking.",
    shows: ['DOUBLE_CONSUME'],
    perform: (session) =>
      unlessBusy(() => {
        transaction(leases(session), 'IMMEDIATE', () => refuseTaken(session));
        return take(session);
      }),
  },
};
