import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import type { Files } from '../harness/history/execution.ts';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Perform, type Session } from '../harness/scenario/scenario.ts';
import { withFlock } from './recipes/flock.ts';
import { readJson } from './recipes/json.ts';
import { replaceFile } from './recipes/replace.ts';
import { compareAndSwap, newestVersion } from './recipes/version-cas.ts';

interface Instruction {
  readonly id: string;
  readonly text: string;
}
type History = readonly Instruction[];

const eighteen: History = Array.from({ length: 18 }, (_, at) => ({ id: `i${at + 1}`, text: `instruction ${at + 1}` }));

const withOneMore = (history: History, { id }: Session): string =>
  JSON.stringify([...history, { id, text: `instruction of ${id}` }], null, 1);

const writeInPlace: Perform = (session) => {
  const file = session.path('history.json');
  writeFileSync(file, withOneMore(readJson<History>(file), session));
};

const writeAndRename: Perform = (session) => {
  const file = session.path('history.json');
  replaceFile(file, session.uuid, withOneMore(readJson<History>(file), session));
};

const underFlock =
  (cycle: Perform): Perform =>
  (session) =>
    withFlock(session.path('history.json.flock'), () => cycle(session));

const underLockfile =
  (cycle: Perform): Perform =>
  async (session) => {
    const retries = { retries: 1000, minTimeout: 1, maxTimeout: 4 };
    const release = await lockfile.lock(session.path('history.json'), { retries });
    try {
      cycle(session);
    } finally {
      await release();
    }
  };

/** All layouts at once: the one file, the newest of the versions, and a file for each session. */
function addedIn(final: Files): readonly string[] {
  const newest = Object.keys(final)
    .filter((path) => /^versions\/v\d+$/.test(path))
    .sort((a, b) => Number(a.slice(10)) - Number(b.slice(10)))
    .at(-1);
  const files = ['history.json', newest!, ...Object.keys(final).filter((path) => path.startsWith('sessions/'))];
  const history = files.flatMap((path) => JSON.parse(final[path] ?? '') as History);
  return history.map(({ id }) => id).filter((id) => id.startsWith('s'));
}

export default defineScenario({
  id: 'instruction-history',
  priority: 'P1',
  source: 'T',
  resource: 'JSON array of 18 instructions, in one file',
  writers: 'every session, one instruction at a time (Node)',
  fix: 'flock',
  deferred: { mongo: 'needs the database part of the catalogue' },
  operations: 6,
  setup: (dir) => {
    writeFileSync(join(dir, 'history.json'), JSON.stringify(eighteen, null, 1));
    mkdirSync(join(dir, 'versions'));
    writeFileSync(join(dir, 'versions', 'v0'), JSON.stringify(eighteen, null, 1));
    mkdirSync(join(dir, 'sessions'));
  },
  read: (session) => readJson<History>(session.path('history.json')).length,
  oracles: [neverTorn(addedIn), everyEntryOnce(addedIn)],

  strategies: {
    rmw: {
      does: 'read, parse, add, write in place',
      truth: ['LAST_WRITER_WINS', 'TORN_STATE'],
      why: "B reads between A's read and A's write, and writes A's instruction away. writeFile truncates before it writes: in between the file is empty.",
      perform: writeInPlace,
    },
    rename: {
      does: 'the same, but written aside and renamed',
      truth: ['LAST_WRITER_WINS'],
      why: "No reader sees half a file, but B still reads between A's read and A's rename.",
      perform: writeAndRename,
    },
    flock: {
      does: 'flock(2) on a sidecar around read, write, rename',
      truth: 'SAFE',
      why: 'One holder at a time, and the kernel takes the lock back from the dead.',
      needs: ['flock(2)'],
      perform: underFlock(writeAndRename),
    },
    'flock-in-place': {
      does: 'the same lock around read, write in place',
      truth: ['TORN_STATE'],
      why: 'The lock keeps the writers apart; a reader who takes none still finds an empty file.',
      needs: ['flock(2)'],
      perform: underFlock(writeInPlace),
    },
    'lockfile-library': {
      does: 'proper-lockfile (a lock directory) around read, write, rename',
      truth: 'SAFE',
      why: 'mkdir(2) succeeds for one caller only, and the library refreshes its lock while it is held.',
      operations: 2,
      perform: underLockfile(writeAndRename),
    },
    'lockfile-library-in-place': {
      does: 'the same lock around read, write in place',
      truth: ['TORN_STATE'],
      why: 'As with flock: a lock that readers do not take does not stop them.',
      operations: 2,
      perform: underLockfile(writeInPlace),
    },
    'version-cas': {
      does: 'the next version appears by link(2); losers retry',
      truth: 'SAFE',
      why: 'link(2) gives a version number to one writer only; the other finds it taken and starts from what that one wrote.',
      read: (session) => readJson<History>(newestVersion(session.path('versions'))).length,
      perform: (session) =>
        compareAndSwap(session.path('versions'), session.uuid, (current) => withOneMore(JSON.parse(current), session)),
    },
    'session-file-merge': {
      does: 'each session replaces a file of its own; readers merge',
      truth: 'SAFE',
      why: 'No file has two writers, and each is replaced as a whole.',
      read: (session) =>
        readdirSync(session.path('sessions'))
          .filter((name) => name.endsWith('.json'))
          .flatMap((name) => readJson<History>(session.path('sessions', name))).length,
      perform: (session) => {
        const file = session.path('sessions', `${session.uuid}.json`);
        const mine = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as History) : [];
        replaceFile(file, session.uuid, withOneMore(mine, session));
      },
    },
  },
});
