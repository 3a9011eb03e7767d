/** Two sessions and one browser, interleaved on purpose: what no explorer can do, a test can. */

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '../../harness/scenario/server.ts';
import { sharedPage, steps } from '../../scenarios/browser-page.ts';
import { ownPage } from '../../scenarios/recipes/browser.ts';
import { chromium } from '../../scenarios/servers/chromium.ts';
import { noteSkipped } from '../support/servers.ts';

const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
let server: RunningServer | undefined;
/** A connection for each session. */
let browsers: readonly [Browser, Browser];

beforeAll(async () => {
  const place = { dir, space: 'test', env: process.env, signal: new AbortController().signal, tell: () => {} };
  try {
    server = await chromium.start(place);
  } catch (error) {
    noteSkipped('browser-page', (error as Error).message);
    return;
  }
  const connect = (): Promise<Browser> => playwright.connectOverCDP(server!.address);
  browsers = [await connect(), await connect()];
});

afterAll(async () => {
  for (const browser of browsers ?? []) await browser.close();
  await server?.stop();
  await rm(dir, { recursive: true, maxRetries: 10 });
});

/** B opens, fills and saves its form between A's filling and A's look. Returns what A sees. */
async function seen([a, b]: readonly [Page, Page]): Promise<string> {
  await steps.open(a);
  await steps.fill(a, 'A');
  await steps.save(a);
  await steps.open(b);
  await steps.fill(b, 'B');
  await steps.save(b);
  return await steps.look(a);
}

test('a shared page shows what the other session has saved', async () => {
  if (server === undefined) return;
  const [a, b] = browsers;
  expect(await seen([sharedPage(a), sharedPage(b)])).toBe('B');
});

test('pages in contexts of their own do not', async () => {
  if (server === undefined) return;
  const [a, b] = browsers;
  expect(await seen([await ownPage(a), await ownPage(b)])).toBe('A');
});

/** The fix, broken. */
test.each<[string, (browsers: readonly [Browser, Browser]) => Promise<readonly [Page, Page]>]>([
  [
    'a context of its own, but the page that is there',
    async ([a, b]) => {
      await Promise.all([a.newContext(), b.newContext()]);
      return [sharedPage(a), sharedPage(b)];
    },
  ],
  [
    'one context, and in it one page, for all sessions of a process',
    async ([a]) => {
      const page = await ownPage(a);
      return [page, page];
    },
  ],
])('killed: %s', async (_, pages) => {
  if (server === undefined) return;
  expect(await seen(await pages(browsers))).toBe('B');
});
