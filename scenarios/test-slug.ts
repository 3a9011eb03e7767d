import type { Collection, MongoServerError } from 'mongodb';
import { acknowledgedOf, type Operation } from '../harness/history/execution.ts';
import { type CollisionClass, findingIf, type Oracle, someOf } from '../harness/oracle/finding.ts';
import { defineScenario, type Perform, type Session } from '../harness/scenario/scenario.ts';
import { database } from './recipes/mongo.ts';
import { mongo } from './servers/mongo.ts';

interface Project {
  readonly slug: string;
  readonly owner: string;
}

/** What a test was told: of its own insert, and of its project when it came back for it. */
interface Told {
  readonly insert: 'done' | 'duplicate key';
  readonly project: 'mine' | 'gone' | "another's";
}

export const projects = async (session: Session, name = session.space): Promise<Collection<Project>> =>
  (await database(session.server, name)).collection('projects');

/** What any test against a database does: it makes a project, expects it to be there, and clears up after itself. */
export async function testWith(tests: Collection<Project>, slug: string, owner: string): Promise<Told> {
  const insert = await inserted(tests, { slug, owner });
  const found = await tests.findOne({ slug });
  await tests.deleteMany({ slug });
  return { insert, project: found === null ? 'gone' : found.owner === owner ? 'mine' : "another's" };
}

async function inserted(tests: Collection<Project>, project: Project): Promise<Told['insert']> {
  try {
    await tests.insertOne(project);
    return 'done';
  } catch (error) {
    if ((error as MongoServerError).code === DUPLICATE_KEY) return 'duplicate key';
    throw error;
  }
}

const DUPLICATE_KEY = 11000;

const told =
  (kind: CollisionClass, words: string, is: (told: Told) => boolean): Oracle =>
  (execution) => {
    const concerned = acknowledgedOf(execution).filter(({ output }: Operation) => is(output as Told));
    return findingIf(kind, concerned, () => `${words}: ${someOf(concerned.map(({ id }) => id))}`);
  };

/** Empty, with the unique index that makes a slug a key. */
export const emptied = async (tests: Collection<Project>): Promise<void> => {
  await tests.createIndex({ slug: 1 }, { unique: true });
  await tests.deleteMany({});
};

const prepare: Perform = async (session) => emptied(await projects(session));

const connect: Perform = async (session) => {
  await (await projects(session)).findOne();
};

export default defineScenario({
  id: 'test-slug',
  priority: 'P1',
  source: 'T',
  resource: 'collection of a test database, with a unique slug for each document (MongoDB)',
  place: 'home',
  touchedBy: 'every session',
  writers: 'the test suites of all sessions (Node)',
  fix: 'random-slug',
  operations: 4,
  setup: () => {},
  oracles: [
    told('DUPLICATE_KEY', 'E11000, the slug was taken, for', ({ insert }) => insert === 'duplicate key'),
    told(
      'FOREIGN_DELETE',
      "deleted by another's clean-up: the project of",
      ({ insert, project }) => insert === 'done' && project !== 'mine',
    ),
  ],

  strategies: {
    'static-slug': {
      does: 'insert, expect and delete under a slug that is written in the test',
      truth: ['DUPLICATE_KEY', 'FOREIGN_DELETE'],
      why: "B inserts between A's insert and A's delete, and is refused; B's clean-up then deletes what A comes back for.",
      server: mongo,
      prepare,
      open: connect,
      perform: async (session) => testWith(await projects(session), 'test-project', session.id),
    },
    'random-slug': {
      does: 'the same, under a slug made of a UUID',
      truth: 'SAFE',
      why: 'No two tests name the same document, so neither their inserts nor their deletes meet.',
      cost: 'What a test that dies leaves behind has a name that nobody knows, and has to be found by its prefix. No test can expect a slug that is written down.',
      server: mongo,
      prepare,
      open: connect,
      perform: async (session) => testWith(await projects(session), `test-${session.uuid}-${session.id}`, session.id),
    },
    'database-per-session': {
      does: 'the same static slug, in a database of the session',
      truth: 'SAFE',
      why: 'The slug is a key of one database only.',
      cost: 'Every session makes a database and its indexes first, and somebody drops those of sessions that died. Tests of one session still meet each other.',
      server: mongo,
      open: async (session) => emptied(await ownProjects(session)),
      perform: async (session) => testWith(await ownProjects(session), 'test-project', session.id),
    },
  },
});

const ownProjects = (session: Session): Promise<Collection<Project>> =>
  projects(session, `${session.space}_s${session.index}`);
