import type { Document, MongoClient } from 'mongodb';
import { onPath } from '../../harness/scenario/needs.ts';
import type { RunningServer, Server, ServerPlace } from '../../harness/scenario/server.ts';
import { startDaemon } from './daemon.ts';
import { redacted } from './redacted.ts';

/** A server of the user's own, else a `mongod` from PATH, else one that mongodb-memory-server downloads on first use. */
export const mongo: Server = {
  name: 'MongoDB',
  oneForAll: true,
  ignoresBeginnings: true,
  ignoresEnds: true,
  start: async (place) => {
    const uri = process.env.COLLIDE_MONGO_URI;
    try {
      return uri === undefined || uri === '' ? await ownServer(place) : await usersServer(uri, place);
    } catch (error) {
      throw new Error(`${WAYS} ${(error as Error).message.replaceAll(/\s+/g, ' ').trim()}`);
    }
  },
};

/** Speaks MongoDB's protocol over PostgreSQL or SQLite. */
export const FERRETDB = 'FerretDB';

const WAYS =
  'needs MongoDB: a URI in COLLIDE_MONGO_URI, a mongod on PATH, or one that mongodb-memory-server can download;';

const ANSWER_MS = 5_000;

async function usersServer(uri: string, { space }: ServerPlace): Promise<RunningServer> {
  const { client, ...product } = await connected(uri).catch((error: Error) => {
    throw new Error(`${redacted(uri)} in COLLIDE_MONGO_URI: ${error.message}`);
  });
  return {
    address: uri,
    listens: listensAt(client),
    ...product,
    stop: async () => {
      const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
      for (const { name } of databases) if (name.startsWith(space)) await client.db(name).dropDatabase();
      await client.close();
    },
  };
}

async function connected(uri: string): Promise<{ readonly client: MongoClient } & Pick<RunningServer, 'product'>> {
  const { MongoClient } = await import('mongodb'); // loaded only where there is one
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: ANSWER_MS });
  try {
    const info: Document = await client.db().command({ buildInfo: 1 });
    return { client, ...('ferretdbVersion' in info ? { product: FERRETDB } : {}) };
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function ownServer(place: ServerPlace): Promise<RunningServer> {
  const found = onPath('mongod');
  if (found === undefined) place.tell('MongoDB: none on PATH; one is downloaded on first use, which takes a while …');
  const { announced: uri, ended, stop } = await startDaemon('mongo-daemon', place, found === undefined ? [] : [found]);
  const { MongoClient } = await import('mongodb');
  return { address: uri, listens: listensAt(new MongoClient(uri)), ended, stop };
}

const listensAt = (client: MongoClient): RunningServer['listens'] =>
  client.options.hosts.map(({ socketPath, port }) => socketPath ?? port ?? DEFAULT_PORT);

const DEFAULT_PORT = 27017;
