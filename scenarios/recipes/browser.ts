import type { Browser, Page } from 'playwright-core';

let connected: { readonly address: string; readonly browser: Browser } | undefined;

/** A browser that runs already, over a connection that the process keeps. */
export async function browserAt(address: string): Promise<Browser> {
  if (connected?.address !== address || !connected.browser.isConnected()) {
    const { chromium } = await import('playwright-core');
    connected = { address, browser: await chromium.connectOverCDP(address) };
  }
  return connected.browser;
}

const own = new WeakMap<Browser, Promise<Page>>();

/**
 * A page in a context of this process's own, which it keeps: cookies, storage and pages of other contexts are out of reach, as in
 * another profile.
 */
export async function ownPage(browser: Browser): Promise<Page> {
  const page = own.get(browser) ?? browser.newContext().then((context) => context.newPage());
  own.set(browser, page);
  return await page;
}
