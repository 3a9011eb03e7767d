import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisClientType } from '@redis/client';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { neverMoreThan } from '../harness/oracle/exclusion.ts';
import { defineScenario, type Perform, Refused, type Session, type UnderFault } from '../harness/scenario/scenario.ts';
import { renamed } from './kinds/under-faults.ts';
import { type Fenced, readFenced, writeFenced } from './recipes/fenced-store.ts';
import { readJson } from './recipes/json.ts';
import { acquire, acquireFenced, type Lock, redisAt, release } from './recipes/redis-lock.ts';
import { replaceFile } from './recipes/replace.ts';
import { redis } from './servers/redis.ts';

type State = Fenced<readonly string[]>;

/** Longer than any execution takes, or, for the holder that will be held up, a time that passes. */
const TTL_MS = { long: 60_000, short: 50 } as const;
const STALL_MS = 70;

export const lockOf = (session: Session, ttl: keyof typeof TTL_MS = 'long'): Lock => ({
  key: `${session.space}:lock`,
  holder: session.id,
  ttlMs: TTL_MS[ttl],
});

const connect: Perform = async (session) => {
  await redisAt(session.server);
};

const prepare: Perform = async (session) => {
  const { key } = lockOf(session);
  await (await redisAt(session.server)).del([key, `${key}:token`]);
};

/** A collection of garbage, a suspended laptop, a slow disk: the first session stands still, and does not know. */
export function standStill({ index }: Session): void {
  if (index === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
}

export const stallsFirst = ({ index }: Session): keyof typeof TTL_MS => (index === 0 ? 'short' : 'long');

/** The state file is read, and replaced, while the session believes to be alone with it. */
export function addEntry(session: Session): void {
  const file = session.path('state.json');
  appendFileSync(session.path('holders.log'), `+${session.id}\n`);
  const { token, state } = readJson<State>(file);
  replaceFile(file, session.uuid, JSON.stringify({ token, state: [...state, session.id] }));
  appendFileSync(session.path('holders.log'), `-${session.id}\n`);
}

/** What is done under the lock, by the one who gets it. */
const underLock = (session: Session, lock: Lock, work: () => void): Promise<void> =>
  holding(session, lock, async (client, wanted) => (await acquire(client, wanted)) || undefined, work);

/** The same; what decides in the end is the token that the state file has seen. */
const fenced = (session: Session, lock: Lock, before: () => void = () => {}): Promise<void> =>
  holding(session, lock, acquireFenced, (token) => {
    before();
    const file = session.path('state.json');
    writeFenced(file, token, [...readFenced<readonly string[]>(file, token), session.id]);
  });

async function holding<Token>(
  session: Session,
  lock: Lock,
  take: (client: RedisClientType, lock: Lock) => Promise<Token | undefined>,
  work: (token: Token) => void,
): Promise<void> {
  const server = await redisAt(session.server);
  const token = await take(server, lock);
  if (token === undefined) throw new Refused('the lock is taken');
  try {
    work(token);
  } finally {
    await release(server, lock);
  }
}

const outlived: UnderFault = {
  truth: ['STUCK'],
  why: 'The key stays in Redis when its holder dies, or never hears that it has it, until it expires: here for a minute.',
};

const expiring = { ...renamed, crash: outlived, server: outlived } as const;

const begunAnew =
  'The counter of the tokens begins anew with Redis: all are refused until it has caught up with the file.';

const fencedAnew = {
  ...expiring,
  'power-posix': {
    truth: ['STUCK', 'LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
    why: `${renamed['power-posix'].why} ${begunAnew}`,
  },
  'power-ext4': { truth: ['STUCK', 'LOST_ON_CRASH'], why: `${renamed['power-ext4'].why} ${begunAnew}` },
} as const;

const common = { server: redis, prepare, open: connect } as const;

export default defineScenario({
  id: 'state-lock',
  priority: 'P1',
  source: 'T',
  resource: 'state file under a lock in Redis that expires',
  place: 'home',
  touchedBy: 'sessions with hooks',
  writers: 'every session that gets the lock (Node)',
  fix: 'fencing-token',
  operations: 4,
  setup: (dir) => {
    writeFileSync(join(dir, 'state.json'), JSON.stringify({ token: 0, state: [] } satisfies State));
  },
  oracles: [
    neverMoreThan(1, 'holders.log'),
    everyEntryOnce((final) => (JSON.parse(final['state.json']!) as State).state),
  ],

  strategies: {
    'set-nx-px-stalled': {
      ...common,
      does: 'SET NX PX, read, replace, delete the key if it is still mine; one holder stands still for longer than the lock lasts',
      truth: ['EXCLUSION_BROKEN', 'LAST_WRITER_WINS'],
      why: 'The lock expires under its holder, the next one takes it, and then both read and write.',
      perform: (session) =>
        underLock(session, lockOf(session, stallsFirst(session)), () => {
          standStill(session);
          addEntry(session);
        }),
    },
    'set-nx-px': {
      ...common,
      underFaults: expiring,
      does: 'the same, and no holder takes longer than the lock lasts',
      truth: 'SAFE',
      why: 'SET NX succeeds for one caller, and here the lock outlasts whatever is done under it.',
      cost: 'A Redis server. It holds only as long as no holder is slower than the lock lasts, which nobody can promise.',
      noFix: 'it holds only as long as no holder is slower than the lock lasts, which nobody can promise',
      perform: (session) => underLock(session, lockOf(session), () => addEntry(session)),
    },
    'fencing-token': {
      ...common,
      underFaults: fencedAnew,
      does: 'the lock comes with a growing token; the state file refuses tokens older than one it has seen',
      truth: 'SAFE',
      why: 'What decides is not who believes to hold the lock, but which token the file has seen last.',
      cost: 'A Redis server, and storage that looks at the token and changes the state in one step. A holder who was too slow does its work for nothing. The counter of the tokens has to outlast Redis: where it begins anew, all are refused until it has caught up.',
      needs: ['flock(2)'],
      perform: (session) => fenced(session, lockOf(session)),
    },
    'fencing-token-stalled': {
      ...common,
      underFaults: fencedAnew,
      does: 'the same, with a holder that stands still for longer than the lock lasts',
      truth: 'SAFE',
      why: "When the late holder comes back, the file has seen the next one's token, and refuses.",
      cost: 'The same; the late holder has worked for nothing.',
      noFix: 'it is fencing-token, tried with a holder that stands still',
      needs: ['flock(2)'],
      perform: (session) => fenced(session, lockOf(session, stallsFirst(session)), () => standStill(session)),
    },
  },
});
