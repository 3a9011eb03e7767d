import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../harness/history/execution.ts';
import { grantedOnce } from '../harness/oracle/grants.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Session } from '../harness/scenario/scenario.ts';
import { linked } from './kinds/under-faults.ts';
import { createExclusively } from './recipes/exclusive.ts';
import { readJson } from './recipes/json.ts';
import { firstFree, highestId, writeUnderNextId } from './recipes/next-id.ts';

interface Task {
  readonly by: string;
  readonly subject: string;
}

const taskFile = /^(\d+)\.json$/;

const folderOf = (session: Session): string => session.path('tasks');

const taskOf = ({ id }: Session): string => JSON.stringify({ by: id, subject: `what ${id} wants done` } satisfies Task);

const parseTasks = (final: Files): readonly Task[] =>
  Object.entries(final)
    .filter(([path]) => /tasks\/\d+\.json$/.test(path))
    .map(([, text]) => JSON.parse(text) as Task);

export default defineScenario({
  id: 'task-list',
  priority: 'P1',
  source: 'A',
  resource: "a team's folder with one JSON file for each task; the next id is the highest plus one",
  place: 'home',
  touchedBy: 'every session',
  writers: 'every session that adds a task (Node)',
  fix: 'link-id',
  operations: 12,
  setup: (dir) => mkdirSync(join(dir, 'tasks')),
  read: (session) =>
    readdirSync(folderOf(session))
      .filter((name) => taskFile.test(name))
      .map((name) => readJson<Task>(session.path('tasks', name))).length,
  oracles: [neverTorn(parseTasks), grantedOnce(({ output }) => `task ${output}`, 'LAST_WRITER_WINS')],
  isolated: ['LAST_WRITER_WINS'],

  strategies: {
    'scan-next-id': {
      does: 'list the folder, write the file of the next id',
      truth: ['LAST_WRITER_WINS', 'TORN_STATE'],
      why: "B lists between A's listing and A's write: both write one file, and one task is gone. A reader meets the file between its creation and its content.",
      perform: (session) => {
        const id = highestId(folderOf(session)) + 1;
        writeFileSync(session.path('tasks', `${id}.json`), taskOf(session));
        return id;
      },
    },
    'exclusive-create': {
      does: 'list the folder, create the file with O_EXCL, write; try the next id where it is taken',
      truth: ['TORN_STATE'],
      why: 'An id goes to one writer only, but its file is there before its content is, and a reader meets it empty.',
      perform: (session) => firstFree(folderOf(session), (file) => createExclusively(file, taskOf(session))),
    },
    'link-id': {
      does: 'write a temporary file, link it to the id; try the next id where it is taken',
      truth: 'SAFE',
      why: 'link(2) gives an id to one writer only, and the file has its content before it has its name.',
      cost: 'A temporary file for each task, which is left behind where its writer dies, and a further try for each id that is taken. Takes hard links. The id of the newest task, once deleted, is given again.',
      underFaults: linked,
      perform: (session) => writeUnderNextId(folderOf(session), session.uuid, taskOf(session)),
    },
  },
});
