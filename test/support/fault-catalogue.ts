/** One state file that survives whatever goes wrong, and the ways in which that is got wrong. */

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Files } from '../../harness/history/execution.ts';
import { everyEntryOnce } from '../../harness/oracle/entries.ts';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import { neverTorn } from '../../harness/oracle/torn-state.ts';
import type { FaultKind } from '../../harness/scenario/faults.ts';
import {
  defineScenario,
  type Perform,
  Refused,
  type Scenario,
  type Session,
  type Strategy,
} from '../../harness/scenario/scenario.ts';
import { withFlock } from '../../scenarios/recipes/flock.ts';
import { sync } from '../../scenarios/recipes/replace.ts';
import { LOCK_EX, lockFd } from './flock.ts';

type State = readonly string[];

const stateOf = (session: Session): string => session.path('state.json');
/** Longer than one that is being written. */
const DOCUMENT = JSON.stringify(['a document']);
const inText = (state: State): string => JSON.stringify(state);
const read = (session: Session): State => JSON.parse(readFileSync(stateOf(session), 'utf8')) as State;
const entriesIn = (final: Files): State => JSON.parse(final['state.json'] ?? '') as State;
const withOneMore = (session: Session): string => inText([...read(session), session.id]);

const underFlock = (session: Session, work: () => void): void => withFlock(session.path('state.lock'), work);

type Write = (fd: number, text: string, length: number) => number;
let write: Write | undefined;

/** write(2), once: Node's own goes on until all is written. */
function writeOnce(fd: number, text: string): void {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default;
  write ??= koffi.load(null).func('long write(int fd, const char *text, unsigned long length)') as Write;
  write(fd, text, Buffer.byteLength(text));
}

interface Replacing {
  readonly file: boolean;
  readonly directory: boolean;
  readonly unique?: (session: Session) => string;
}

/** Written aside, flushed, renamed, flushed. */
function replace(session: Session, { file, directory, unique = ({ uuid }) => uuid }: Replacing): void {
  const temporary = `${stateOf(session)}.${unique(session)}.tmp`;
  writeFileSync(temporary, withOneMore(session), { flush: file });
  renameSync(temporary, stateOf(session));
  if (directory) sync(session.path());
}

const durably: Perform = (session) => underFlock(session, () => replace(session, { file: true, directory: true }));

/** A lock directory, and when it counts as left by a dead session: ms. */
const STALE_MS = 5_000;
const isStale = (path: string): boolean => Date.now() - statSync(path).mtimeMs > STALE_MS;

/** mkdir(2), or throws. The time is that of this session's clock, as proper-lockfile has it. */
function makeLock(path: string): void {
  mkdirSync(path);
  utimesSync(path, Date.now() / 1000, Date.now() / 1000);
}

/** Tries until it has the lock; `take` takes it, or throws EEXIST. */
function underDirectory(session: Session, take: (lock: string) => void, work: () => void): void {
  const lock = session.path('state.lock.d');
  for (;;) {
    try {
      take(lock);
      break;
    } catch (error) {
      if (!['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  try {
    work();
  } finally {
    rmdirSync(lock);
  }
}

/** Locks with numbers, of which the highest counts: who finds it left by a dead session makes the next one, O_EXCL. */
function underGeneration(session: Session, work: () => void): void {
  const generations = session.path('locks');
  const highest = Math.max(0, ...readdirSync(generations).map((name) => Number.parseInt(name, 10)));
  const current = join(generations, `${highest}`);
  if (highest > 0 && !existsSync(`${current}.done`) && !isStale(current)) throw new Refused('the lock is taken');
  const next = join(generations, `${highest + 1}`);
  try {
    writeFileSync(next, session.id, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Refused('the lock was taken');
    throw error;
  }
  work();
  writeFileSync(`${next}.done`, '');
}

/** What something that goes wrong has to show, and with which kind of fault. */
interface Broken extends Pick<Strategy, 'perform' | 'freshSessions'> {
  readonly does: string;
  /** How many it takes: none, where nothing is said. */
  readonly preemptions?: number;
  /** More than a test has the time to search for: this shows it. */
  readonly witness?: string;
  /** What shows without any fault: to a reader. */
  readonly truth?: readonly CollisionClass[];
  /** It is one and the same document that all write. */
  readonly ofDocument?: true;
  readonly kind: FaultKind;
  readonly shows: readonly CollisionClass[];
}

const flocked =
  (work: Perform): Perform =>
  (session) =>
    underFlock(session, () => void work(session));

export const broken: Readonly<Record<string, Broken>> = {
  'no fsync of the file': {
    does: 'renames what has not been flushed',
    kind: 'power-posix',
    shows: ['CORRUPT_ON_CRASH'],
    perform: flocked((session) => replace(session, { file: false, directory: true })),
  },
  'no fsync of the directory': {
    does: 'acknowledges a rename that has not been flushed',
    kind: 'power-ext4',
    shows: ['LOST_ON_CRASH'],
    perform: flocked((session) => replace(session, { file: true, directory: false })),
  },
  'fsync after the rename': {
    does: 'flushes the file once it has its name',
    kind: 'power-posix',
    shows: ['CORRUPT_ON_CRASH'],
    perform: flocked((session) => {
      replace(session, { file: false, directory: false });
      sync(stateOf(session));
      sync(session.path());
    }),
  },
  'write in place, killed': {
    does: 'empties the file before it writes it',
    kind: 'crash',
    truth: ['TORN_STATE'],
    shows: ['CORRUPT_ON_CRASH'],
    perform: flocked((session) => writeFileSync(stateOf(session), withOneMore(session), { flush: true })),
  },
  'write in place, full disk': {
    does: 'empties the file before it knows that there is room',
    kind: 'full',
    truth: ['TORN_STATE'],
    shows: ['TORN_STATE'],
    perform: flocked((session) => writeFileSync(stateOf(session), withOneMore(session), { flush: true })),
  },
  'no stale check': {
    does: 'a lock directory that nobody takes from a dead holder',
    kind: 'crash',
    shows: ['STUCK'],
    perform: (session) => underDirectory(session, makeLock, () => replace(session, { file: true, directory: true })),
  },
  'stale check without verification': {
    does: 'removes a stale lock directory, whoever has it by then',
    kind: 'crash',
    shows: ['LOST_ON_CRASH'],
    freshSessions: 2,
    witness:
      'state/stale-check-without-verification:1+2:0,1@rmdir:state.lock.d,2@rename:state.json.%.tmp,1,2~0@open:state.json=crash',
    perform: (session) =>
      underDirectory(
        session,
        (lock) => {
          if (existsSync(lock) && isStale(lock)) rmdirSync(lock);
          makeLock(lock);
        },
        () => replace(session, { file: true, directory: true }),
      ),
  },
  'lock kept on failure': {
    does: 'closes the lock file only where all went well',
    kind: 'errno',
    shows: ['STUCK'],
    perform: (session) => {
      const fd = openSync(session.path('state.lock'), 'a');
      if (lockFd(fd, LOCK_EX) !== 0) throw new Error('flock failed');
      replace(session, { file: true, directory: true });
      closeSync(fd);
    },
  },
  'failure ignored': {
    does: 'goes on as if the write had worked',
    kind: 'errno',
    shows: ['LAST_WRITER_WINS'],
    perform: flocked((session) => {
      try {
        replace(session, { file: true, directory: true });
      } catch {
        // it will be all right
      }
    }),
  },
  'retry of what was done': {
    does: 'adds its entry again where the flush fails',
    kind: 'errno',
    shows: ['DUPLICATE_ENTRY'],
    perform: flocked((session) => {
      try {
        replace(session, { file: true, directory: true });
      } catch {
        replace(session, { file: true, directory: true });
      }
    }),
  },
  'short write ignored': {
    does: 'writes once, and does not look how much',
    kind: 'short',
    shows: ['TORN_STATE'],
    perform: flocked((session) => {
      const text = withOneMore(session);
      const temporary = `${stateOf(session)}.${session.uuid}.tmp`;
      const fd = openSync(temporary, 'w');
      writeOnce(fd, text);
      closeSync(fd);
      renameSync(temporary, stateOf(session));
    }),
  },
  'lease without fencing': {
    does: 'takes a lock directory from a holder that is only slow',
    kind: 'stall',
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const lock = session.path('state.lock.d');
      if (existsSync(lock) && !isStale(lock)) throw new Refused('the lock is taken');
      if (existsSync(lock)) rmdirSync(lock);
      makeLock(lock);
      replace(session, { file: true, directory: true });
      if (existsSync(lock)) rmdirSync(lock);
    },
  },
  'named after the process': {
    does: 'a temporary file that is named after the process id, without a lock',
    ofDocument: true,
    preemptions: 2,
    kind: 'pids',
    shows: ['TORN_STATE'],
    perform: (session) => {
      const temporary = `${stateOf(session)}.${process.pid}.tmp`;
      writeFileSync(temporary, DOCUMENT);
      renameSync(temporary, stateOf(session));
    },
  },
  'named after the time': {
    does: 'a temporary file that is named after the millisecond, without a lock',
    ofDocument: true,
    preemptions: 2,
    kind: 'clock',
    shows: ['TORN_STATE'],
    perform: (session) => {
      const temporary = `${stateOf(session)}.${Date.now()}.tmp`;
      writeFileSync(temporary, DOCUMENT);
      renameSync(temporary, stateOf(session));
    },
  },
};

/** Right, whatever goes wrong; `apart` from kinds that are what they pay for that. */
const right: Readonly<Record<string, Strategy>> = {
  durable: {
    does: 'flock, write aside, fsync, rename, fsync of the directory',
    truth: 'SAFE',
    why: 'nothing can be lost, and the kernel takes the lock from the dead',
    perform: durably,
  },
  generations: {
    does: 'numbered locks: a stale one is followed by the next, which one session makes',
    truth: 'SAFE',
    why: 'O_EXCL decides who follows a dead holder, and nobody removes what another one made',
    freshSessions: 2,
    underFaults: {
      stall: { truth: ['LAST_WRITER_WINS'], why: 'a holder that is only slow goes on beside the next one' },
    },
    perform: (session) => underGeneration(session, () => replace(session, { file: true, directory: true })),
  },
};

const common = {
  priority: 'P1',
  source: 'test',
  resource: 'a state file',
  place: 'project',
  touchedBy: 'every session',
  writers: 'every session',
  setup: (dir) => {
    mkdirSync(join(dir, 'locks'));
    writeFileSync(join(dir, 'state.json'), inText([]));
  },
  randomNames: /\d{13}/g,
  read: (session) => read(session).length,
} satisfies Partial<Scenario>;

const strategiesOf = (isWanted: (each: Broken) => boolean): Readonly<Record<string, Strategy>> =>
  Object.fromEntries(
    Object.entries(broken).flatMap(([name, each]): [string, Strategy][] => {
      const { does, perform, kind, shows, freshSessions, truth = 'SAFE' } = each;
      const fresh = freshSessions === undefined ? {} : { freshSessions };
      const underFaults = { [kind]: { truth: shows, why: does } };
      const strategy: Strategy = {
        does,
        truth,
        why: 'as long as nothing goes wrong',
        perform,
        underFaults,
        ...fresh,
      };
      return isWanted(each) ? [[strategyNamed(name), strategy]] : [];
    }),
  );

const state = defineScenario({
  ...common,
  id: 'state',
  oracles: [neverTorn(entriesIn), everyEntryOnce(entriesIn)],
  strategies: { ...right, ...strategiesOf(({ ofDocument }) => !ofDocument) },
});

const whole = defineScenario({
  ...common,
  id: 'document',
  oracles: [neverTorn(entriesIn)],
  strategies: strategiesOf(({ ofDocument }) => ofDocument === true),
});

export const catalogue = [state, whole];
export const catalogueUrl = import.meta.url;

/** Strategies are named without spaces. */
export function strategyNamed(name: string): string {
  return name.replaceAll(/\W+/g, '-');
}
