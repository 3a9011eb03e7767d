import { wholeLines } from '../harness/oracle/entries.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { appended } from './kinds/under-faults.ts';

/** The id of a whole line: `UUID ID started`. */
const idOfLine = (line: string): string | undefined => /^[0-9a-f-]{36} (s\d+\.\d+) started$/.exec(line)?.[1];

export default defineScenario({
  id: 'session-log',
  priority: 'P2',
  source: 'P2-8',
  resource: 'log of session starts, one line each',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'a hook script (sh), `echo … >> log`',
  audit: 'low',
  fix: 'echo',
  setup: () => {},
  oracles: [wholeLines('session.log', idOfLine)],

  strategies: {
    echo: {
      does: '`echo line >> log`',
      truth: 'SAFE',
      why: 'The shell makes one write(2) of the line, and O_APPEND seeks and writes in one step.',
      cost: 'Holds for a line that the shell hands out in one write(2), by measurement up to 4 KiB in bash and 8 KiB in dash, on a local file system: NFS has no atomic append.',
      underFaults: appended,
      perform: sh('session-log/echo.sh'),
    },
  },
});
