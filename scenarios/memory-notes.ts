import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../harness/history/execution.ts';
import { limits } from '../harness/limits.ts';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { defineScenario, Refused, type Session, type UnderFault } from '../harness/scenario/scenario.ts';

const OPERATIONS = 6;

/** An open item for each operation of each session that there can be. */
const openItems = Array.from(
  { length: limits.writersMax * OPERATIONS },
  (_, at) => `- [ ] item s${Math.floor(at / OPERATIONS)}.${at % OPERATIONS}\n`,
).join('');

const notesOf = (session: Session): string => session.path('NOTES.md');

const doneIn = (final: Files): readonly string[] =>
  Array.from((final['NOTES.md'] ?? '').matchAll(/^- \[x\] item (.+)$/gm), ([, id]) => id!);

const glued: UnderFault = {
  truth: ['LOST_ON_CRASH'],
  why: 'Nothing is flushed: a tick may be gone, or its length be there and zeros instead of its bytes; then the next one is lost, too, which is appended to those.',
};

export default defineScenario({
  id: 'memory-notes',
  priority: 'P1',
  source: 'A',
  resource: 'Markdown file of notes',
  place: 'home',
  touchedBy: 'every session',
  writers: 'every session, which ticks off items of its own (Node)',
  fix: 'append',
  operations: OPERATIONS,
  setup: (dir) => writeFileSync(join(dir, 'NOTES.md'), openItems),
  oracles: [everyEntryOnce(doneIn)],

  strategies: {
    edit: {
      does: 'read, replace one line, write in place; refuse where the line is not there',
      truth: ['LAST_WRITER_WINS'],
      why: "B reads between A's read and A's write, and writes A's tick away. Where it reads between truncation and write, it finds no line to replace, and says so.",
      perform: (session) => {
        const notes = readFileSync(notesOf(session), 'utf8');
        const item = `- [ ] item ${session.id}\n`;
        if (!notes.includes(item)) throw new Refused('the text to replace is not there');
        writeFileSync(notesOf(session), notes.replace(item, `- [x] item ${session.id}\n`));
      },
    },
    append: {
      does: 'append a line that says it is done',
      truth: 'SAFE',
      why: 'O_APPEND makes "go to the end and write" one step, and nobody writes what another has written.',
      cost: 'The file grows with each tick, and an item stands there as open and as done: readers must let the last line count. Holds for what goes out in one write(2), on a local file system.',
      underFaults: {
        crash: {
          truth: ['LOST_ON_CRASH'],
          why: 'A write that is killed in the middle leaves a piece of a line; the next tick is appended to that, and no reader finds it.',
        },
        short: {
          truth: ['LAST_WRITER_WINS'],
          why: "Whoever is cut short writes the rest behind another's tick: neither can be found.",
        },
        'power-posix': glued,
        'power-ext4': glued,
      },
      perform: (session) => appendFileSync(notesOf(session), `- [x] item ${session.id}\n`),
    },
  },
});
