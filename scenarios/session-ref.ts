import { grantedOnce } from '../harness/oracle/grants.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { createRepository, GIT_ENV, TEMPORARY_NAMES, unflushed } from './kinds/git-repository.ts';

export default defineScenario({
  id: 'session-ref',
  priority: 'P1',
  source: 'C',
  place: 'project',
  touchedBy: 'sessions with hooks',
  resource: 'git ref for each task, which names the session that has it',
  writers: 'every session that wants the task (git)',
  fix: 'update-ref-cas',
  operations: 3,
  setup: createRepository,
  randomNames: TEMPORARY_NAMES,
  oracles: [grantedOnce(({ output }) => String(output), 'LAST_WRITER_WINS')],
  isolated: ['LAST_WRITER_WINS'],

  strategies: {
    'read-then-update': {
      does: '`git rev-parse` finds no ref, then `git update-ref REF NEW`',
      truth: ['LAST_WRITER_WINS'],
      why: 'Both find no ref; both updates succeed, and the second claim takes the place of the first.',
      needs: ['git'],
      perform: sh('session-ref/read-then-update.sh', GIT_ENV),
    },
    'update-ref-cas': {
      does: '`git update-ref REF NEW 000…0`: only where there is none',
      truth: 'SAFE',
      why: 'git compares the old value while it holds REF.lock, which it makes with O_EXCL: one claim finds what it expects.',
      cost: 'Who is refused must find out whether it lost, or only met the lock, and may have to try again.',
      needs: ['git'],
      underFaults: {
        crash: {
          truth: ['STUCK'],
          why: 'A session that is killed leaves REF.lock behind, or a claim that nobody knows of: all others are refused for ever.',
        },
        ...unflushed(['STUCK', 'LOST_ON_CRASH']),
      },
      perform: sh('session-ref/update-ref-cas.sh', GIT_ENV),
    },
  },
});
