import { wholeLines } from '../harness/oracle/entries.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { appendedSlowly } from './kinds/under-faults.ts';

export default defineScenario({
  id: 'ready-audit',
  priority: 'P2',
  source: 'P2-2',
  resource: 'JSONL log of sessions that are ready',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'a hook script (sh), `echo "$JSON" >> log`, with JSON made by jq',
  audit: 'low',
  fix: 'echo',
  operations: 2,
  setup: () => {},
  oracles: [wholeLines('ready-audit.jsonl')],

  strategies: {
    echo: {
      does: 'jq into a variable, `echo "$JSON" >> log`',
      truth: 'SAFE',
      why: 'However long jq takes, the line is one write(2) of the shell, and O_APPEND seeks and writes in one step.',
      cost: 'Holds for a line that the shell hands out in one write(2), by measurement up to 4 KiB in bash and 8 KiB in dash, on a local file system: NFS has no atomic append.',
      needs: ['jq'],
      underFaults: appendedSlowly,
      perform: sh('ready-audit/echo.sh'),
    },
  },
});
