import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { renamed } from './kinds/under-faults.ts';
import { ask } from './recipes/ask.ts';
import { broker } from './servers/broker.ts';

export default defineScenario({
  id: 'memory-broker',
  priority: 'P1',
  source: 'P1-12',
  resource: 'notes file behind a daemon that alone writes it',
  place: 'home',
  touchedBy: 'sessions with hooks',
  writers: 'every session, a line at a time (Node)',
  audit: 'fix applied',
  fix: 'broker',
  setup: (dir) => writeFileSync(join(dir, 'notes.md'), '# Notes\n'),
  oracles: [everyEntryOnce((final) => final['notes.md']!.split('\n').filter((line) => /^s\d/.test(line)))],

  strategies: {
    'direct-edit': {
      does: 'read the notes, add a line, write them in place: past the broker',
      truth: ['LAST_WRITER_WINS'],
      may: ['DUPLICATE_ENTRY'], // the tail of a longer text behind a shorter one
      why: "B reads between A's read and A's write, and writes A's line away.",
      perform: (session) => {
        const file = session.path('notes.md');
        writeFileSync(file, `${readFileSync(file, 'utf8')}${session.id}\n`);
      },
    },
    broker: {
      does: 'ask the broker for the line, over its Unix socket',
      truth: 'SAFE',
      why: 'The broker reads, adds and replaces for one request at a time, and answers when the line is there.',
      cost: 'A daemon that must be running for anybody to write, and that all who write must ask: whoever goes past it breaks it for everybody. Where an answer is lost, it is open whether the line is there. After a crash, its socket is in the way of the next one, and only who knows that no daemon runs may remove it.',
      underFaults: renamed,
      server: broker,
      programs: ['scenarios/servers/broker-daemon.ts'],
      perform: async (session) => {
        const answer = await ask(session.server, { file: session.path('notes.md'), line: session.id });
        if (answer !== 'ok') throw new Error(answer);
      },
    },
  },
});
