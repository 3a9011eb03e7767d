/** Fixes that lean on a server, past it or in the wrong order. */

import { readFileSync, writeFileSync } from 'node:fs';
import { Refused, type Session } from '../../harness/scenario/scenario.ts';
import ingestApi from '../../scenarios/ingest-api.ts';
import instructionHistory from '../../scenarios/instruction-history.ts';
import memoryBroker from '../../scenarios/memory-broker.ts';
import { ask } from '../../scenarios/recipes/ask.ts';
import { type Fenced, readFenced, writeFenced } from '../../scenarios/recipes/fenced-store.ts';
import { readJson } from '../../scenarios/recipes/json.ts';
import { database } from '../../scenarios/recipes/mongo.ts';
import { post } from '../../scenarios/recipes/post.ts';
import { acquire, acquireFenced, redisAt, release } from '../../scenarios/recipes/redis-lock.ts';
import { replaceFile } from '../../scenarios/recipes/replace.ts';
import { withSlot } from '../../scenarios/recipes/slots.ts';
import stateLock, { addEntry, lockOf, stallsFirst, standStill } from '../../scenarios/state-lock.ts';
import testSlug, { emptied, projects, testWith } from '../../scenarios/test-slug.ts';
import type { Mutants } from './mutant.ts';

type Entries = readonly string[];

const notes = (session: Session): string => session.path('notes.md');
const askBroker = (session: Session): Promise<string> =>
  ask(session.server, { file: notes(session), line: session.id });

const state = (session: Session): string => session.path('state.json');

interface HistoryDocument {
  readonly _id: 'history';
  readonly instructions: { readonly id: string; readonly text: string }[];
}

const histories = async ({ server, space }: Session) =>
  (await database(server, space)).collection<HistoryDocument>('histories');
const onlyOne = { _id: 'history' } as const;
const instruction = ({ id }: Session) => ({ id, text: `instruction of ${id}` });

const slotsOf = (session: Session): readonly string[] => [session.path('slot-1'), session.path('slot-2')];
const posted = async (session: Session): Promise<unknown> =>
  JSON.parse(await post(`${session.server}/${session.space}`, `entry ${session.id}\n`));

export const servers: Mutants = {
  'three-slots': {
    of: ingestApi,
    fix: 'slot-mkdir',
    does: 'has a slot more than the service bears',
    why: 'All three get one.',
    shows: ['EXCLUSION_BROKEN'],
    perform: async (session) => {
      const answer = await withSlot([...slotsOf(session), session.path('slot-3')], () => posted(session));
      if (answer === undefined) throw new Refused('busy');
      return answer;
    },
  },
  'slot-taken-over': {
    of: ingestApi,
    fix: 'slot-mkdir',
    does: 'takes the first slot over where all are taken, as if its holder had died',
    why: 'The holder is alive, and posts.',
    shows: ['EXCLUSION_BROKEN'],
    perform: async (session) => (await withSlot(slotsOf(session), () => posted(session))) ?? (await posted(session)),
  },
  'notes-tidied-past-the-broker': {
    of: memoryBroker,
    fix: 'broker',
    does: 'asks the broker for the line, then tidies the notes itself',
    why: "B's line is added between A's read and A's write of the notes.",
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      await askBroker(session);
      writeFileSync(notes(session), readFileSync(notes(session), 'utf8').trimEnd().concat('\n'));
    },
  },
  'broker-for-some': {
    of: memoryBroker,
    fix: 'broker',
    does: 'asks the broker, except for sessions that were set up before there was one',
    why: "What A asks for is added between B's read and B's write.",
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      if (session.index % 2 === 0) await askBroker(session);
      else writeFileSync(notes(session), `${readFileSync(notes(session), 'utf8')}${session.id}\n`);
    },
  },
  'lock-got-then-set': {
    of: stateLock,
    fix: 'set-nx-px',
    does: 'GET, and where there is no lock, SET without NX',
    why: "B's GET comes between A's GET and A's SET.",
    shows: ['EXCLUSION_BROKEN', 'LAST_WRITER_WINS'],
    perform: async (session) => {
      const server = await redisAt(session.server);
      const lock = lockOf(session);
      if ((await server.get(lock.key)) !== null) throw new Refused('the lock is taken');
      await server.set(lock.key, lock.holder, { expiration: { type: 'PX', value: lock.ttlMs } });
      addEntry(session);
      await release(server, lock);
    },
  },
  'lock-released-before-the-work': {
    of: stateLock,
    fix: 'set-nx-px',
    does: 'gives the lock back before it works',
    why: "B takes the lock after A has given it back, and before A's work is done.",
    shows: ['EXCLUSION_BROKEN', 'LAST_WRITER_WINS'],
    perform: async (session) => {
      const server = await redisAt(session.server);
      const lock = lockOf(session);
      if (!(await acquire(server, lock))) throw new Refused('the lock is taken');
      await release(server, lock);
      addEntry(session);
    },
  },
  'token-read-and-incremented': {
    of: stateLock,
    fix: 'fencing-token',
    does: 'reads the last token and adds one, without the lock',
    why: "B reads the token between A's GET and A's SET: both show the same token, and it is not stale for either.",
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      const server = await redisAt(session.server);
      const key = `${lockOf(session).key}:token`;
      const token = Number((await server.get(key)) ?? 0) + 1;
      await server.set(key, token);
      writeFenced(state(session), token, [...readFenced<Entries>(state(session), token), session.id]);
    },
  },
  'state-replaced-without-the-token': {
    of: stateLock,
    fix: 'fencing-token',
    does: 'gives the lock back after reading, and replaces the state without showing the token',
    why: "B takes the lock and reads between A's release and A's write.",
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      const server = await redisAt(session.server);
      const lock = lockOf(session);
      const token = await acquireFenced(server, lock);
      if (token === undefined) throw new Refused('the lock is taken');
      const entries = readFenced<Entries>(state(session), token);
      await release(server, lock);
      replaceFile(state(session), session.uuid, JSON.stringify({ token, state: [...entries, session.id] }));
    },
  },
  'token-shown-only-when-writing': {
    of: stateLock,
    fix: 'fencing-token-stalled',
    does: 'shows the token when it writes, and not when it reads',
    why: 'The late holder writes after the next one has read and before that one writes: its token is not stale yet.',
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      const server = await redisAt(session.server);
      const token = await acquireFenced(server, lockOf(session, stallsFirst(session)));
      if (token === undefined) throw new Refused('the lock is taken');
      standStill(session);
      const entries = readJson<Fenced<Entries>>(state(session)).state;
      writeFenced(state(session), token, [...entries, session.id]);
    },
  },
  'token-compared-then-written': {
    of: stateLock,
    fix: 'fencing-token-stalled',
    does: 'compares the tokens itself, and then replaces the file',
    why: "The next holder reads between the late one's comparison and its write.",
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      const server = await redisAt(session.server);
      const token = await acquireFenced(server, lockOf(session, stallsFirst(session)));
      if (token === undefined) throw new Refused('the lock is taken');
      standStill(session);
      const entries = readFenced<Entries>(state(session), token);
      if (readJson<Fenced<Entries>>(state(session)).token > token) throw new Refused('stale');
      replaceFile(state(session), session.uuid, JSON.stringify({ token, state: [...entries, session.id] }));
    },
  },
  'slug-of-the-test': {
    of: testSlug,
    fix: 'random-slug',
    does: 'makes the slug of the number of the test, and not of the session',
    why: 'Two sessions run the same test.',
    shows: ['DUPLICATE_KEY', 'FOREIGN_DELETE'],
    perform: async (session) => testWith(await projects(session), `test-${session.operation}`, session.id),
  },
  'random-slug-cleared-by-prefix': {
    of: testSlug,
    fix: 'random-slug',
    does: 'random slugs, but clears all that begin like a test',
    why: "B's clean-up comes between A's insert and A's look.",
    shows: ['FOREIGN_DELETE'],
    perform: async (session) => {
      const told = await testWith(await projects(session), `test-${session.uuid}-${session.id}`, session.id);
      await (await projects(session)).deleteMany({ slug: { $regex: '^test-' } });
      return told;
    },
  },
  'database-of-the-suite': {
    of: testSlug,
    fix: 'database-per-session',
    does: 'a database of its own for each suite, and not for each session',
    why: 'Two sessions run the same suite.',
    shows: ['DUPLICATE_KEY', 'FOREIGN_DELETE'],
    open: async (session) => emptied(await projects(session, `${session.space}_suite`)),
    perform: async (session) => testWith(await projects(session, `${session.space}_suite`), 'test-project', session.id),
  },
  'all-databases-cleared': {
    of: testSlug,
    fix: 'database-per-session',
    does: 'a database of its own, but clears those of all sessions before it begins',
    why: "B begins between A's insert and A's look.",
    shows: ['FOREIGN_DELETE'],
    perform: async (session) => {
      for (let index = 0; index < session.writers; index++) {
        await (await projects(session, `${session.space}_s${index}`)).deleteMany({});
      }
      return await testWith(await projects(session, `${session.space}_s${session.index}`), 'test-project', session.id);
    },
  },
  'history-replaced': {
    of: instructionHistory,
    fix: 'mongo',
    does: 'finds the document, adds to the array, and replaces the document',
    why: "B's update comes between A's find and A's replace.",
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      const { instructions = [] } = (await (await histories(session)).findOne(onlyOne)) ?? {};
      await (await histories(session)).replaceOne(onlyOne, { instructions: [...instructions, instruction(session)] });
    },
  },
  'history-set-at-its-length': {
    of: instructionHistory,
    fix: 'mongo',
    does: 'finds how long the array is, and sets the element behind its end',
    why: 'Both find the same length, and the second sets the element that the first has set.',
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      const { instructions = [] } = (await (await histories(session)).findOne(onlyOne)) ?? {};
      await (await histories(session)).updateOne(onlyOne, {
        $set: { [`instructions.${instructions.length}`]: instruction(session) },
      });
    },
  },
};
