/** A catalogue for tests of the harness itself: each strategy does one thing, without luck. */

import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wholeLines } from '../../harness/oracle/entries.ts';
import { onlyItsOwn } from '../../harness/oracle/grants.ts';
import { defineScenario, Refused, type Scenario, type Session } from '../../harness/scenario/scenario.ts';

const append = (session: Session): void =>
  appendFileSync(session.path('log'), `${JSON.stringify({ id: session.id, uuid: session.uuid })}\n`);

const ledger = {
  priority: 'P1',
  source: 'test',
  resource: 'a ledger',
  place: 'project',
  touchedBy: 'every session',
  writers: 'test sessions',
  operations: 2,
  setup: (dir: string) => writeFileSync(join(dir, 'log'), ''),
} as const;

export const wellBehaved = defineScenario({
  ...ledger,
  id: 'well-behaved',
  fix: 'append',
  audit: 'low',
  oracles: [
    wholeLines('log'),
    onlyItsOwn(({ output }) => ((output as { foreign?: boolean } | null)?.foreign ? 'something foreign' : undefined)),
  ],
  strategies: {
    together: {
      does: 'appends a line when all writers are about to: their operations always overlap',
      truth: 'SAFE',
      why: 'O_APPEND',
      perform: (session) => {
        const place = (index: number): string => session.path('..', `meet-${session.operation}-${index}`);
        writeFileSync(place(session.index), '');
        for (let other = 0; other < session.writers; other++) while (!existsSync(place(other)));
        append(session);
      },
    },
    append: { does: 'appends a line', truth: 'SAFE', why: 'O_APPEND', perform: append },
    contaminated: {
      does: 'says that it used foreign state, unless it is alone',
      truth: ['CONTAMINATED'],
      why: 'it says so',
      perform: (session) => {
        append(session);
        return { foreign: session.writers > 1 };
      },
    },
    'not-provoked': { does: 'appends a line', truth: ['LAST_WRITER_WINS'], why: 'B comes between.', perform: append },
    refusing: {
      does: 'refuses everybody but the first session',
      truth: 'SAFE',
      why: 'only one session writes',
      perform: (session) => {
        if (session.index > 0) throw new Refused('not today');
        append(session);
      },
    },
  },
});

export const broken = defineScenario({
  ...ledger,
  id: 'broken',
  oracles: [wholeLines('log')],
  strategies: {
    alone: { does: 'acknowledges and writes nothing', truth: 'SAFE', why: 'it is broken', perform: () => null },
    'truth-is-wrong': {
      does: 'tears its line, unless it is alone',
      truth: 'SAFE',
      why: 'the truth is wrong',
      perform: (session) => (session.writers > 1 ? appendFileSync(session.path('log'), '{"id"') : append(session)),
    },
    'needs-what-nobody-has': {
      does: 'nothing',
      truth: 'SAFE',
      why: 'it is not run',
      needs: ['no-such-program'],
      perform: append,
    },
  },
});

export const misbehaving = defineScenario({
  ...ledger,
  id: 'misbehaving',
  operations: 1,
  oracles: [wholeLines('log')],
  strategies: {
    dies: { does: 'dies', truth: 'SAFE', why: '', perform: () => process.kill(process.pid, 'SIGKILL') },
    'first-session-dies': {
      does: 'session 1 dies',
      truth: 'SAFE',
      why: '',
      perform: (session) => (session.index === 1 ? process.kill(process.pid, 'SIGKILL') : append(session)),
    },
    hangs: {
      does: 'spins for ever',
      truth: 'SAFE',
      why: '',
      perform: () => {
        for (;;);
      },
    },
    'leaves-a-child': {
      does: 'spawns a process that outlives it, and dies',
      truth: 'SAFE',
      why: '',
      perform: (session) => {
        const { pid } = spawn('sleep', ['1000'], { stdio: 'ignore' });
        writeFileSync(session.path('child'), String(pid));
        process.kill(process.pid, 'SIGKILL');
      },
    },
    throws: {
      does: 'throws',
      truth: 'SAFE',
      why: '',
      perform: () => {
        throw new TypeError('no idea');
      },
    },
    waits: {
      does: 'waits until a file appears',
      truth: 'SAFE',
      why: '',
      perform: (session) => {
        while (!existsSync(session.path('go')));
        return readFileSync(session.path('go'), 'utf8');
      },
    },
  },
});

export const catalogue: readonly Scenario[] = [wellBehaved, broken, misbehaving];

export const catalogueUrl = import.meta.url;
