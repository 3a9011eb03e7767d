import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { connecting, databaseOf, exportedEntries, exporting, setUpDatabase } from './kinds/database.ts';
import { logged } from './kinds/under-faults.ts';
import { unlessBusy } from './recipes/sqlite.ts';

const ADDING = "ON CONFLICT DO UPDATE SET sources = sources || ' ' || excluded.sources";

export default defineScenario({
  id: 'knowledge-db',
  priority: 'P2',
  source: 'P2-7',
  place: 'project',
  touchedBy: 'sessions with hooks',
  resource: 'SQLite database of facts, with a write-ahead log',
  writers: 'every session, one statement at a time (Node)',
  audit: 'low',
  fix: 'upsert',
  operations: 6,
  setup: setUpDatabase('CREATE TABLE fact (topic TEXT PRIMARY KEY, sources TEXT)'),
  finally: exporting('SELECT sources AS text FROM fact'),
  oracles: [everyEntryOnce(exportedEntries)],

  strategies: {
    upsert: {
      does: 'INSERT … ON CONFLICT DO UPDATE, which adds to what is there',
      truth: 'SAFE',
      why: 'The statement finds the row and adds to it under the write lock: nobody sends back what it has read before.',
      cost: 'What is to be added must be said in SQL.',
      underFaults: logged,
      open: connecting,
      perform: (session) =>
        unlessBusy(() => {
          databaseOf(session).prepare(`INSERT INTO fact VALUES ('sqlite', ?) ${ADDING}`).run(session.id);
        }),
    },
  },
});
