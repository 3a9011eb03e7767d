import { mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../harness/history/execution.ts';
import { grantedOnce } from '../harness/oracle/grants.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Session } from '../harness/scenario/scenario.ts';
import { createExclusively, linkExclusively } from './recipes/exclusive.ts';
import { readJson } from './recipes/json.ts';

interface Task {
  readonly by: string;
  readonly subject: string;
}

const taskFile = /^(\d+)\.json$/;

const highestId = (session: Session): number =>
  Math.max(0, ...readdirSync(session.path('tasks')).map((name) => Number(taskFile.exec(name)?.[1] ?? 0)));

const fileOf = (session: Session, id: number): string => session.path('tasks', `${id}.json`);

const taskOf = ({ id }: Session): string => JSON.stringify({ by: id, subject: `what ${id} wants done` } satisfies Task);

/** The first free id from the next one on; `take` says whether an id is free, and takes it. */
function firstFree(session: Session, take: (file: string) => boolean): number {
  let id = highestId(session) + 1;
  while (!take(fileOf(session, id))) id++;
  return id;
}

const parseTasks = (final: Files): readonly Task[] =>
  Object.entries(final)
    .filter(([path]) => /tasks\/\d+\.json$/.test(path))
    .map(([, text]) => JSON.parse(text) as Task);

export default defineScenario({
  id: 'task-list',
  priority: 'P1',
  source: 'A',
  resource: "a team's folder with one JSON file for each task; the next id is the highest plus one",
  writers: 'every session that adds a task (Node)',
  fix: 'link-id',
  operations: 12,
  setup: (dir) => mkdirSync(join(dir, 'tasks')),
  read: (session) =>
    readdirSync(session.path('tasks'))
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
        const id = highestId(session) + 1;
        writeFileSync(fileOf(session, id), taskOf(session));
        return id;
      },
    },
    'exclusive-create': {
      does: 'list the folder, create the file with O_EXCL, write; try the next id where it is taken',
      truth: ['TORN_STATE'],
      why: 'An id goes to one writer only, but its file is there before its content is, and a reader meets it empty.',
      perform: (session) => firstFree(session, (file) => createExclusively(file, taskOf(session))),
    },
    'link-id': {
      does: 'write a temporary file, link it to the id; try the next id where it is taken',
      truth: 'SAFE',
      why: 'link(2) gives an id to one writer only, and the file has its content before it has its name.',
      perform: (session) => {
        const temporary = session.path('tasks', `.${session.uuid}`);
        writeFileSync(temporary, taskOf(session));
        try {
          return firstFree(session, (file) => linkExclusively(temporary, file));
        } finally {
          unlinkSync(temporary);
        }
      },
    },
  },
});
