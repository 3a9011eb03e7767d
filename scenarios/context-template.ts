import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Session } from '../harness/scenario/scenario.ts';
import { halfWritten } from './kinds/under-faults.ts';
import { replaceFile } from './recipes/replace.ts';
import { sealed, titleOf } from './recipes/sealed.ts';

const template = sealed('Context of {{project}}', 'A rule for everybody who works on {{project}}.\n'.repeat(400));

const render = (text: string): string => text.replaceAll('{{project}}', 'collide');

const contextOf = (session: Session): string => session.path('CONTEXT.md');
const rendered = (session: Session): string => render(readFileSync(session.path('CONTEXT.template.md'), 'utf8'));

export default defineScenario({
  id: 'context-template',
  priority: 'P1',
  source: 'A',
  resource: 'document that is rendered from a template, for all sessions to read',
  place: 'home',
  touchedBy: 'sessions with hooks',
  writers: 'every session, whenever it starts; all render the same (Node)',
  fix: 'rename',
  operations: 6,
  setup: (dir) => {
    writeFileSync(join(dir, 'CONTEXT.template.md'), template);
    writeFileSync(join(dir, 'CONTEXT.md'), render(template));
  },
  read: (session) => titleOf(readFileSync(contextOf(session), 'utf8')),
  oracles: [neverTorn((final) => titleOf(final['CONTEXT.md'] ?? ''))],

  strategies: {
    'write-in-place': {
      does: 'render, write in place',
      truth: ['TORN_STATE'],
      why: 'All writers agree, and still the file is empty between truncation and write: a session that starts just then reads no rules.',
      perform: (session) => writeFileSync(contextOf(session), rendered(session)),
    },
    rename: {
      does: 'render, write a temporary file, rename it',
      truth: 'SAFE',
      why: 'rename(2) puts one whole document in the place of another; which of the same texts it is does not matter.',
      cost: 'A second copy on the disk for a moment, in the same directory; the rename drops hard links and the old owner and mode. It orders nothing: safe only because all write the same text.',
      underFaults: { 'power-posix': halfWritten },
      perform: (session) => replaceFile(contextOf(session), session.uuid, rendered(session)),
    },
    'rename-pid': {
      does: 'the same, with a temporary file that is named after the process id',
      truth: 'SAFE',
      why: 'As rename, as long as all sessions number their processes alike.',
      cost: 'As rename.',
      noFix: 'sessions in containers that share a volume have the same process ids, and then one temporary file',
      underFaults: {
        'power-posix': halfWritten,
        pids: {
          truth: ['TORN_STATE'],
          why: "Both write one temporary file: B's open empties it between A's write and A's rename, and the document is empty.",
        },
      },
      perform: (session) => replaceFile(contextOf(session), String(process.pid), rendered(session)),
    },
  },
});
