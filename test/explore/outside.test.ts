/** What commands change outside of the resource, by one explorer that has several targets. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogueUrl } from '../../harness/config/load.ts';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { onLinux } from '../support/explore-stage.ts';

describe.skipIf(!onLinux)('what sessions change outside', () => {
  let sandbox: string;
  let elsewhere: string;
  let explorers: Explorers;

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    elsewhere = mkdtempSync(join(tmpdir(), 'collide-test-'));
    for (const name of ['old', 'token']) writeFileSync(join(elsewhere, name), '');
    const targets = [
      { id: 'shared', commands: `mkdir -p ${elsewhere}/lock` },
      { id: 'in-memory', commands: `: > /dev/shm/${elsewhere.slice(-6)}` },
      { id: 'apart', commands: `: > ${elsewhere}/{session}` },
      { id: 'within', commands: 'echo {session} >> log' },
      { id: 'moved', commands: `mv ${elsewhere}/old ${elsewhere}/new 2> /dev/null || true` },
      { id: 'moved-in', commands: `mv ${elsewhere}/token taken-{session} 2> /dev/null || true` },
      { id: 'moved-out', commands: `: > own-{session}; mv own-{session} ${elsewhere}/result` },
    ];
    const catalogue = catalogueUrl({ targets, dir: '/', name: 'a test' });
    explorers = await startExplorers({ catalogue, sandbox, count: 1 });
  });

  afterAll(async () => {
    await explorers?.close();
    for (const path of [sandbox, elsewhere, `/dev/shm/${elsewhere.slice(-6)}`])
      rmSync(path, { recursive: true, force: true });
  });

  /** One after another, since what is seen of one must not be said of the next. */
  test('is said of those who did it', async () => {
    const said: unknown[] = [];
    for (const target of ['shared', 'within', 'in-memory', 'apart', 'within', 'moved', 'moved-in', 'moved-out']) {
      const { doubt, outside = [] } = await explorers.examine({
        target,
        strategy: 'commands',
        seed: 1,
        budgetMs: 60_000,
      });
      said.push([target, doubt?.includes('several sessions change') === true, outside]);
    }
    expect(said).toEqual([
      ['shared', true, [`${elsewhere}/lock`]],
      ['within', false, []],
      ['in-memory', true, [`/dev/shm/${elsewhere.slice(-6)}`]],
      ['apart', false, [`${elsewhere}/0`, `${elsewhere}/1`]],
      ['within', false, []],
      ['moved', true, [`${elsewhere}/new`, `${elsewhere}/old`]],
      ['moved-in', true, [`${elsewhere}/token`]],
      ['moved-out', true, [`${elsewhere}/result`]],
    ]);
  });
});
