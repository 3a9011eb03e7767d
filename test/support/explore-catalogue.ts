/** A catalogue for tests of the explorer: each strategy reaches the resource in another way. */

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  promises,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Finding } from '../../harness/oracle/finding.ts';
import type { Command } from '../../harness/scenario/command.ts';
import { defineScenario, type Scenario, type Session, type Strategy } from '../../harness/scenario/scenario.ts';
import { LOCK_EX, LOCK_NB, LOCK_SH, lockFd } from './flock.ts';

const script = (name: string): Command => ({
  kind: 'command',
  shell: 'sh',
  script: join(import.meta.dirname, '..', 'explore', 'scripts', name),
});

const LOCK_UN = 8;

/** Was the lock granted? */
const flock = (fd: number, operation: number): boolean => lockFd(fd, operation) === 0;

/** The steps are what such a test looks at: nothing is wrong with any of them. */
const step = (does: string, perform: Strategy['perform'], needs: readonly string[] = []): Strategy => ({
  does,
  truth: 'SAFE',
  why: 'nothing is judged',
  perform,
  needs,
});

const row = {
  priority: 'P1',
  source: 'test',
  resource: 'a file',
  place: 'project',
  touchedBy: 'every session',
  writers: 'test sessions',
} as const;

/** Reads a number, and writes the next one. */
function increment(session: Session): void {
  const state = session.path('state');
  writeFileSync(state, String(Number(readFileSync(state, 'utf8')) + 1));
}

export const ways = defineScenario({
  ...row,
  id: 'ways',
  setup: (dir) => {
    writeFileSync(join(dir, 'state'), '0');
    mkdirSync(join(dir, 'dir'));
  },
  oracles: [],
  strategies: {
    signals: step('asks to be told of the end of a child', ({ path }) => {
      writeFileSync(path('flags'), String(flagsOfSigchld()));
    }),
    sync: step('calls of fs, one after another', (session) => {
      const { path } = session;
      mkdirSync(path('own'));
      writeFileSync(path('own', 'new'), 'text');
      appendFileSync(path('own', 'new'), ' and more');
      renameSync(path('own', 'new'), path('own', 'moved'));
      linkSync(path('own', 'moved'), path('own', 'linked'));
      symlinkSync('moved', path('own', 'symbolic'));
      const seen = [readlinkSync(path('own', 'symbolic')), readFileSync(path('own', 'symbolic'), 'utf8')];
      truncateSync(path('own', 'linked'), 4);
      const size = statSync(path('own', 'moved')).size;
      const names = readdirSync(path('own')).sort();
      for (const name of names) unlinkSync(path('own', name));
      rmdirSync(path('own'));
      return { seen, size, names, gone: !existsSync(path('own')) };
    }),
    failing: step('what fails, and does nothing', ({ path }) => {
      const code = (attempt: () => unknown): string => {
        try {
          attempt();
          return 'it worked';
        } catch (error) {
          return (error as NodeJS.ErrnoException).code!;
        }
      };
      return [
        code(() => openSync(path('state'), 'wx')),
        code(() => openSync(path('missing'), 'r')),
        code(() => mkdirSync(path('dir'))),
        code(() => unlinkSync(path('missing'))),
        code(() => renameSync(path('missing'), path('state'))),
        code(() => linkSync(path('state'), path('dir'))),
        code(() => unlinkSync(path('state', 'below'))),
        code(() => openSync(path('n'.repeat(300)), 'w')),
      ];
    }),
    promises: step('fs.promises, one after another', async ({ path }) => {
      const count = Number(await promises.readFile(path('state'), 'utf8'));
      await promises.writeFile(path('new'), String(count + 1));
      await promises.rename(path('new'), path('state'));
    }),
    'bad-pointer': step('asks the kernel for a file whose name is nowhere', () => nowhere()),
    'promises-at-once': step('fs.promises, several at once', async ({ path }) => {
      await Promise.all(['c', 'a', 'd', 'b'].map((name) => promises.writeFile(path(name), name)));
    }),
    positioned: step('reads and writes at places of one descriptor', ({ path }) => {
      const fd = openSync(path('state'), 'r+');
      const buffer = Buffer.alloc(8);
      writeSync(fd, 'abcdef', 0);
      const read = readSync(fd, buffer, 0, 2, 3);
      closeSync(fd);
      return buffer.toString('utf8', 0, read);
    }),
    share: step('shares a lock, and asks for its share again', ({ path }) => {
      const fd = openSync(path('state'), 'r');
      const had = [flock(fd, LOCK_SH), flock(fd, LOCK_SH)];
      closeSync(fd);
      return had;
    }),
    outside: step('nothing of the resource', ({ path }) => existsSync(path('..'))),
    rename: step('a reader of what was renamed', ({ index, path }) => {
      if (index === 0) {
        writeFileSync(path('new'), 'fresh');
        renameSync(path('new'), path('state'));
        return undefined;
      }
      return readFileSync(path('state'), 'utf8');
    }),
    'id-in-name': step('file names with the session id', ({ uuid, path }) => {
      writeFileSync(path(`tmp.${uuid}`), '1');
      renameSync(path(`tmp.${uuid}`), path('state'));
    }),
    child: step('a shell that a function starts', ({ path }) => {
      const { status, stdout } = spawnSync('sh', ['-c', 'cat state; echo 1 > state'], {
        cwd: path(),
        encoding: 'utf8',
      });
      return { status, stdout };
    }),
    shell: step('a pipeline, a subshell, and a command in the background', script('ways.sh')),
    'shell-pid': step('a file name with the number of the shell', script('pid.sh')),
    'shell-race': step('goes on beside a command that it has just started', script('race.sh')),
    'shell-jobs': step('two subshells at once, each with commands of its own', script('jobs.sh')),
    'shell-sleep': step('sleeps for an age', script('sleep.sh')),
    'shell-left': step('leaves a process behind that goes on later', script('left.sh')),
    'shell-kill': step('kills a command of its own that waits at the gate', script('kill.sh')),
    python: step('opens, reads, writes and renames in Python', script('python.sh'), ['python3']),
    'python-lockf': step('locks with lockf(3), which is fcntl(2)', script('python-lockf.sh'), ['python3']),
    'python-upgrade': step('locks shared, then exclusively', script('python-upgrade.sh'), ['python3']),
    'python-ofd': step('locks a file description twice', script('python-ofd.sh'), ['python3']),
    spawning: step('a shell that sleeps', ({ path }) => {
      return spawnSync('sh', ['-c', 'sleep 1000; echo 1 > state'], { cwd: path() }).status;
    }),
  },
});

/** An increment in a lock; where the lock is any good, the sum is right. */
const locked = (does: string, perform: Strategy['perform'], needs: readonly string[] = []): Strategy => ({
  does,
  truth: 'SAFE',
  why: 'the lock',
  perform,
  needs: ['flock(2)', ...needs],
});

export const locking = defineScenario({
  ...row,
  id: 'locking',
  setup: (dir) => {
    for (const name of ['state', 'lock', 'other']) writeFileSync(join(dir, name), name === 'state' ? '0' : '');
  },
  oracles: [
    ({ final, operations }): readonly Finding[] => {
      const lost = operations.filter(({ outcome }) => outcome === 'ok').length - Number(final.state);
      return lost === 0 ? [] : [{ class: 'LAST_WRITER_WINS', count: lost, message: `${lost} increments are lost` }];
    },
  ],
  strategies: {
    none: { ...locked('no lock', increment), truth: ['LAST_WRITER_WINS'], why: 'both read before one writes' },
    unlock: locked('gives the lock back', (session) => {
      const fd = openSync(session.path('lock'), 'r');
      flock(fd, LOCK_EX);
      increment(session);
      flock(fd, LOCK_UN);
      closeSync(fd);
    }),
    close: locked('closes the descriptor', (session) => {
      const fd = openSync(session.path('lock'), 'r');
      flock(fd, LOCK_EX);
      increment(session);
      closeSync(fd);
    }),
    exit: locked('ends with the lock held', script('lock-exit.sh'), ['flock']),
    block: locked('a block of a shell script', script('lock-block.sh'), ['flock']),
    try: locked('tries until it gets the lock', (session) => {
      const fd = openSync(session.path('lock'), 'r');
      while (!flock(fd, LOCK_EX | LOCK_NB));
      increment(session);
      closeSync(fd);
    }),
    upgrade: locked('locks shared while alone, then exclusively', (session) => {
      const fd = openSync(session.path('lock'), 'r');
      flock(fd, LOCK_EX);
      flock(fd, LOCK_SH);
      flock(fd, LOCK_EX);
      increment(session);
      closeSync(fd);
    }),
    opposite: {
      ...locked('two locks, in opposite order', (session) => {
        const names = session.index === 0 ? ['lock', 'other'] : ['other', 'lock'];
        const fds = names.map((name) => openSync(session.path(name), 'r'));
        for (const fd of fds) flock(fd, LOCK_EX);
        increment(session);
        for (const fd of fds) closeSync(fd);
      }),
      truth: ['STUCK'],
      why: 'each has what the other waits for',
    },
    'shell-opposite': {
      ...locked('two locks, in opposite order', script('opposite.sh'), ['flock']),
      truth: ['STUCK'],
      why: 'each has what the other waits for',
    },
  },
});

/** open(2) with an address that no process has. */
function nowhere(): number {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default;
  return koffi.load(null).func('int open(uintptr_t path, int flags)')(1, 0) as number;
}

/** Asks for SIGCHLD as dash does, with a handler and without SA_RESTART. Returns the flags that the kernel has then: sigaction(2). */
function flagsOfSigchld(): number {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default;
  const sigaction = koffi.load(null).func('int sigaction(int signal, void *action, void *old)');
  const [SIGCHLD, BYTES, FLAGS_AT] = [17, 152, 136]; // struct sigaction of glibc: handler, 128 bytes of mask, flags
  const [before, mine, now] = [Buffer.alloc(BYTES), Buffer.alloc(BYTES), Buffer.alloc(BYTES)];
  mine.writeBigUInt64LE(BigInt(koffi.address(mine)), 0); // never called: no child ends
  sigaction(SIGCHLD, mine, before);
  sigaction(SIGCHLD, null, now);
  sigaction(SIGCHLD, before, null);
  return now.readUInt32LE(FLAGS_AT);
}

/** What is not there is no error; anything else still is. */
const QUIETLY = { throwIfNoEntry: false } as const;

/** Waiting for files. */
export const waiting = defineScenario({
  ...row,
  id: 'waiting',
  setup: (dir) => writeFileSync(join(dir, 'state'), '0'),
  oracles: [
    ({ final }): readonly Finding[] =>
      'given-up' in final ? [{ class: 'EXCLUSION_BROKEN', count: 1, message: 'somebody gave up waiting' }] : [],
  ],
  strategies: {
    each: { ...step('waits for the other one, if that is here', script('wait-each.sh')), truth: ['STUCK'] },
    'each-function': {
      ...step('waits for the other one, if that is here', ({ index, path }) => {
        writeFileSync(path(`here-${index}`), '');
        if (existsSync(path(`here-${1 - index}`))) while (statSync(path(`done-${1 - index}`), QUIETLY) === undefined);
        writeFileSync(path(`done-${index}`), '');
      }),
      truth: ['STUCK'],
    },
    bounded: { ...step('waits for a turn, and gives up', script('wait-bounded.sh')), truth: ['EXCLUSION_BROKEN'] },
    unbounded: step('waits for a turn for ever', script('wait-unbounded.sh')),
    'bounded-function': {
      ...step('waits for a turn, and gives up', ({ path }) => {
        for (let round = 0; round < 20; round++) {
          try {
            mkdirSync(path('turn'));
            writeFileSync(path('state'), '1');
            rmdirSync(path('turn'));
            return;
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
          }
        }
        writeFileSync(path('given-up'), '');
      }),
      truth: ['EXCLUSION_BROKEN'],
    },
  },
});

/** What an explorer has to notice, or to survive. */
export const trouble = defineScenario({
  ...row,
  id: 'trouble',
  setup: (dir) => writeFileSync(join(dir, 'state'), '0'),
  oracles: [],
  strategies: {
    random: step('draws a file name', ({ path }) => writeFileSync(path(`tmp-${Math.random()}`), '')),
    clock: step('puts the time into a file name', ({ path }) =>
      writeFileSync(path(`at-${process.hrtime.bigint()}`), ''),
    ),
    dies: step('dies before its second step', ({ path }) => {
      writeFileSync(path('begun'), '');
      process.kill(process.pid, 'SIGKILL');
    }),
    'dies-once': step('dies the first time that anybody does this', ({ path }) => {
      const mark = path('..', '..', '..', 'died-once');
      writeFileSync(path('begun'), '');
      if (existsSync(mark)) return;
      writeFileSync(mark, '');
      process.kill(process.pid, 'SIGKILL');
    }),
    spins: step('does nothing any more', ({ path }) => {
      readFileSync(path('state'));
      for (;;);
    }),
    throws: step('throws', () => {
      throw new TypeError('no idea');
    }),
    steps: step('one step after another, for ever', ({ path }) => {
      for (let n = 0; ; n++) writeFileSync(path('state'), String(n));
    }),
  },
});

export const drawing = defineScenario({
  ...row,
  id: 'drawing',
  setup: (dir) => writeFileSync(join(dir, 'state'), '0'),
  randomNames: /(?<=tmp-)[\d.]+/g,
  oracles: [],
  strategies: {
    name: step('moves a file of a name that it draws into place', ({ path }) => {
      const temporary = path(`tmp-${Math.random()}`);
      writeFileSync(temporary, '1');
      renameSync(temporary, path('state'));
    }),
  },
});

const MAP_SHARED = 1;
const PROT_READ_WRITE = 3;
const PAGE = 4096;

interface Mapped {
  get(): number;
  set(value: number): void;
}

/** The first byte of a file, through a map that others see. */
function mapOf(path: string): Mapped {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default;
  const mmap = koffi
    .load(null)
    .func('void *mmap(void *at, size_t length, int protection, int flags, int fd, long from)');
  const fd = openSync(path, 'r+');
  const at = mmap(null, PAGE, PROT_READ_WRITE, MAP_SHARED, fd, 0) as unknown;
  closeSync(fd);
  return {
    get: () => koffi.decode(at, 'uint8_t') as number,
    set: (value) => koffi.encode(at, 'uint8_t', value),
  };
}

const kept = new Map<string, Mapped>();

/** As connections are kept. */
function keptMap(session: Session): Mapped {
  const path = session.path('state');
  const key = `${session.uuid} ${statSync(path).ino}`;
  const map = kept.get(key) ?? mapOf(path);
  kept.set(key, map);
  return map;
}

/** The second session sets a byte to 1 and then to 2, between steps that everybody sees; the first one looks once. */
const mapping =
  (map: (session: Session) => Mapped): Strategy['perform'] =>
  (session) => {
    if (session.index === 0) {
      const seen = map(session).get();
      appendFileSync(session.path('seen'), String(seen));
      return seen;
    }
    const own = keptMap(session);
    for (const value of [1, 2]) {
      appendFileSync(session.path('log'), String(value));
      own.set(value);
    }
    return 0;
  };

const seesBoth = (does: string, perform: Strategy['perform']): Strategy => ({
  does,
  truth: ['CONTAMINATED'],
  why: 'the first looks between the two',
  open: (session) => void (session.index === 1 && keptMap(session)),
  perform,
});

export const maps = defineScenario({
  ...row,
  id: 'maps',
  setup: (dir) => {
    writeFileSync(join(dir, 'state'), Buffer.alloc(PAGE));
    writeFileSync(join(dir, 'log'), '');
    writeFileSync(join(dir, 'seen'), '');
  },
  oracles: [
    ({ operations }): readonly Finding[] =>
      operations.some(({ output }) => output === 1) ? [{ class: 'CONTAMINATED', count: 1, message: 'saw 1' }] : [],
  ],
  strategies: {
    anew: seesBoth(
      'maps the file each time',
      mapping((session) => mapOf(session.path('state'))),
    ),
    kept: seesBoth('keeps the map', mapping(keptMap)),
  },
});

/** A writer, and what became of it later: witnesses of the one are tried on the others. */
const edited = (does: string, perform: Strategy['perform']): Strategy => ({
  does,
  truth: ['LAST_WRITER_WINS'],
  why: 'both read before one writes',
  perform,
});

export const edits = defineScenario({
  ...locking,
  id: 'edits',
  strategies: {
    before: edited('increments', increment),
    shell: edited('increments in a shell', script('increment.sh')),
    'looks-first': edited('looks whether there is anything to increment', (session) => {
      if (existsSync(session.path('state')) && statSync(session.path('other')).isFile()) increment(session);
    }),
    renames: edited('increments by renaming', (session) => {
      const next = Number(readFileSync(session.path('state'), 'utf8')) + 1;
      writeFileSync(session.path(`new-${session.index}`), String(next));
      renameSync(session.path(`new-${session.index}`), session.path('state'));
    }),
  },
});

export const catalogue: readonly Scenario[] = [ways, locking, waiting, trouble, drawing, maps, edits];

export const catalogueUrl = import.meta.url;
