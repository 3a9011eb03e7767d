import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { wholeLines } from '../harness/oracle/entries.ts';
import { defineScenario, type Session } from '../harness/scenario/scenario.ts';
import { appended } from './kinds/under-faults.ts';
import { appendLine } from './recipes/jsonl.ts';

const signalsOf = (session: Session): string => session.path('signals.jsonl');

export default defineScenario({
  id: 'learning-signals',
  priority: 'P2',
  source: 'A',
  resource: 'JSONL file of signals to learn from',
  place: 'home',
  touchedBy: 'sessions with hooks',
  writers: 'hooks of every session, one signal at a time (Node)',
  fix: 'append',
  operations: 6,
  setup: (dir) => writeFileSync(join(dir, 'signals.jsonl'), ''),
  oracles: [wholeLines('signals.jsonl')],

  strategies: {
    append: {
      does: 'one append for each signal',
      truth: 'SAFE',
      why: 'O_APPEND makes "go to the end and write" one step, and the signal with its newline is one write(2).',
      cost: 'Holds for what goes out in one write(2), on a local file system: NFS has no atomic append. The file grows until somebody rotates it, which takes a lock of its own.',
      underFaults: appended,
      perform: (session) => appendLine(signalsOf(session), { id: session.id, rating: session.operation }),
    },
    'buffered-stream': {
      does: 'a stream in append mode, several small writes for each signal',
      truth: ['TORN_LINES'],
      why: "The stream sends its first piece at once and gathers the others meanwhile, so a signal is two system calls: B's come between A's.",
      perform: async (session) => {
        const stream = createWriteStream(signalsOf(session), { flags: 'a' });
        await once(stream, 'open');
        stream.write(`{"id":"${session.id}"`);
        stream.write(`,"rating":${session.operation}`);
        stream.end('}\n');
        await finished(stream);
      },
    },
  },
});
