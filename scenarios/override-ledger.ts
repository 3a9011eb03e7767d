import { wholeLines } from '../harness/oracle/entries.ts';
import { command, sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { appended } from './kinds/under-faults.ts';

export default defineScenario({
  id: 'override-ledger',
  priority: 'P2',
  source: 'P2-1',
  resource: 'JSONL ledger of overrides',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'a hook script, `printf … >> ledger`, once for each override',
  audit: 'low',
  fix: 'printf',
  setup: () => {},
  oracles: [wholeLines('overrides.jsonl')],

  strategies: {
    printf: {
      does: '`printf` of a short line, `>>`',
      truth: 'SAFE',
      why: 'The shell makes one write(2) of a line that fits its buffer, and O_APPEND seeks and writes in one step.',
      cost: 'Holds for a line that the shell hands out in one write(2), by measurement up to 4 KiB in bash and 8 KiB in dash, on a local file system: NFS has no atomic append.',
      underFaults: appended,
      perform: sh('override-ledger/printf.sh'),
    },
    // By strace: a line of up to 8,192 bytes in dash, and of up to 4,096 in bash, is one write(2); a longer one is two or more.
    'printf-64k-dash': {
      does: 'the same with a reason of 64 KiB, in dash',
      truth: ['TORN_LINES'],
      why: "dash 0.5.12 gathers 8,192 bytes (BUFSIZ) and writes apart what does not fit: A's line takes three write(2) calls (23, 65,536 and 3 bytes), and B's come in between.",
      needs: ['dash'],
      operations: 6,
      perform: command('dash', 'override-ledger/printf-64k.sh'),
    },
    'printf-64k-bash': {
      does: 'the same with a reason of 64 KiB, in bash',
      truth: ['TORN_LINES'],
      why: "bash 5.2 prints through stdio, whose buffer is one block of the file (st_blksize, 4,096 bytes): A's line takes three write(2) calls (4,096, 61,440 and 26 bytes), and B's come in between.",
      needs: ['bash'],
      operations: 6,
      perform: command('bash', 'override-ledger/printf-64k.sh'),
    },
  },
});
