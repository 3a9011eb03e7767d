import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collection } from 'mongodb';
import lockfile from 'proper-lockfile';
import type { Files } from '../harness/history/execution.ts';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Perform, type Session } from '../harness/scenario/scenario.ts';
import { linked, renamed, rewritten } from './kinds/under-faults.ts';
import { withFlock } from './recipes/flock.ts';
import { readJson } from './recipes/json.ts';
import { database } from './recipes/mongo.ts';
import { allFiles, updateOwnFile } from './recipes/own-file.ts';
import { replaceFile } from './recipes/replace.ts';
import { compareAndSwap, newestVersion } from './recipes/version-cas.ts';
import { FERRETDB, mongo } from './servers/mongo.ts';

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

interface HistoryDocument {
  readonly _id: 'history';
  readonly instructions: Instruction[];
}

const histories = async ({ server, space }: Session): Promise<Collection<HistoryDocument>> =>
  (await database(server, space)).collection<HistoryDocument>('histories');

const onlyOne = { _id: 'history' } as const;

const historyIn = async (session: Session): Promise<History> =>
  (await (await histories(session)).findOne(onlyOne))?.instructions ?? [];

/** All layouts at once: the one file, the newest of the versions, and a file for each session. */
function addedIn(final: Files): readonly string[] {
  const newest = Object.keys(final)
    .filter((path) => /^versions\/v\d+$/.test(path))
    .sort((a, b) => Number(a.slice(10)) - Number(b.slice(10)))
    .at(-1);
  const files = ['history.json', newest!, ...Object.keys(final).filter((path) => /^sessions\/[^/]+\.json$/.test(path))];
  const history = files.flatMap((path) => JSON.parse(final[path] ?? '') as History);
  return history.map(({ id }) => id).filter((id) => id.startsWith('s'));
}

export default defineScenario({
  id: 'instruction-history',
  priority: 'P1',
  source: 'T',
  resource: 'JSON array of 18 instructions, in one file',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'every session, one instruction at a time (Node)',
  fix: 'flock',
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
      cost: 'Writers wait for each other, without a limit, and one that hangs inside holds up all; a crash releases the lock. Node has no flock of its own, so it takes a native call; and a local file system, or NFSv4. The rename drops hard links and the old owner and mode.',
      needs: ['flock(2)'],
      underFaults: renamed,
      perform: underFlock(writeAndRename),
    },
    'flock-in-place': {
      does: 'the same lock around read, write in place',
      truth: ['TORN_STATE'],
      why: 'The lock keeps the writers apart; a reader who takes none still finds an empty file.',
      needs: ['flock(2)'],
      underFaults: rewritten,
      perform: underFlock(writeInPlace),
    },
    'lockfile-library': {
      does: 'proper-lockfile (a lock directory) around read, write, rename',
      truth: 'SAFE',
      why: 'mkdir(2) succeeds for one caller only, as long as no lock counts as stale; the library refreshes its own while it is held.',
      cost: 'Whoever waits asks again every few milliseconds, in no order. After a crash all wait, or give up, until the lock counts as stale (10 s), and of those who then find it stale two can get it: it is looked at, removed and made anew in three steps. A holder that stands still for longer loses it, and learns of it too late.',
      operations: 2,
      underFaults: {
        ...renamed,
        crash: {
          truth: ['LOST_ON_CRASH'],
          why: 'Of several that meet the lock of a dead holder two can get it: one looks at it, the other removes it and makes its own, and the first removes that.',
          shownBy:
            'instruction-history/lockfile-library:1+4:0,1@rmdir:history.json.lock,2@rename:history.json.%.tmp,1,2,3,4~0@open:history.json=crash',
        },
        stall: {
          truth: ['LAST_WRITER_WINS'],
          why: 'A holder that stands still for longer than 10 s loses the lock, and when it goes on, it renames its state over what others have written.',
        },
        clock: {
          truth: [],
          may: ['LAST_WRITER_WINS'],
          why: 'Where the clock jumps forward, a lock that is held counts as stale: the next one takes it, and both are inside.',
        },
      },
      perform: underLockfile(writeAndRename),
    },
    'lockfile-library-in-place': {
      does: 'the same lock around read, write in place',
      truth: ['TORN_STATE'],
      why: 'As with flock: a lock that readers do not take does not stop them.',
      operations: 2,
      perform: underLockfile(writeInPlace),
    },
    'mixed-locks': {
      does: 'read, write, rename under a lock: some sessions take flock(2), others proper-lockfile',
      truth: ['LAST_WRITER_WINS'],
      why: 'Each lock keeps out those who ask for the same one, and nobody else: both are inside at once.',
      operations: 2,
      needs: ['flock(2)'],
      perform: (session) => (session.index % 2 === 0 ? underFlock : underLockfile)(writeAndRename)(session),
    },
    'version-cas': {
      does: 'the next version appears by link(2); losers retry',
      truth: 'SAFE',
      why: 'link(2) gives a version number to one writer only; the other finds it taken and starts from what that one wrote.',
      cost: 'Losers do their work again, the more often the more writers there are, and nothing makes it fair. A file for each version stays: a number that is free again lets a writer that still starts from the version before it overwrite all that came after. Old versions can be emptied, not removed. Takes hard links.',
      underFaults: linked,
      read: (session) => readJson<History>(newestVersion(session.path('versions'))).length,
      perform: (session) =>
        compareAndSwap(session.path('versions'), session.uuid, (current) => withOneMore(JSON.parse(current), session)),
    },
    mongo: {
      does: 'one document in MongoDB; $push adds an instruction to its array',
      truth: 'SAFE',
      why: 'The server finds the document and adds to it in one step; nobody sends the whole array back.',
      cost: 'A database server that all can reach. It holds for a change that one update operator can express, and the array must stay below the 16 MiB of a document.',
      server: mongo,
      onProduct: {
        [FERRETDB]: {
          truth: ['LAST_WRITER_WINS'],
          why: 'FerretDB 1.24 reads the document, adds to the array and writes the document back, in separate SQL statements without a transaction: a second $push comes in between.',
        },
      },
      prepare: async (session) => {
        const documents = await histories(session);
        await documents.replaceOne(onlyOne, { instructions: [...eighteen] }, { upsert: true });
      },
      open: historyIn,
      read: async (session) => (await historyIn(session)).length,
      perform: async (session) => {
        const { id } = session;
        const push = { $push: { instructions: { id, text: `instruction of ${id}` } } };
        const { matchedCount } = await (await histories(session)).updateOne(onlyOne, push);
        if (matchedCount === 0) throw new Error('there is no document to add to');
      },
      finally: async (session) => writeFileSync(session.path('history.json'), JSON.stringify(await historyIn(session))),
    },
    'session-file-merge': {
      does: 'each session replaces a file of its own; readers merge',
      truth: 'SAFE',
      why: 'No file has two writers, and each is replaced as a whole.',
      cost: "No order between the entries of different sessions, and nobody can change another's; every reader opens as many files as there have been sessions.",
      underFaults: linked,
      read: (session) => allFiles(session.path('sessions')).flatMap((text) => JSON.parse(text) as History).length,
      perform: (session) =>
        updateOwnFile(session.path('sessions'), session.uuid, (mine) => withOneMore(JSON.parse(mine ?? '[]'), session)),
    },
  },
});
