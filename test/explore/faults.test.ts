/** The lab itself: it must kill every broken way to survive, and never accuse the right ones. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { type FaultKind, faultKindNames } from '../../harness/scenario/faults.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import type { FaultSearch } from '../../harness/verdict/fault-verdict.ts';
import { marked, onLinux } from '../support/explore-stage.ts';
import { broken, catalogueUrl, strategyNamed } from '../support/fault-catalogue.ts';

const noFlock = (await missingNeed(['flock(2)'])) !== undefined;

describe.skipIf(!onLinux || noFlock)('under faults', () => {
  let sandbox: string;
  let explorers: Explorers;

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    explorers = await startExplorers({ catalogue: catalogueUrl, sandbox });
  });

  afterAll(async () => {
    await explorers?.close();
    expect(marked(sandbox)).toEqual([]);
    rmSync(sandbox, { recursive: true });
  });

  async function search(
    strategy: string,
    kinds: readonly FaultKind[],
    preemptions = 0,
    target = 'state',
  ): Promise<readonly FaultSearch[]> {
    const task = { target, strategy, seed: 1, budgetMs: 300_000, kinds, faults: 1, preemptions };
    const { searches, broken } = await explorers.upset(task);
    expect(broken).toBeUndefined();
    return searches;
  }

  test.concurrent.each(Object.entries(broken))('found: %s', async (name, mutant) => {
    const { kind, shows, ofDocument, preemptions, witness } = mutant;
    const replay = witness ?? (await found());
    const replayed = await explorers.replay({ witness: replay, times: 5 });
    expect(replayed).toMatchObject({ diverged: [], stepLists: 1 });
    expect(replayed.findings.map((each) => each.class)).toEqual(expect.arrayContaining([...shows]));

    async function found(): Promise<string> {
      const target = ofDocument ? 'document' : 'state';
      const [{ findings }] = (await search(strategyNamed(name), [kind], preemptions, target)) as [FaultSearch];
      expect(findings.map((finding) => finding.class)).toEqual(expect.arrayContaining([...shows]));
      return findings.find((each) => shows.includes(each.class))!.replay!;
    }
  });

  test('never accused: flock, fsync, rename, fsync of the directory', async () => {
    const searches = await search('durable', faultKindNames, 0);
    for (const { kind, findings, extent, points, inapplicable, doubt } of searches) {
      expect({ kind, findings: findings.map(({ replay }) => replay), doubt }).toEqual({ kind, findings: [] });
      if (inapplicable === undefined)
        expect({ kind, extent, points: points > 0 }).toEqual({ kind, extent: 0, points: true });
    }
    expect(searches.filter(({ inapplicable }) => inapplicable !== undefined).map(({ kind }) => kind)).toEqual([
      'clock',
      'server',
    ]);
  });

  test('never accused: a stale lock that one session follows, and nobody removes', async () => {
    const [found] = await search('generations', ['crash']);
    expect(found).toMatchObject({ findings: [], extent: 0 });
  });

  test('a witness of each kind replays to the same steps, 100 times', async () => {
    const [crash] = await search('no-stale-check', ['crash']);
    const [power] = await search('no-fsync-of-the-directory', ['power-ext4']);
    for (const { findings } of [crash!, power!]) {
      const replayed = await explorers.replay({ witness: findings[0]!.replay!, times: 100 });
      expect(replayed).toMatchObject({ diverged: [], times: 100, stepLists: 1 });
    }
  });
});
