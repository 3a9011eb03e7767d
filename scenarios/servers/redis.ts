import { join } from 'node:path';
import type { RedisClientType } from '@redis/client';
import { onPath } from '../../harness/scenario/needs.ts';
import type { RunningServer, Server, ServerPlace } from '../../harness/scenario/server.ts';
import { startProgram } from './daemon.ts';
import { redacted } from './redacted.ts';

/** A server of the user's own, else a private one on a Unix socket. */
export const redis: Server = {
  name: 'Redis',
  oneForAll: true,
  ignoresBeginnings: true,
  ignoresEnds: true,
  start: async (place) => {
    const url = process.env.COLLIDE_REDIS_URL;
    return url === undefined || url === '' ? await ownServer(place) : await usersServer(url, place);
  },
};

async function ownServer(place: ServerPlace): Promise<RunningServer> {
  const program = onPath('redis-server') ?? onPath('valkey-server');
  if (program === undefined) {
    throw new Error('needs Redis or Valkey: a URL in COLLIDE_REDIS_URL, or redis-server or valkey-server on PATH');
  }
  const address = join(place.dir, 'redis.sock');
  const inMemory = ['--port', '0', '--unixsocket', address, '--save', '', '--appendonly', 'no', '--dir', place.dir];
  const { ended, stop } = await startProgram([program, ...inMemory], place, /ready to accept connections/i);
  return { address, listens: [address], ended, stop };
}

async function usersServer(url: string, { space }: ServerPlace): Promise<RunningServer> {
  const client = await connected(url).catch((error: Error) => {
    throw new Error(`needs Redis: ${redacted(url)} in COLLIDE_REDIS_URL: ${error.message}`);
  });
  client.destroy();
  const { hostname, port, pathname, protocol } = new URL(url);
  return {
    address: url,
    listens: [protocol === 'unix:' ? hostname + pathname : Number(port || DEFAULT_PORT)],
    stop: () => clear(url, space),
  };
}

/** Over a new connection: the server may have ended one that was idle for the time of a run. */
async function clear(url: string, space: string): Promise<void> {
  const client = await connected(url);
  for await (const keys of client.scanIterator({ MATCH: `${space}*` })) if (keys.length > 0) await client.del(keys);
  client.destroy();
}

async function connected(url: string): Promise<RedisClientType> {
  const { createClient } = await import('@redis/client'); // loaded only where there is one
  const client: RedisClientType = createClient({
    url,
    socket: { connectTimeout: ANSWER_MS, reconnectStrategy: false },
  });
  client.on('error', () => {}); // whoever asks is told
  await client.connect();
  return client;
}

const ANSWER_MS = 5_000;
const DEFAULT_PORT = 6379;
