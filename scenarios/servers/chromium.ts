import { join } from 'node:path';
import { onPath } from '../../harness/scenario/needs.ts';
import type { Server } from '../../harness/scenario/server.ts';
import { type Program, startProgram } from './daemon.ts';

/** The address of the one page that is open when it has started. */
export const SHARED_PAGE = 'data:text/html,shared';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'] as const;

/** The program: the one that COLLIDE_CHROMIUM names, else one on PATH. */
export function chromiumProgram(): string | undefined {
  const named = process.env.COLLIDE_CHROMIUM;
  return named === undefined || named === '' ? NAMES.map(onPath).find((found) => found !== undefined) : named;
}

/** One browser for all. It is told to stay away from the network. */
export const chromium: Server = {
  name: 'Chromium',
  oneForAll: true,
  start: async (place) => {
    const program = chromiumProgram();
    if (program === undefined) throw new Error('needs Chromium: its path in COLLIDE_CHROMIUM, or chromium on PATH');
    const quiet = [
      'background-networking',
      'component-update',
      'default-apps',
      'dev-shm-usage',
      'extensions',
      'gpu',
      'quic',
      'sync',
    ].map((feature) => `--disable-${feature}`);
    // Its sandbox can't be set up by root, who needs none against pages of our own.
    const unsandboxed = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const profile = ['--headless=new', '--no-first-run', `--user-data-dir=${join(place.dir, 'profile')}`];
    const command = [
      program,
      ...profile,
      ...quiet,
      ...unsandboxed,
      '--remote-debugging-port=0',
      'about:blank',
    ] as const;
    let running: Program | undefined;
    try {
      // What it keeps for its user, it keeps beside its profile.
      const env = { ...place.env, HOME: place.dir, XDG_CONFIG_HOME: place.dir, XDG_CACHE_HOME: place.dir };
      const listening = /DevTools listening on (ws:\S+)/;
      running = await startProgram(command, { ...place, env }, listening);
      const { announced: address, ended, stop } = running;
      // Only here: it takes a while to load, and most processes have no use for it.
      const { chromium: playwright } = await import('playwright-core');
      const browser = await playwright.connectOverCDP(address, { artifactsDir: place.dir });
      await browser.contexts()[0]!.pages()[0]!.goto(SHARED_PAGE);
      await browser.close(); // the connection: the browser is not playwright's to end
      return { address, listens: [], ended, stop };
    } catch (error) {
      await running?.stop();
      throw new Error(`needs Chromium: ${(error as Error).message}`);
    }
  },
};
