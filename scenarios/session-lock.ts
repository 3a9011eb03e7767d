import { grantedOnce } from '../harness/oracle/grants.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { marked } from './kinds/under-faults.ts';

export default defineScenario({
  id: 'session-lock',
  priority: 'P1',
  source: 'C',
  resource: '`.session-NAME` lock file: whoever has it is the one session of that name',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'a shell script, when a session takes a name',
  fix: 'noclobber',
  operations: 6,
  setup: () => {},
  oracles: [grantedOnce((claimed) => String(claimed.output))],
  isolated: ['DOUBLE_CONSUME'],

  strategies: {
    'check-then-touch': {
      does: '`[ -e lock ] && exit 1`, then `touch lock`',
      truth: ['DOUBLE_CONSUME'],
      why: "B's check comes between A's check and A's touch; touch does not mind that the file is there.",
      perform: sh('session-lock/check-then-touch.sh'),
    },
    noclobber: {
      does: '`set -C; echo id > lock`',
      truth: 'SAFE',
      why: 'open(2) with O_CREAT and O_EXCL checks and creates in one step: the second caller gets EEXIST.',
      cost: 'A session that dies leaves its lock behind, and its name stays taken until somebody removes it. The file is there before the id is in it.',
      underFaults: marked,
      perform: sh('session-lock/noclobber.sh'),
    },
  },
});
