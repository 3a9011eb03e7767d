import { readFileSync } from 'node:fs';
import { onlyItsOwn } from '../harness/oracle/grants.ts';
import { defineScenario, type Session } from '../harness/scenario/scenario.ts';
import { replaceFile } from './recipes/replace.ts';

/** The task that a session made active, and the task that it then acted on. */
interface Acted {
  readonly own: string;
  readonly acted: string;
}

/** The pointer is replaced atomically: what goes wrong is not a torn file. */
function activateThenAct(pointer: string, session: Session): Acted {
  const own = `task of ${session.id}`;
  replaceFile(pointer, session.uuid, own);
  return { own, acted: readFileSync(pointer, 'utf8') };
}

export default defineScenario({
  id: 'active-task',
  priority: 'P1',
  source: 'P1-13',
  resource: '"active task" pointer: a file that names the task in hand',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'every session, at the start of each task; what it does next it reads there (Node)',
  audit: 'probed SAFE',
  fix: 'session-pointer',
  operations: 10,
  setup: () => {},
  oracles: [
    onlyItsOwn(({ id, output }) => {
      const { own, acted } = (output ?? {}) as Partial<Acted>;
      return acted === own ? undefined : `${id} made '${own}' active and acted on '${acted}'`;
    }),
  ],

  strategies: {
    'global-pointer': {
      does: 'one pointer for everybody, replaced by rename',
      truth: ['CONTAMINATED'],
      why: "B replaces the pointer between A's write and A's read: A goes on with B's task. The rename is atomic, and no help.",
      perform: (session) => activateThenAct(session.path('active-task'), session),
    },
    'session-pointer': {
      does: "a pointer with the session's id in its name",
      truth: 'SAFE',
      why: 'No pointer has two writers.',
      cost: 'Whoever looks must know which session it is, and nobody sees all sessions in one place; what ended sessions leave behind, somebody has to clear away.',
      perform: (session) => activateThenAct(session.path(`active-task.${session.uuid}`), session),
    },
  },
});
