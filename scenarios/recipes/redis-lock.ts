import type { RedisClientType } from '@redis/client';

let connected: { readonly address: string; readonly client: RedisClientType } | undefined;

/** A connection that the process keeps; its module is loaded when it is needed. `address`: a URL, or the path of a Unix socket. */
export async function redisAt(address: string): Promise<RedisClientType> {
  if (connected?.address !== address) {
    const { createClient } = await import('@redis/client');
    const socket = { connectTimeout: 5_000, reconnectStrategy: false } as const;
    const client: RedisClientType = createClient(
      address.startsWith('/') ? { socket: { ...socket, path: address } } : { url: address, socket },
    );
    client.on('error', () => {}); // whoever asks next is told
    connected = { address, client };
    await client.connect();
  }
  return connected.client;
}

export interface Lock {
  readonly key: string;
  /** Unique, so that nobody gives back what another one holds. */
  readonly holder: string;
  /** Whoever holds it longer than this does so together with someone else. */
  readonly ttlMs: number;
}

/**
 * Takes a lock that expires: true for the one who got it.
 *
 * SET with NX looks and sets in one step, so one caller gets it. PX gives it back where the holder has died, and also where
 * the holder is merely slow, and will go on.
 */
export async function acquire(redis: RedisClientType, { key, holder, ttlMs }: Lock): Promise<boolean> {
  const answer = await redis.set(key, holder, { condition: 'NX', expiration: { type: 'PX', value: ttlMs } });
  return answer === 'OK';
}

/** The same, with a token that is higher than all before: see `fenced-store`. Undefined for whoever did not get the lock. */
export async function acquireFenced(redis: RedisClientType, { key, holder, ttlMs }: Lock): Promise<number | undefined> {
  const script = `
    if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('incr', KEYS[2]) end
    return 0`;
  const token = await redis.eval(script, { keys: [key, `${key}:token`], arguments: [holder, String(ttlMs)] });
  return token === 0 ? undefined : Number(token);
}

/** Gives a lock back, unless it has expired and is another's by now: looked at and deleted in one step. */
export async function release(redis: RedisClientType, { key, holder }: Lock): Promise<void> {
  const script = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";
  await redis.eval(script, { keys: [key], arguments: [holder] });
}
