/** The HTML report in a real browser. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { htmlReport } from '../../harness/report/html/html.ts';
import type { Report } from '../../harness/report/report.ts';
import { chromiumProgram } from '../../scenarios/servers/chromium.ts';
import { largeReport, smallReport } from '../support/html-report.ts';
import { noteSkipped } from '../support/servers.ts';

const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
let browser: Browser | undefined;

beforeAll(async () => {
  const executablePath = chromiumProgram();
  if (executablePath === undefined) {
    noteSkipped('the HTML report in a browser', 'needs Chromium: its path in COLLIDE_CHROMIUM, or chromium on PATH');
    return;
  }
  browser = await playwright.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0, timeout: 0 });
});

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await rm(dir, { recursive: true, maxRetries: 10 });
});

interface Opened {
  readonly page: Page;
  /** What the page complained of: errors of its script, and what its policy forbade. */
  readonly complaints: readonly string[];
}

async function open(
  report: Report,
  { hash = '', ...options }: BrowserContextOptions & { hash?: string } = {},
): Promise<Opened> {
  const file = join(dir, 'report.html');
  writeFileSync(file, htmlReport(report));
  const context = await browser!.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  await context.setOffline(true);
  context.setDefaultTimeout(0); // the test has one
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('dialog', (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!/^(?:file|data):/.test(request.url())) complaints.push(request.url());
  });
  await page.goto(`${pathToFileURL(file)}${hash}`);
  return { page, complaints };
}

const finding = (id: string, step = ''): string => `#${new URLSearchParams({ finding: id, ...(step && { step }) })}`;

const LOST = 'ingest-health/rmw LAST_WRITER_WINS';

const goTo = (page: Page, hash: string): Promise<unknown> => page.evaluate(`location.hash = ${JSON.stringify(hash)}`);

const inBrowser = (name: string, body: () => Promise<void>): void =>
  test(name, async () => {
    if (browser !== undefined) await body();
  });

inBrowser('a mark of the overview leads to its finding, and back to where one was', async () => {
  const { page, complaints } = await open(smallReport(), { hash: '#priority=P1' });
  await page.getByRole('link', { name: 'LAST_WRITER_WINS', exact: true }).click();
  const heading = page.getByRole('heading', { name: LOST.replace(' ', ': ') });
  await heading.waitFor();
  expect(await page.evaluate('document.activeElement.id')).toBe('finding-title');
  expect(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('priority')).toBe('P1');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Targets and classes' }).waitFor();
  expect(await page.evaluate('document.activeElement.textContent')).toContain('LAST_WRITER_WINS');
  expect(complaints).toEqual([]);
});

inBrowser('the slider walks through the steps by keyboard, and says each in words', async () => {
  const { page, complaints } = await open(smallReport(), { hash: finding(LOST) });
  const slider = page.getByRole('slider', { name: 'Step' });
  const words = (): Promise<string | null> => slider.getAttribute('aria-valuetext');
  expect(await words()).toMatch(/^step 5: session 0: write/); // the one that decides
  await slider.focus();
  await page.keyboard.press('Home');
  expect(await words()).toBe('step 1: session 0: open health.json');
  await page.keyboard.press('ArrowRight');
  expect(await words()).toMatch(/^step 2: session 0: read/);
  expect(page.url()).toMatch(/step=2$/);
  const inspector = page.locator('.inspector');
  expect(await inspector.innerText()).toContain('"fire_count":41');
  expect(await inspector.innerText()).toContain('begins with step 3: read health.json');
  await page.keyboard.press('End');
  expect(await inspector.innerText()).toMatch(/session 1\s+has ended → ok/);
  expect(await page.locator('.steps [aria-current]').innerText()).toContain('◆ write');
  expect(complaints).toEqual([]);
});

inBrowser('expected and actual stand side by side', async () => {
  const { page } = await open(smallReport(), { hash: finding(LOST, '2') });
  const marked = (side: string): Promise<string[]> =>
    page.locator(`.file:has(code:text-is("health.json")) .${side} mark`).allInnerTexts();
  expect([await marked('expected'), await marked('actual')]).toEqual([['43'], ['42']]);
});

inBrowser('a lock that another session has is waited for, until that is killed', async () => {
  const { page } = await open(smallReport(), { hash: finding('ingest-health/flock ~crash LOST_ON_CRASH', '2') });
  const standing = page.locator('.standing');
  expect(await standing.innerText()).toContain('waits before step 4: lock lock, which session 0 has');
  await page.getByRole('button', { name: 'Go to the fault' }).click();
  expect(await standing.innerText()).toContain('killed before it');
  expect(await page.locator('.inspector').innerText()).toContain('⚡ killed before it');
});

inBrowser('what is filtered stands in the address, and comes back from there', async () => {
  const { page } = await open(smallReport(), { hash: '#class=TORN_STATE' });
  const rows = (): Promise<string[]> => page.locator('#overview tr.row:visible th').allInnerTexts();
  expect(await rows()).toEqual(['rmw', 'late']);
  await page.getByRole('combobox', { name: 'Class' }).selectOption('');
  await page.getByLabel('Search').fill('token');
  expect(await rows()).toEqual(['check', 'cas']);
  await page.getByLabel('only unexpected').check();
  expect(await rows()).toEqual(['check']);
  expect(new URL(page.url()).hash).toBe('#q=token&unexpected=1');
  await page.reload();
  expect(await rows()).toEqual(['check']);
  expect(await page.locator('#shown').innerText()).toBe('1 of 6 rows');
  await page.getByRole('button', { name: 'Clear' }).click();
  expect(await rows()).toHaveLength(5);
});

inBrowser('whatever the data look like, they are text', async () => {
  const hostile = '</script><img src=x onerror=alert(1)><script>alert(2)</script>';
  const { page, complaints } = await open(smallReport(hostile));
  const links = await page.locator('td a').evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
  expect(links).toHaveLength(4);
  for (const link of links) {
    await goTo(page, link);
    await page.locator('#finding-title').waitFor();
    expect(await page.locator('img').count()).toBe(0);
  }
  await goTo(page, finding(LOST));
  await page.locator('#finding').getByText(hostile).first().waitFor();
  expect(complaints).toEqual([]);
});

inBrowser('the colours are those of the system, or those that were chosen', async () => {
  const { page } = await open(smallReport(), { colorScheme: 'dark' });
  const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = await ground();
  await page.getByRole('button', { name: 'Switch to light colours' }).click();
  const light = await ground();
  expect([dark, light]).toEqual(['rgb(20, 23, 26)', 'rgb(255, 255, 255)']);
  await page.reload();
  expect(await ground()).toBe(light);
});

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Contrast is a matter of the colours, and whether all is in its place of the width: two pages see all four. */
for (const [colorScheme, width] of [
  ['light', 1400],
  ['dark', 400],
] as const) {
  inBrowser(`nobody is shut out, ${colorScheme}, ${width} pixels wide`, async () => {
    const { page } = await open(smallReport(), { colorScheme, viewport: { width, height: 900 } });
    await page.evaluate(readFileSync(axe, 'utf8'));
    for (const hash of ['', finding(LOST, '3'), finding('ingest-health/flock ~crash LOST_ON_CRASH')]) {
      await goTo(page, hash);
      await page.locator(hash === '' ? '#overview-title' : '#finding-title').waitFor();
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      const { violations } = await page.evaluate<AxeResults>('axe.run()');
      const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      expect({ hash, said, overflow }).toEqual({ hash, said: [], overflow: 0 });
    }
  });
}

inBrowser('of 500 findings only the one that is opened is there', async () => {
  const { page, complaints } = await open(largeReport(500));
  const nodes = (): Promise<number> => page.evaluate("document.querySelectorAll('*').length");
  const before = await nodes();
  expect(before).toBeLessThan(500 * 16);
  await page.getByLabel('Search').fill('strategy-499');
  expect(await page.locator('#overview tr.row:visible').count()).toBe(1);
  await page.getByRole('link', { name: 'LAST_WRITER_WINS', exact: true }).click();
  await page.locator('#finding-title').waitFor();
  expect((await nodes()) - before).toBeLessThan(300);
  await page.keyboard.press('Escape');
  await page.locator('#overview-title').waitFor();
  expect(await nodes()).toBe(before);
  expect(complaints).toEqual([]);
});
