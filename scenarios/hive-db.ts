import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { defineScenario, type Perform, type Session } from '../harness/scenario/scenario.ts';
import { connecting, databaseOf, exportedEntries, exporting, setUpDatabase } from './kinds/database.ts';
import { logged } from './kinds/under-faults.ts';
import { transaction, unlessBusy } from './recipes/sqlite.ts';

const swarm = (session: Session): string =>
  (databaseOf(session).prepare("SELECT tasks FROM agent WHERE name = 'swarm'").get() as { tasks: string }).tasks;

const setSwarm = (session: Session, tasks: string): void => {
  databaseOf(session).prepare("UPDATE agent SET tasks = ? WHERE name = 'swarm'").run(tasks);
};

const selectThenUpdate = (session: Session): void => setSwarm(session, `${swarm(session)} ${session.id}`);

const within =
  (kind: 'IMMEDIATE' | 'DEFERRED'): Perform =>
  (session) =>
    transaction(databaseOf(session), kind, () => selectThenUpdate(session));

export default defineScenario({
  id: 'hive-db',
  priority: 'P2',
  source: 'P2-6',
  place: 'project',
  touchedBy: 'sessions with hooks',
  resource: 'SQLite database of agents and their tasks, with a write-ahead log',
  writers: 'every session (Node)',
  audit: 'low',
  fix: 'begin-immediate',
  operations: 6,
  setup: setUpDatabase(
    "CREATE TABLE agent (name TEXT PRIMARY KEY, tasks TEXT); INSERT INTO agent VALUES ('swarm', '')",
  ),
  finally: exporting('SELECT tasks AS text FROM agent'),
  oracles: [everyEntryOnce(exportedEntries)],

  strategies: {
    insert: {
      does: 'insert a row of its own',
      truth: 'SAFE',
      why: 'A statement alone is a transaction; SQLite admits one writer at a time, and who comes second waits.',
      cost: 'Writers wait for each other; a local file system is needed, since the write-ahead log is shared memory.',
      underFaults: logged,
      open: connecting,
      perform: (session) =>
        unlessBusy(() => {
          databaseOf(session).prepare('INSERT INTO agent VALUES (?, ?)').run(session.id, session.id);
        }),
    },
    'select-then-update': {
      does: 'select, then update with what was read, each statement a transaction',
      truth: ['LAST_WRITER_WINS'],
      why: "B's update comes between A's select and A's update: nothing holds the two together.",
      open: connecting,
      perform: (session) => unlessBusy(() => selectThenUpdate(session)),
    },
    deferred: {
      does: 'the same in BEGIN … COMMIT',
      truth: 'SAFE',
      why: 'Where another one has written since the select, the update is refused (SQLITE_BUSY_SNAPSHOT): no timeout helps.',
      cost: 'Who is refused has to begin anew, and waiting does not help.',
      underFaults: logged,
      open: connecting,
      perform: within('DEFERRED'),
    },
    'begin-immediate': {
      does: 'the same in BEGIN IMMEDIATE … COMMIT',
      truth: 'SAFE',
      why: 'The write lock is taken before the select: nobody writes between it and the update.',
      cost: 'Writers wait for each other from the beginning of the transaction, readers do not.',
      underFaults: logged,
      open: connecting,
      perform: within('IMMEDIATE'),
    },
  },
});
