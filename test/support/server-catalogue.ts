/** A catalogue for tests of what is explored of servers: a counter behind a daemon, used well and badly. */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { acknowledgedOf, type Execution } from '../../harness/history/execution.ts';
import { findingIf } from '../../harness/oracle/finding.ts';
import {
  defineScenario,
  type Perform,
  type Scenario,
  type Session,
  type Strategy,
} from '../../harness/scenario/scenario.ts';
import type { Server } from '../../harness/scenario/server.ts';
import { startProgram } from '../../scenarios/servers/daemon.ts';

const server: Server = {
  name: 'counter',
  ignoresBeginnings: true,
  start: async (place) => {
    const daemon = fileURLToPath(new URL('./counter-daemon.ts', import.meta.url));
    const { announced, pid, stop } = await startProgram(
      [process.execPath, '--single-threaded', daemon, place.dir],
      place,
      /^listening on (.*)/,
    );
    const [path, port] = announced.split(' ') as [string, string];
    return { address: announced, listens: [path, `${path}.greeting`, Number(port)], pid, stop };
  },
};

type Ask = (command: string) => Promise<string>;

/** Over a connection that ends with the operation. */
const talking =
  (
    talk: (ask: Ask, session: Session, connection: Socket) => Promise<unknown>,
    over: 'path' | 'tcp' = 'path',
  ): Perform =>
  async (session) => {
    const [path, port] = session.server.split(' ') as [string, string];
    const connection = over === 'path' ? createConnection(path) : createConnection(Number(port), '127.0.0.1');
    const lines = createInterface({ input: connection });
    const ask: Ask = async (command) => {
      connection.write(`${command}\n`);
      const [line] = (await once(lines, 'line')) as [string];
      return line;
    };
    try {
      await talk(ask, session, connection);
    } finally {
      connection.destroy();
    }
  };

const addOne = async (ask: Ask): Promise<void> => {
  await ask(`set ${Number(await ask('get')) + 1}`);
};

const strategies: Readonly<Record<string, Omit<Strategy, 'does' | 'truth' | 'why'>>> = {
  'get-set': { perform: talking(addOne) },
  'get-set-tcp': { perform: talking(addOne, 'tcp') },
  add: { perform: talking((ask) => ask('add')) },
  locked: {
    perform: talking(async (ask) => {
      await ask('lock a');
      await addOne(ask);
      await ask('unlock a');
    }),
  },
  'locked-until-the-end': {
    perform: talking(async (ask) => {
      await ask('lock a');
      await addOne(ask);
    }),
  },
  /** Two connections, one of which holds the lock: it is broken off before the counter is set. */
  'unlocked-by-the-end': {
    perform: talking(async (ask, session) => {
      let before = 0;
      await talking(async (askThere) => {
        await askThere('lock a');
        before = Number(await ask('get'));
      })(session);
      await ask(`set ${before + 1}`);
    }),
  },
  /** Whoever connects is told the count before it has asked for anything: 1 is what only comes between two requests. */
  greeted: {
    server: { ...server, ignoresBeginnings: false },
    perform: async (session) => {
      const [path] = session.server.split(' ') as [string];
      if (session.index > 0) {
        await talking((ask) => ask('set 1'))(session);
        await talking((ask) => ask('set 2'))(session);
        return;
      }
      const connection = createConnection(`${path}.greeting`);
      const [greeting] = (await once(createInterface({ input: connection }), 'line')) as [string];
      connection.destroy();
      if (greeting === '1') return 'lost';
    },
  },
  /** The server takes its time; and the lock of a child is given back when that ends, which does not say so. */
  slow: {
    perform: talking((ask) => ask('slow')),
  },
  'locked-by-a-child': {
    perform: (session) => {
      const [path] = session.server.split(' ') as [string];
      const script = `
        const { createConnection } = require('node:net');
        const connection = createConnection(${JSON.stringify(path)});
        connection.write('lock a\\n');
        connection.once('data', () => {
          connection.write('add\\n');
          connection.once('data', () => process.exit());
        });`;
      const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    },
  },
  opposite: {
    perform: talking(async (ask, { index }) => {
      const [first, second] = index === 0 ? ['a', 'b'] : ['b', 'a'];
      await ask(`lock ${first}`);
      await ask(`lock ${second}`);
      await addOne(ask);
    }),
  },
  /** A command of the session's, and not the session itself, is what talks to the server. */
  'get-set-child': {
    perform: (session) => {
      const [path] = session.server.split(' ') as [string];
      const script = `
        const { createConnection } = require('node:net');
        const connection = createConnection(${JSON.stringify(path)});
        connection.write('get\\n');
        connection.once('data', (n) => {
          connection.write('set ' + (Number(n) + 1) + '\\n');
          connection.once('data', () => process.exit());
        });`;
      const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    },
  },
};

/** What ends a search. */
const truths: Readonly<Record<string, Strategy['truth']>> = {
  ...Object.fromEntries(
    ['get-set', 'get-set-tcp', 'get-set-child', 'unlocked-by-the-end'].map((name) => [name, ['LAST_WRITER_WINS']]),
  ),
  opposite: ['STUCK'],
  greeted: ['CONTAMINATED'],
};

const counted = (execution: Execution): number =>
  Math.max(0, ...execution.operations.flatMap(({ kind, output }) => (kind === 'finally' ? [Number(output)] : [])));

const answers: Perform = async (session) => {
  let count = '';
  await talking(async (ask) => {
    count = await ask('get');
  })(session);
  return count;
};

export const catalogue: readonly Scenario[] = [
  defineScenario({
    id: 'counter',
    priority: 'P1',
    source: 'test',
    place: 'project',
    touchedBy: 'every session',
    resource: 'a counter behind a daemon',
    writers: 'sessions',
    setup: () => {},
    finally: answers,
    oracles: [
      (execution) => {
        const toldTooSoon = execution.operations.filter(({ output }) => output === 'lost');
        if (execution.strategy === 'greeted') return findingIf('CONTAMINATED', toldTooSoon, () => 'told in between');
        const lost = acknowledgedOf(execution).slice(counted(execution));
        return findingIf('LAST_WRITER_WINS', lost, () => `${lost.length} lost`);
      },
    ],
    strategies: Object.fromEntries(
      Object.entries(strategies).map(([name, strategy]): [string, Strategy] => [
        name,
        {
          does: name,
          truth: truths[name] ?? 'SAFE',
          why: 'a test',
          server,
          prepare: talking((ask) => ask('reset')),
          ...strategy,
        },
      ]),
    ),
  }),
];

export const catalogueUrl = import.meta.url;
