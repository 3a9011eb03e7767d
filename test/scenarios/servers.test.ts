/** Servers of the user's own, named by a variable: where they can't be reached, that is said without the password. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Server } from '../../harness/scenario/server.ts';
import { Servers } from '../../harness/session/servers.ts';
import { chromium } from '../../scenarios/servers/chromium.ts';
import { mongo } from '../../scenarios/servers/mongo.ts';
import { redacted } from '../../scenarios/servers/redacted.ts';
import { redis } from '../../scenarios/servers/redis.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

async function reasonOf(server: Server): Promise<string> {
  const servers = new Servers(dir);
  try {
    return await servers.endpoint(server, 'test').then(
      () => 'it runs',
      (error: Error) => error.message,
    );
  } finally {
    await servers.close();
  }
}

test.each([
  ['Redis', 'COLLIDE_REDIS_URL', 'redis://bob:secret@127.0.0.1:1', 'redis://bob:…@127.0.0.1:1', 'ECONNREFUSED', redis],
  ['Redis', 'COLLIDE_REDIS_URL', 'garbage', 'garbage', 'Invalid URL', redis],
  [
    'MongoDB',
    'COLLIDE_MONGO_URI',
    'mongodb://bob:secret@127.0.0.1:1/',
    'mongodb://bob:…@127.0.0.1:1/',
    'ECONNREFUSED',
    mongo,
  ],
  ['MongoDB', 'COLLIDE_MONGO_URI', 'garbage', 'garbage', 'Invalid scheme', mongo],
  ['Chromium', 'COLLIDE_CHROMIUM', '/nowhere/chrome', '/nowhere/chrome', 'could not be started', chromium],
] as const)('%s: %s=%s is reported as %s: %s', async (name, variable, value, shown, reason, server) => {
  vi.stubEnv(variable, value);
  const words = await reasonOf(server);
  expect(words).toContain(`needs ${name}`);
  expect(words).toContain(shown);
  expect(words).toContain(reason);
  expect(words).not.toContain('secret');
});

describe('without a variable and with an empty PATH', () => {
  test.each([
    ['needs Redis or Valkey: a URL in COLLIDE_REDIS_URL, or redis-server or valkey-server on PATH', redis],
    ['needs Chromium: its path in COLLIDE_CHROMIUM, or chromium on PATH', chromium],
  ])('%s', async (reason, server) => {
    for (const variable of ['COLLIDE_REDIS_URL', 'COLLIDE_CHROMIUM']) vi.stubEnv(variable, '');
    vi.stubEnv('PATH', dir);
    expect(await reasonOf(server)).toBe(reason);
  });
});

test.each([
  ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
  ['redis://:pass@host', 'redis://:…@host'],
  ['mongodb://a:b:c@d@host:1,other:2/name', 'mongodb://a:…@host:1,other:2/name'],
  ['mongodb://host/name?password=secret', 'mongodb://host/name?…'],
  ['redis://user:pass/word@host', 'redis://user:…@host'],
  ['mongodb://a@host/', 'mongodb://a@host/'],
])('%s is printed as %s', (address, printed) => expect(redacted(address)).toBe(printed));
