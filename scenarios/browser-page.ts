import type { Browser, Page } from 'playwright-core';
import { onlyItsOwn } from '../harness/oracle/grants.ts';
import { defineScenario, type Perform } from '../harness/scenario/scenario.ts';
import { browserAt, ownPage } from './recipes/browser.ts';
import { chromium, SHARED_PAGE } from './servers/chromium.ts';

const FORM = `<form onsubmit="event.preventDefault(); document.title = this.name.value"><input name="name"></form>`;

/** What sessions do with a browser: they open a page, fill a form in, send it off, and look what has come of it. */
export const steps = {
  open: (page: Page): Promise<void> => page.setContent(FORM),
  fill: (page: Page, name: string): Promise<void> =>
    page.$eval('input', (input, value) => input.setAttribute('value', value), name),
  save: (page: Page): Promise<void> => page.$eval('form', (form) => form.requestSubmit()),
  look: (page: Page): Promise<string> => page.title(),
};

async function saveName(page: Page, name: string): Promise<string> {
  await steps.open(page);
  await steps.fill(page, name);
  await steps.save(page);
  return await steps.look(page);
}

/** The page that is open since the browser was started. A client sees those of other clients, too. */
export const sharedPage = (browser: Browser): Page =>
  browser
    .contexts()[0]!
    .pages()
    .find((page) => page.url() === SHARED_PAGE)!;

const connect: Perform = async (session) => {
  await browserAt(session.server);
};

const prepare: Perform = async (session) => {
  await sharedPage(await browserAt(session.server)).setContent('');
};

const common = {
  server: chromium,
  unexplored: 'a browser is many processes, which do not take the same steps twice',
  prepare,
  open: connect,
} as const;

export default defineScenario({
  id: 'browser-page',
  priority: 'P1',
  source: 'P1-10',
  place: 'home',
  touchedBy: 'sessions with hooks',
  resource: 'one headless browser for all sessions (Chromium)',
  writers: 'every session, through the remote debugging protocol (Node, playwright-core)',
  audit: 'fix deferred',
  fix: 'context-per-session',
  operations: 2,
  setup: () => {},
  oracles: [
    onlyItsOwn(({ id, kind, output, error }) => {
      if (kind !== 'write' || output === id) return undefined;
      // Its page was taken away, or its form replaced, while it filled it in: nobody but another session does that.
      return error === undefined
        ? `${id} saw ${String(output) || 'an empty form'}`
        : `${id} lost its page: ${error.message}`;
    }),
  ],

  strategies: {
    'shared-page': {
      ...common,
      does: 'open, fill, save and look in the page that is there',
      truth: ['CONTAMINATED'],
      why: "B opens its form, or saves it, between A's filling and A's look.",
      perform: async (session) => await saveName(sharedPage(await browserAt(session.server)), session.id),
    },
    'context-per-session': {
      ...common,
      does: 'the same in a context of its own',
      truth: 'SAFE',
      why: 'A context shares neither pages nor cookies nor storage with any other.',
      cost: 'Memory for each context, and a login for each where one is needed.',
      open: async (session) => void (await ownPage(await browserAt(session.server))),
      perform: async (session) => await saveName(await ownPage(await browserAt(session.server)), session.id),
    },
  },
});
